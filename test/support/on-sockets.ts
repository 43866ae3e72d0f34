import { isDeepStrictEqual } from 'node:util';
import { refusals } from '#core/http1/refusal';
import { says } from './says.ts';
import { type Received, sendStream } from './send-stream.ts';
import type { StartedProxy } from './start-proxy.ts';
import type { StrictOrigin } from './strict-origin.ts';
import { type Understood, understand } from './understand.ts';

/** A proxy whose one route leads to the origin. */
export interface Setting {
  readonly proxy: StartedProxy;
  readonly origin: StrictOrigin;
}

export interface Stream {
  readonly text: string;
  /** Offsets at which it is cut into writes. */
  readonly cuts: readonly number[];
  /** The address it comes from, by which the origin knows its requests: none may use it twice. */
  readonly from: string;
}

/**
 * Sends a stream through a real proxy and returns what is wrong: an answer that should not be,
 * a request that the origin did not get, or got otherwise, or should not have got.
 */
export async function faultOnSockets(
  { proxy, origin }: Setting,
  { text, cuts, from }: Stream,
): Promise<string | undefined> {
  const understood = understand(text, [], `127.0.0.1:${origin.port}`);
  const { end, statuses } = understood;
  const expected = [...statuses, ...(end.kind === 'refused' ? [refusals[end.code].status] : [])];
  const pieces = [...cuts, text.length].map((cut, i) => text.slice(cuts[i - 1] ?? 0, cut));
  const received = await sendStream(proxy.port, {
    pieces: pieces.filter((piece) => piece !== ''),
    finals: expected.length,
    // The origin answers everything without a body: only a refusal tells HEAD from others.
    isHead: (number) => number === statuses.length && end.kind === 'refused' && end.isHead,
    ends: end.kind !== 'open',
    from,
  });
  return (
    faultOfAnswers(received, expected) ??
    faultOfRefusal(received, understood) ??
    faultAtOrigin(origin, from, understood)
  );
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}

function faultOfAnswers(received: Received, expected: readonly number[]): string | undefined {
  const { responses, rest, malformed, resetBy } = received;
  const statuses = responses.map(({ status }) => status).filter((status) => status >= 200);
  if (!isDeepStrictEqual(statuses, expected)) {
    return `answered ${statuses.join()} instead of ${expected.join()}`;
  }
  if (rest !== '') return `behind the answers: ${shown(rest)}, ${malformed}`;
  return resetBy === undefined ? undefined : `ended by ${resetBy}`;
}

/** What a refusal says beside its body. */
const refusalFields =
  /^Date \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT (?:Allow [A-Z, ]+ )?Content-Type application\/json Connection close$/;

/** It says what is wrong, and nothing of what was sent. */
function faultOfRefusal({ responses }: Received, { end }: Understood): string | undefined {
  const last = responses.at(-1);
  if (end.kind !== 'refused' || last === undefined) return undefined;
  const { status, message } = refusals[end.code];
  const body = `${shown({ error: end.code, status, message })}\n`;
  const isRight =
    refusalFields.test(last.fields.join(' ')) &&
    last.framed === `Content-Length: ${body.length}` &&
    last.body === (end.isHead ? '' : body);
  return isRight ? undefined : `refused by ${shown(last)} instead of ${body}`;
}

function faultAtOrigin(
  { requests, malformed }: StrictOrigin,
  from: string,
  understood: Understood,
): string | undefined {
  if (malformed.length > 0) return `the origin got ${malformed.join('\n')}`;
  const got = requests.filter(({ client }) => client === from);
  const isSame =
    got.length === understood.requests.length &&
    got.every(({ client: _, ...request }, i) => {
      const expected = understood.requests[i];
      return expected !== undefined && says(request, expected);
    });
  return isSame
    ? undefined
    : `the origin got ${shown(got)} instead of ${shown(understood.requests)}`;
}
