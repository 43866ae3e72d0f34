import type { Bytes } from './bytes.ts';
import { field } from './field-id.ts';
import type { FieldLines } from './field-lines.ts';

const HTAB = 0x09;
const SPACE = 0x20;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/** What is looked at of the cookies of a request; the rest is forwarded unseen. */
const maxCookies = 50;
const maxCookieBytes = 8 * 1024;

/** What may still be looked at; one walk at a time uses it. */
const left = { cookies: 0, bytes: 0 };

/**
 * Returns the value of the first cookie of this name, as it stands. The cookies are walked
 * in place and nothing else becomes text: most of them are nobody's business here.
 */
export function cookieValue(lines: FieldLines, name: string): string | undefined {
  left.cookies = maxCookies;
  left.bytes = maxCookieBytes;
  for (let index = 0; index < lines.count; index++) {
    if (lines.ids[index] !== field.cookie || lines.dropped[index] !== 0) continue;
    const value = cookieInLine(lines, index, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function cookieInLine(lines: FieldLines, index: number, name: string): string | undefined {
  const { bytes } = lines;
  const start = lines.valueStart(index);
  const lineEnd = lines.valueEnd(index);
  const end = Math.min(lineEnd, start + left.bytes);
  left.bytes -= end - start;
  let at = start;
  while (at < end && left.cookies > 0) {
    const stop = endOfCookie(bytes, at, end);
    // A cookie that is cut by the limit is not the cookie.
    if (stop === end && end < lineEnd) return undefined;
    const value = valueIfNamed(bytes, at, stop, name);
    if (value !== undefined) return value;
    if (stop > at) left.cookies--;
    at = stop + 1;
  }
  return undefined;
}

function endOfCookie(bytes: Bytes, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SEMICOLON) at++;
  return at;
}

/** Returns the value if `name=value` stands here. */
function valueIfNamed(bytes: Bytes, start: number, stop: number, name: string): string | undefined {
  let at = start;
  while (at < stop && isBlank(bytes[at])) at++;
  const nameEnd = at + name.length;
  if (nameEnd >= stop || bytes[nameEnd] !== EQUALS) return undefined;
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name.charCodeAt(i)) return undefined;
  let end = stop;
  while (end > nameEnd + 1 && isBlank(bytes[end - 1])) end--;
  let valueStart = nameEnd + 1;
  while (valueStart < end && isBlank(bytes[valueStart])) valueStart++;
  return bytes.latin1Slice(valueStart, end);
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === HTAB;
}
