import { isDeepStrictEqual } from 'node:util';
import { comparedPath, withoutDotSegments } from '#core/http1/path';
import { type CanonicalRequest, readCanonical } from '../support/canonical-request.ts';
import { says } from '../support/says.ts';
import { type Understood, understand } from '../support/understand.ts';
import { isKnownToNode, type NodeRequest, nodeReader } from './node-reader.ts';

/** What was made of a stream. */
export interface Checked {
  /** What is wrong; undefined if nothing is. */
  readonly fault: string | undefined;
  readonly understood: Understood;
  /** Node was asked what it reads of what was forwarded, and of the stream itself. */
  readonly readByNode: boolean;
  /** How long it took to understand the stream. */
  readonly tookMs: number;
}

const readByNode = nodeReader();

/**
 * Checks one stream of requests: it is refused, or what is forwarded is read as the same
 * requests by whoever reads it, and nothing is swallowed or made up on the way.
 */
export async function checkRequests(stream: string, cuts: readonly number[]): Promise<Checked> {
  const { understood, tookMs } = timed(stream);
  const { requests } = understood;
  const methods = [...requests.map(({ method }) => method), ...methodsOf(understood.unfinished)];
  const isForNode = methods.length > 0 && methods.every(isKnownToNode);
  const forwarded: CanonicalRequest[] = [];
  const fault =
    faultOfTime(tookMs) ??
    faultOfCuts(understood, understand(stream, cuts), cuts) ??
    faultOfForm(understood, forwarded) ??
    (isForNode ? await faultByNode(stream, understood, forwarded) : undefined);
  return { fault, understood, readByNode: isForNode, tookMs };
}

/** No message may hold up all others for longer. */
const mostMs = 50;

/** Understands a stream; what took long is looked at again, as something else may have been in the way. */
function timed(stream: string): { readonly understood: Understood; readonly tookMs: number } {
  let tookMs = Number.POSITIVE_INFINITY;
  for (let times = 0; ; times++) {
    const startedAt = performance.now();
    const understood = understand(stream);
    tookMs = Math.min(tookMs, performance.now() - startedAt);
    if (tookMs <= mostMs / 10 || times === 3) return { understood, tookMs };
  }
}

function faultOfTime(tookMs: number): string | undefined {
  return tookMs > mostMs ? `took ${tookMs} ms` : undefined;
}

function methodsOf(unfinished: string): string[] {
  return unfinished === '' ? [] : [unfinished.slice(0, unfinished.indexOf(' '))];
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}

/** However it is cut, a stream is the same; only our own chunks may differ. */
function faultOfCuts(
  whole: Understood,
  cut: Understood,
  cuts: readonly number[],
): string | undefined {
  const isSame =
    isDeepStrictEqual(whole.requests, cut.requests) &&
    isDeepStrictEqual(whole.statuses, cut.statuses) &&
    isDeepStrictEqual(whole.end, cut.end);
  return isSame ? undefined : `cut at ${cuts.join()}: ${shown(cut)} instead of ${shown(whole)}`;
}

/**
 * What is forwarded is of the one form that everybody reads alike, and says what was understood.
 * What is read of it is added to `forwarded`.
 */
function faultOfForm(
  { bytes, requests, unfinished }: Understood,
  forwarded: CanonicalRequest[],
): string | undefined {
  let at = 0;
  for (const expected of requests) {
    const reading = readCanonical(bytes, at);
    if (reading.kind !== 'request') return `forwarded ${shown(bytes.slice(at))}: ${shown(reading)}`;
    if (!says(reading.request, expected)) {
      return `forwarded ${shown(reading.request)} instead of ${shown(expected)}`;
    }
    if (!isPlainPath(expected.target))
      return `forwarded a path that goes elsewhere: ${expected.target}`;
    forwarded.push(reading.request);
    at = reading.end;
  }
  if (at !== bytes.length) return `forwarded more: ${shown(bytes.slice(at))}`;
  const rest = readCanonical(unfinished);
  return rest.kind === 'more' ? undefined : `what is not whole is read: ${shown(rest)}`;
}

/**
 * Whether a path stays where it is for everybody: a WHATWG URL parser, which takes dot
 * segments out, reads backslashes as slashes and finds hosts, leaves it as it is.
 */
function isPlainPath(target: string): boolean {
  const path = target.replace(/\?.*$/s, '');
  const url = new URL(`http://a.example${path}`);
  // What the parser escapes is not what this is about.
  const isSame = url.pathname === path || /["<>^`{}|]/.test(path);
  return isSame && url.host === 'a.example' && matched(path) === matched(matched(path));
}

function matched(path: string): string {
  return comparedPath(withoutDotSegments(path));
}

async function faultByNode(
  stream: string,
  understood: Understood,
  forwarded: readonly CanonicalRequest[],
): Promise<string | undefined> {
  const { bytes, unfinished, end } = understood;
  const read = await readByNode(Buffer.from(bytes + unfinished, 'latin1'));
  const whole = read.requests.filter(({ isWhole }) => isWhole);
  const isAlike =
    whole.length === forwarded.length &&
    whole.every((each, i) => isSame(each, forwarded[i])) &&
    (unfinished !== '' || read.refusal === '');
  if (!isAlike) return `Node reads ${shown(read)} of ${shown(bytes + unfinished)}`;
  return faultOfOriginal(stream, understood, end.kind === 'closed' ? end.at : stream.length);
}

const notCompared = /^(?:content-length|transfer-encoding)$/i;

function isSame(read: NodeRequest, forwarded: CanonicalRequest | undefined): boolean {
  if (forwarded === undefined) return false;
  const { host, fields, trailers, ...rest } = forwarded;
  const compared = read.fields.filter((_, at) => !notCompared.test(read.fields[at & ~1] ?? ''));
  return isDeepStrictEqual(
    {
      method: read.method,
      target: read.target,
      body: read.body,
      fields: compared,
      trailers: read.trailers,
    },
    {
      ...rest,
      fields: ['Host', host, ...fields],
      trailers: trailers.split('\r\n').slice(0, -1).flatMap(nameAndValue),
    },
  );
}

function nameAndValue(line: string): [name: string, value: string] {
  const colon = line.indexOf(': ');
  return [line.slice(0, colon), line.slice(colon + 2)];
}

/**
 * What is taken whole is a strict subset of HTTP/1.1: who reads the stream itself, without us,
 * reads the same requests, or refuses them.
 */
async function faultOfOriginal(
  stream: string,
  { requests, statuses, end }: Understood,
  stop: number,
): Promise<string | undefined> {
  const isWhole = end.kind === 'closed' || (end.kind === 'open' && !end.isMidway);
  if (!isWhole || statuses.length !== requests.length) return undefined;
  // Node takes what follows any Upgrade for another protocol, and drops it.
  if (/upgrade/i.test(stream)) return undefined;
  const read = await readByNode(Buffer.from(stream.slice(0, stop), 'latin1'));
  if (read.refusal !== '') return undefined;
  const isSameCount = read.requests.length === requests.length;
  const isAlike = read.requests.every(
    ({ method, body }, i) => method === requests[i]?.method && body === requests[i]?.body,
  );
  return isSameCount && isAlike ? undefined : `Node reads ${shown(read)} of the stream itself`;
}
