import {
  authorityBytes,
  hexValues,
  methodBytes,
  pathBytes,
  queryBytes,
  tokenBytes,
} from './byte-class.ts';
import type { Bytes } from './bytes.ts';
import type { Refusal } from './refusal.ts';
import { targetForm } from './target-form.ts';

const HTAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const TLS_HANDSHAKE = 0x16;
const SPACE = 0x20;
const HASH = 0x23;
const PERCENT = 0x25;
const ASTERISK = 0x2a;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const QUESTION = 0x3f;
const AT_SIGN = 0x40;
const BACKSLASH = 0x5c;
/** Makes a letter lower case. */
const LOWER = 0x20;

const maxMethodBytes = 24;

/** The request line of a head, as offsets into the bytes it was scanned in. */
export class RequestLine {
  methodStart = 0;
  methodEnd = 0;
  /** '' as long as none was read: what is refused may have one. */
  method = '';
  targetStart = 0;
  targetEnd = 0;
  targetForm: number = targetForm.origin;
  /** Of an absolute target; else both 0. */
  authorityStart = 0;
  authorityEnd = 0;
  /** Equal where an absolute target has no path, which means `/`. */
  pathStart = 0;
  pathEnd = 0;
  /** Without the `?`; equal where there is none. */
  queryStart = 0;
  queryEnd = 0;
  hasQuery = false;
  hasDotSegment = false;
  hasEscape = false;
  hasSlashRun = false;
  minorVersion: 0 | 1 = 1;
  refusal: Refusal | undefined;
}

const refused = -1;
const needsMore = 0;

/**
 * Scans a request line and its CRLF, at most one empty line before it being skipped.
 * Returns the offset behind it, 0 if bytes are missing, -1 if `line.refusal` says why not.
 */
export function scanRequestLine(
  line: RequestLine,
  bytes: Bytes,
  start: number,
  end: number,
  maxTargetBytes: number,
): number {
  line.refusal = undefined;
  let at = start;
  if (bytes[at] === CR || bytes[at] === LF) {
    at = scanEmptyLine(line, bytes, at, end);
    if (at <= 0) return at;
  }
  at = scanMethod(line, bytes, at, end);
  if (at <= 0) return at;
  at = scanTarget(line, bytes, at, end, maxTargetBytes);
  return at <= 0 ? at : scanVersion(line, bytes, at, end);
}

function refuse(line: RequestLine, refusal: Refusal): -1 {
  line.refusal = refusal;
  return refused;
}

function scanEmptyLine(line: RequestLine, bytes: Bytes, start: number, end: number): number {
  if (bytes[start] === LF) return refuse(line, 'bare_lf');
  if (start + 1 >= end) return needsMore;
  if (bytes[start + 1] !== LF) return refuse(line, 'bare_cr');
  if (start + 2 >= end) return needsMore;
  const next = bytes[start + 2];
  if (next === CR || next === LF) return refuse(line, 'blank_lines');
  return start + 2;
}

/** Returns the offset behind the space after the method. */
function scanMethod(line: RequestLine, bytes: Bytes, start: number, end: number): number {
  const stop = Math.min(end, start + maxMethodBytes);
  let at = start;
  while (at < stop && methodBytes[bytes[at] as number] !== 0) at++;
  if (at === end) return needsMore;
  if (at === start || bytes[at] !== SPACE) return scanOddMethod(line, bytes, start, end);
  line.methodStart = start;
  line.methodEnd = at;
  const method = methodAt(bytes, start, at);
  line.method = method;
  if (method === 'CONNECT') return refuse(line, 'connect_method');
  if (method === 'TRACE') return refuse(line, 'trace_method');
  // Kept for the preface of HTTP/2 (RFC 9113 section 3.4): some readers look no further.
  if (method === 'PRI') return refuse(line, 'http2_preface');
  return at + 1;
}

