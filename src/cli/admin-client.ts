import type { Answer, Call } from './call.ts';
import type { Ports } from './ports.ts';
import { exitCodes, Trouble } from './trouble.ts';

/** An admin listener to be asked. */
export interface AdminClient {
  readonly get: (path: string) => Promise<Json>;
  readonly post: (path: string, body: Json) => Promise<Json>;
  /** Shows something that may be changed, with the tag of how it was seen. */
  readonly tagged: (path: string) => Promise<{ readonly value: Json; readonly tag: string }>;
  readonly put: (change: TaggedChange) => Promise<Json>;
  readonly delete: (change: TaggedChange) => Promise<Json>;
}

type Json = Readonly<Record<string, unknown>>;

/** A change of something that was seen. */
export interface TaggedChange {
  readonly path: string;
  readonly body: Json;
  readonly ifMatch: string;
}

/** Nobody answered, or not what an admin listener answers: perhaps later. */
export class Unreachable extends Trouble {}

/** Returns a client of the listener at an address; what goes wrong is a `Trouble`. */
export function adminClient(
  address: string,
  token: string | undefined,
  { call }: Pick<Ports, 'call'>,
): AdminClient {
  const ask = async (method: Call['method'], path: string, body?: Json, ifMatch?: string) => {
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const text = body && JSON.stringify(body);
    const answer = await call({ method, url: `${address}${path}`, headers, body: text }).catch(
      (error: unknown) => {
        throw unreachable(address, error);
      },
    );
    return { value: read(answer, address), tag: answer.etag ?? '*' };
  };
  const answered = async (asked: ReturnType<typeof ask>) => (await asked).value;
  return {
    get: (path) => answered(ask('GET', path)),
    post: (path, body) => answered(ask('POST', path, body)),
    tagged: (path) => ask('GET', path),
    put: ({ path, body, ifMatch }) => answered(ask('PUT', path, body, ifMatch)),
    delete: ({ path, body, ifMatch }) => answered(ask('DELETE', path, body, ifMatch)),
  };
}

const elsewhere =
  'does "turnout run" serve there? --address or TURNOUT_ADDRESS names another place';

function unreachable(address: string, error: unknown): Unreachable {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const cause = code ?? (error instanceof Error ? error.message : String(error));
  return new Unreachable(
    exitCodes.unreachable,
    `nothing answers at ${address} (${cause})`,
    elsewhere,
  );
}

function read({ status, contentType, body }: Answer, address: string) {
  const value = isJson(contentType) ? parsed(body) : undefined;
  if (value === undefined) {
    const message = `what answers at ${address} is no admin listener of Turnout (${status})`;
    throw new Unreachable(exitCodes.unreachable, message, elsewhere);
  }
  if (status < 300) return value;
  throw new Trouble(exitCodeOf(status), String(value.detail ?? value.title), hintIn(value, status));
}

function isJson(contentType: string): boolean {
  return /^application\/(?:problem\+)?json\b/i.test(contentType);
}

function parsed(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // What a program of this version answers; its keys are read by who asked.
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const exitCodesOf: Readonly<Record<number, number>> = {
  400: exitCodes.wrongUse,
  401: exitCodes.unreachable,
  403: exitCodes.unreachable,
  404: exitCodes.wrongUse,
  409: exitCodes.conflict,
  412: exitCodes.conflict,
  415: exitCodes.wrongUse,
  422: exitCodes.wrongUse,
  429: exitCodes.unreachable,
};

function exitCodeOf(status: number): number {
  return exitCodesOf[status] ?? exitCodes.badState;
}

function hintIn({ hint }: Json, status: number): string | undefined {
  if (typeof hint === 'string') return hint;
  return status === 401 ? '--token-file names the file of your token' : undefined;
}
