import type { Bytes } from './bytes.ts';
import { field, fieldIdOfName } from './field-id.ts';
import { isFieldValue, isToken } from './field-lines.ts';
import type { Refusal } from './refusal.ts';

const maxTrailers = 32;
const maxTrailerBytes = 8 * 1024;

/**
 * Names that change nothing good when they come late (RFC 9110 section 6.5.1): framing,
 * routing, authentication, conditions, caching, and what says what the body is.
 */
const neverTrailers = new Set([
  'age',
  'allow',
  'cache-control',
  'clear-site-data',
  'early-data',
  'etag',
  'expires',
  'last-modified',
  'origin',
  'pragma',
  'priority',
  'range',
  'referer',
  'refresh',
  'retry-after',
  'strict-transport-security',
  'vary',
  'warning',
  'www-authenticate',
]);
const neverPrefixes = [
  'accept-',
  'access-control-',
  'content-',
  'if-',
  'sec-',
  'proxy-',
  'x-http-',
];

/**
 * The trailers of a chunked body. They are rare, so they are read as text once they are
 * there whole; only the ends of lines are looked at as they come.
 */
export class Trailers {
  done = false;
  refusal: Refusal | undefined;
  /** Lines of the trailers that may be forwarded, each with its CRLF. */
  text = '';
  #received = '';

  reset(): void {
    this.done = false;
    this.refusal = undefined;
    this.text = '';
    this.#received = '';
  }

  /** Returns the offset behind what was taken. */
  read(bytes: Bytes, start: number, end: number): number {
    const known = this.#received.length;
    // Room for what ends them: more must not be taken, as it may be the next request.
    const stop = Math.min(end, start + maxTrailerBytes + 4 - known);
    const received = this.#received + bytes.latin1Slice(start, stop);
    const length = lengthOf(received, Math.max(0, known - 3));
    oddLineEnd.lastIndex = Math.max(0, known - 1);
    const wrong = oddLineEnd.exec(received)?.index;
    if (wrong !== undefined && (length === undefined || wrong < length)) {
      this.refusal = received[wrong] === '\r' ? 'bare_cr' : 'bare_lf';
    } else if (length !== undefined) {
      this.#finish(received.slice(0, length));
      return start + length - known;
    } else if (received.length >= maxTrailerBytes + 4) {
      this.refusal = 'trailers_too_large';
    }
    this.#received = received;
    return stop;
  }

  #finish(section: string): void {
    const lines = section.split('\r\n').slice(0, -2);
    let text = '';
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(colon, 0));
      const value = line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, '');
      if (!isToken(name) || !isFieldValue(value)) {
        this.refusal = 'bad_trailer';
        return;
      }
      if (mayTrail(name)) text += `${name}: ${value}\r\n`;
    }
    if (lines.length > maxTrailers) {
      this.refusal = 'trailers_too_large';
      return;
    }
    this.text = text;
    this.done = true;
  }
}

/** A LF without CR before it, or a CR that LF does not follow. */
const oddLineEnd = /\r(?=[^\n])|(?<!\r)\n/g;

/** Returns the length of the section with its empty line; undefined if that is still to come. */
function lengthOf(received: string, from: number): number | undefined {
  if (received.startsWith('\r\n')) return 2;
  const end = received.indexOf('\r\n\r\n', from);
  return end < 0 ? undefined : end + 4;
}

/**
 * Returns lines of trailers without those of these names, in lower case: what rules set, test
 * or take out must not come in by the back door, also not with `_` for `-`.
 */
export function withoutNames(lines: string, names: ReadonlySet<string>): string {
  if (lines === '' || names.size === 0) return lines;
  const isKept = (line: string) => {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    return !names.has(name) && !names.has(name.replaceAll('_', '-'));
  };
  return (lines.match(/.*\r\n/g) ?? []).filter(isKept).join('');
}

function mayTrail(name: string): boolean {
  const lowerCase = name.toLowerCase().replaceAll('_', '-');
  if (fieldIdOfName(lowerCase) !== field.other || neverTrailers.has(lowerCase)) return false;
  return !neverPrefixes.some((prefix) => lowerCase.startsWith(prefix));
}