/** A method that is refused: its bytes say how. */
function scanOddMethod(line: RequestLine, bytes: Bytes, start: number, end: number): number {
  const stop = Math.min(end, start + maxMethodBytes + 1);
  let at = start;
  while (at < stop && tokenBytes[bytes[at] as number] !== 0) at++;
  if (at > start + maxMethodBytes) return refuse(line, 'unknown_method');
  if (at === end) return needsMore;
  const byte = bytes[at];
  if (at === start && byte === TLS_HANDSHAKE) return refuse(line, 'tls_bytes');
  if (byte === LF) return refuse(line, 'bare_lf');
  if (at === start && byte === SPACE) return refuse(line, 'bad_request_line');
  if (byte === SPACE) return refuse(line, 'unknown_method');
  return refuse(line, byte === CR || byte === HTAB ? 'bad_request_line' : 'bad_method');
}

const commonMethods = ['GET', 'PUT', 'POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];

/** Returns the method; of the common ones always the same text, so that nothing is allocated. */
function methodAt(bytes: Bytes, start: number, end: number): string {
  const length = end - start;
  for (let i = 0; i < commonMethods.length; i++) {
    const method = commonMethods[i] as string;
    if (method.length === length && isText(bytes, start, method)) return method;
  }
  return bytes.latin1Slice(start, end);
}

function isText(bytes: Bytes, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Returns the offset behind the space after the target. */
function scanTarget(
  line: RequestLine,
  bytes: Bytes,
  start: number,
  end: number,
  maxTargetBytes: number,
): number {
  if (start >= end) return needsMore;
  line.targetStart = start;
  line.authorityStart = 0;
  line.authorityEnd = 0;
  if (bytes[start] === ASTERISK) return scanAsterisk(line, bytes, start, end);
  // One byte more than allowed, so that a target of just the allowed length still shows its end.
  const stop = Math.min(end, start + maxTargetBytes + 1);
  let at = scanForm(line, bytes, start, stop);
  if (at > 0) at = scanPath(line, bytes, at, stop);
  if (at > 0) at = scanQuery(line, bytes, at, stop);
  if (at < 0) return at;
  if (at === 0) return end > start + maxTargetBytes ? refuse(line, 'target_too_long') : needsMore;
  line.targetEnd = at;
  if (bytes[at] === SPACE) return at + 1;
  return refuse(line, targetRefusal(bytes[at] as number));
}

/** Returns where the path begins. */
function scanForm(line: RequestLine, bytes: Bytes, start: number, stop: number): number {
  if (bytes[start] === SLASH) {
    line.targetForm = targetForm.origin;
    return start;
  }
  line.targetForm = targetForm.absolute;
  return scanAuthority(line, bytes, start, stop);
}

/** Why a target ends neither with a space nor with what may follow. */
function targetRefusal(byte: number): Refusal {
  if (byte === LF) return 'bare_lf';
  if (byte === CR) return 'missing_version';
  if (byte === BACKSLASH) return 'backslash_in_path';
  return byte === HASH ? 'fragment_in_target' : 'bad_target_byte';
}

function scanAsterisk(line: RequestLine, bytes: Bytes, start: number, end: number): number {
  if (line.method !== 'OPTIONS') return refuse(line, 'asterisk_without_options');
  if (start + 1 >= end) return needsMore;
  if (bytes[start + 1] !== SPACE) return refuse(line, 'bad_target');
  line.targetForm = targetForm.asterisk;
  line.targetEnd = start + 1;
  noPath(line, start);
  return start + 2;
}

function noPath(line: RequestLine, at: number): void {
  line.pathStart = at;
  line.pathEnd = at;
  line.queryStart = at;
  line.queryEnd = at;
  line.hasQuery = false;
  line.hasDotSegment = false;
  line.hasEscape = false;
  line.hasSlashRun = false;
}

const schemes = ['http://', 'https://'];

/** Returns the offset behind the authority of an absolute target; 0 if bytes are missing. */
function scanAuthority(line: RequestLine, bytes: Bytes, start: number, stop: number): number {
  const authorityStart = scanScheme(bytes, start, stop);
  if (authorityStart === needsMore) return needsMore;
  if (authorityStart < 0) return refuse(line, oddTargetRefusal(line, bytes, start));
  let at = authorityStart;
  while (at < stop && authorityBytes[bytes[at] as number] !== 0) at++;
  if (at === stop) return needsMore;
  if (bytes[at] === AT_SIGN) return refuse(line, 'userinfo_in_target');
  if (at === authorityStart || bytes[at] === BACKSLASH) return refuse(line, 'bad_target');
  line.authorityStart = authorityStart;
  line.authorityEnd = at;
  return at;
}

/** Returns the offset behind `http://` or `https://`, 0 if bytes are missing, -1 for anything else. */
function scanScheme(bytes: Bytes, start: number, stop: number): number {
  let mayCome = false;
  for (const scheme of schemes) {
    let at = 0;
    while (at < scheme.length && start + at < stop && isSchemeByte(bytes, start + at, scheme, at))
      at++;
    if (at === scheme.length) return start + at;
    if (start + at === stop) mayCome = true;
  }
  return mayCome ? needsMore : refused;
}

function isSchemeByte(bytes: Bytes, at: number, scheme: string, index: number): boolean {
  const byte = bytes[at] as number;
  const wanted = scheme.charCodeAt(index);
  // Only letters have a case: `:` and `/` must stand as they are.
  return wanted === COLON || wanted === SLASH ? byte === wanted : (byte | LOWER) === wanted;
}

function oddTargetRefusal(line: RequestLine, bytes: Bytes, start: number): Refusal {
  const byte = bytes[start];
  if (byte === LF) return 'bare_lf';
  if (byte === SPACE || byte === HTAB || byte === CR) return 'bad_request_line';
  return line.method === 'PROXY' ? 'proxy_protocol' : 'bad_target';
}

/** Returns the offset of what ends the path: `?`, or what ends the target. 0: bytes are missing. */
function scanPath(line: RequestLine, bytes: Bytes, start: number, stop: number): number {
  noPath(line, start);
  // Behind an authority there may be no path at all.
  if (bytes[start] !== SLASH) return start;
  let depth = 0;
  let at = start;
  for (;;) {
    const segmentStart = at + 1;
    at = scanSegment(line, bytes, segmentStart, stop);
    if (at <= 0) return at;
    depth += depthOfSegment(line, bytes, segmentStart, at);
    if (depth < 0) return refuse(line, line.refusal ?? 'dots_above_root');
    if (bytes[at] !== SLASH) {
      line.pathEnd = at;
      return at;
    }
    if (at === segmentStart) line.hasSlashRun = true;
  }
}

/** Returns the offset of what ends the segment: `/`, or what ends the path or the target. */
function scanSegment(line: RequestLine, bytes: Bytes, start: number, stop: number): number {
  const pastSegment = pathBytes;
  let at = start;
  for (;;) {
    while (at < stop && pastSegment[bytes[at] as number] === 0) at++;
    if (at === stop) return needsMore;
    if (bytes[at] !== PERCENT) return at;
    at = scanEscape(line, bytes, at, stop);
    if (at <= 0) return at;
  }
}

/** Returns the offset behind an escape of the path. */
function scanEscape(line: RequestLine, bytes: Bytes, at: number, stop: number): number {
  if (at + 1 >= stop) return needsMore;
  const high = hexValues[bytes[at + 1] as number];
  if (high === 255) return refuse(line, 'bad_escape');
  if (at + 2 >= stop) return needsMore;
  const low = hexValues[bytes[at + 2] as number];
  if (low === 255) return refuse(line, 'bad_escape');
  if (high === 0 && low === 0) return refuse(line, 'null_escape');
  line.hasEscape = true;
  return at + 3;
}

const farAboveRoot = -1_000_000;

/** Returns by how much a segment changes the depth of the path. */
function depthOfSegment(line: RequestLine, bytes: Bytes, start: number, end: number): number {
  if (start === end) return 1;
  const first = bytes[start];
  if (first !== DOT && first !== PERCENT) return 1;
  const firstWidth = dotWidth(bytes, start, end);
  if (firstWidth === 0) return 1;
  const secondWidth = dotWidth(bytes, start + firstWidth, end);
  const at = start + firstWidth + secondWidth;
  if (at === end) {
    line.hasDotSegment = true;
    return secondWidth === 0 ? 0 : -1;
  }
  if (bytes[at] !== SEMICOLON) return 1;
  // Tomcat reads `/..;/` as `/../`.
  line.refusal = 'dot_segment_parameters';
  return farAboveRoot;
}

/** Returns the length of the dot that stands here, which may be escaped; 0 if none does. Escapes are whole. */
function dotWidth(bytes: Bytes, at: number, end: number): number {
  if (at >= end) return 0;
  if (bytes[at] === DOT) return 1;
  if (bytes[at] !== PERCENT) return 0;
  return bytes[at + 1] === 0x32 && ((bytes[at + 2] as number) | LOWER) === 0x65 ? 3 : 0;
}

/** Returns the offset of what ends the target. */
function scanQuery(line: RequestLine, bytes: Bytes, start: number, stop: number): number {
  line.pathEnd = start;
  line.queryStart = start;
  line.queryEnd = start;
  if (bytes[start] !== QUESTION) return start;
  const pastQuery = queryBytes;
  let at = start + 1;
  while (at < stop && pastQuery[bytes[at] as number] === 0) at++;
  if (at === stop) return needsMore;
  line.hasQuery = true;
  line.queryStart = start + 1;
  line.queryEnd = at;
  return at;
}

const versionText = 'HTTP/1.1\r\n';
const majorAt = 5;
const minorAt = 7;

/** Returns the offset behind the CRLF of the request line. */
function scanVersion(line: RequestLine, bytes: Bytes, start: number, end: number): number {
  if (end - start < versionText.length || !isUsual(bytes, start)) {
    return scanOddVersion(line, bytes, start, end);
  }
  line.minorVersion = bytes[start + minorAt] === 0x30 ? 0 : 1;
  return start + versionText.length;
}

/** Whether `HTTP/1.0` or `HTTP/1.1` and CRLF stand here. */
function isUsual(bytes: Bytes, at: number): boolean {
  const minor = bytes[at + minorAt];
  return (
    bytes[at] === 0x48 &&
    bytes[at + 1] === 0x54 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 4] === SLASH &&
    bytes[at + majorAt] === 0x31 &&
    bytes[at + 6] === DOT &&
    (minor === 0x31 || minor === 0x30) &&
    bytes[at + 8] === CR &&
    bytes[at + 9] === LF
  );
}

/** A version that is refused or not there yet. Returns -1 or 0. */
function scanOddVersion(line: RequestLine, bytes: Bytes, start: number, end: number): number {
  const stop = Math.min(end, start + versionText.length);
  for (let at = start; at < stop; at++) {
    const byte = bytes[at] as number;
    const place = at - start;
    if (byte === versionText.charCodeAt(place)) continue;
    if (place === minorAt && byte === 0x30) continue;
    const refusal = versionRefusal(bytes, start, place);
    if (refusal !== undefined) return refuse(line, refusal);
  }
  // Another version is known by its last digit, whatever its first; here only that is left.
  return stop - start < versionText.length ? needsMore : refuse(line, 'unsupported_version');
}

/** Why a byte at this place of the version is wrong; undefined if that shows only later. */
function versionRefusal(bytes: Bytes, start: number, place: number): Refusal | undefined {
  const byte = bytes[start + place] as number;
  if (byte === LF) return 'bare_lf';
  if (byte === SPACE || byte === HTAB) return 'bad_request_line';
  const isDigit = byte >= 0x30 && byte <= 0x39;
  if (place === majorAt && isDigit) return undefined;
  if (place === minorAt && isDigit) return 'unsupported_version';
  return place > minorAt + 1 ? 'bare_cr' : 'bad_version';
}
