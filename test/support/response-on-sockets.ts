import { isDeepStrictEqual } from 'node:util';
import { type CanonicalResponse, type Responses, readResponses } from './canonical-response.ts';
import { RawClient } from './raw-client.ts';
import type { ScriptedOrigin } from './scripted-origin.ts';
import type { StartedProxy } from './start-proxy.ts';
import {
  type UnderstoodHead,
  type UnderstoodResponse,
  understandResponse,
} from './understand-response.ts';

/** Nobody else uses them at the same time. */
export interface ResponseSetting {
  readonly proxy: StartedProxy;
  readonly origin: ScriptedOrigin;
}

export interface ScriptedResponse {
  readonly text: string;
  readonly method: 'GET' | 'HEAD';
  /** Offsets at which it is cut into writes. */
  readonly cuts: readonly number[];
  /** By which origin and client mean the same one: none may be used twice. */
  readonly id: string;
}

/**
 * Lets a version send these bytes through a real proxy and returns what is wrong with what the
 * client gets: the response as it was meant, a 502, or a connection that breaks; and behind it
 * the answer to its next request, and nothing that was not meant for it.
 */
export async function faultOfResponse(
  { proxy, origin }: ResponseSetting,
  { text, method, cuts, id }: ScriptedResponse,
): Promise<string | undefined> {
  const understood = understandResponse(text, method === 'HEAD');
  const { end, final } = understood;
  const pieces = [...cuts, text.length].map((cut, i) => text.slice(cuts[i - 1] ?? 0, cut));
  origin.script(id, pieces, end === 'short' || end === 'until_close');
  const client = await RawClient.connect(proxy.port);
  const read = () => readResponses(client.received, (number) => number === 0 && method === 'HEAD');
  client.write(`${method} /${id} HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n`);
  const breaks = final !== undefined && (end === 'short' || end === 'refused');
  if (breaks) await client.closes();
  else {
    await client.until(({ isClosed }) => isClosed || hasFinal(read(), 1));
    // Bytes behind a response end its connection, if they come before it is used again.
    if (end === 'whole' && understood.at < text.length) await origin.left();
    client.write(`GET /next/${id} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await client.until(({ isClosed }) => isClosed || hasFinal(read(), 2));
    client.destroy();
  }
  return breaks
    ? faultOfBreak(client, understood)
    : faultOfAnswers(read(), understood, `/next/${id}`);
}

function hasFinal({ responses, malformed }: Responses, count: number): boolean {
  return malformed !== undefined || responses.filter(({ status }) => status >= 200).length >= count;
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}

/** What was sent cannot pass for a whole response. */
function faultOfBreak(client: RawClient, understood: UnderstoodResponse): string | undefined {
  if (client.resetBy !== 'ECONNRESET') return `ended by ${client.resetBy ?? 'FIN'}`;
  const { responses } = readResponses(client.received);
  const isWhole = responses.some(({ status }) => status >= 200);
  return isWhole ? `read as whole: ${shown(responses)} instead of ${shown(understood)}` : undefined;
}

function faultOfAnswers(
  { responses, rest, malformed }: Responses,
  understood: UnderstoodResponse,
  next: string,
): string | undefined {
  const said = () => `${shown({ responses, rest, malformed })} instead of ${shown(understood)}`;
  if (rest !== '') return said();
  const interims = understood.interims.filter(({ status }) => status !== 100);
  const [final, second, ...others] = responses.slice(interims.length);
  const isRight =
    others.length === 0 &&
    second?.body === next &&
    interims.every((interim, i) => isInterim(responses[i], interim)) &&
    (understood.final === undefined || understood.end === 'refused'
      ? isBadGateway(final)
      : isFinal(final, understood, understood.final));
  return isRight ? undefined : said();
}

function isBadGateway(response: CanonicalResponse | undefined): boolean {
  return (
    response?.status === 502 &&
    /^(?:\{"error":"upstream_(?:malformed|reset)".*|)$/s.test(response.body)
  );
}

/** What we add, behind the version's fields. */
const ours = /^(?:Date \w{3}, [\w :]+ GMT )?Via 1\.[01] turnout$/;

function isHead(read: CanonicalResponse | undefined, expected: UnderstoodHead): boolean {
  if (read === undefined) return false;
  const { length } = expected.fields;
  return (
    read.status === expected.status &&
    read.reason === expected.reason &&
    isDeepStrictEqual(read.fields.slice(0, length), expected.fields) &&
    ours.test(read.fields.slice(length).join(' '))
  );
}

function isInterim(read: CanonicalResponse | undefined, expected: UnderstoodHead): boolean {
  return isHead(read, expected) && read?.framed === undefined;
}

function isFinal(
  read: CanonicalResponse | undefined,
  { body, trailers, end }: UnderstoodResponse,
  expected: UnderstoodHead,
): boolean {
  if (read === undefined) return false;
  const { contentLength, status } = expected;
  const length =
    status === 204 || contentLength < 0 ? undefined : `Content-Length: ${contentLength}`;
  const isChunked = read.framed === 'Transfer-Encoding: chunked';
  const isFramed = isChunked
    ? length === undefined && (end === 'until_close' || status >= 200)
    : read.framed === length;
  return isHead(read, expected) && isFramed && read.body === body && read.trailers === trailers;
}
