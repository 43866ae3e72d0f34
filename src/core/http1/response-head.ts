import { BodyFraming, digitsAt } from './body-framing.ts';
import { valueBytes } from './byte-class.ts';
import { type Bytes, noBytes } from './bytes.ts';
import { ConnectionOptions } from './connection-options.ts';
import { field, lastDecisive } from './field-id.ts';
import { type FieldLimits, FieldLines, scanFieldLines } from './field-lines.ts';
import { framing } from './framing.ts';
import type { Refusal } from './refusal.ts';
import { dropHopByHop } from './strip-fields.ts';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

const maxHeadBytes = 32 * 1024;
/** A head may be one long field. */
const limits: FieldLimits = { maxFields: 200, maxFieldBytes: maxHeadBytes };
const noNames: ReadonlySet<string> = new Set();

/**
 * The head of a response, as offsets into the bytes it was scanned in: good until they are
 * overwritten. One object per upstream connection.
 */
export class ResponseHead {
  bytes: Bytes = noBytes;
  start = 0;
  /** The first byte behind the empty line; 0 while there is no head. */
  end = 0;
  minorVersion: 0 | 1 = 1;
  status = 0;
  /** Equal where there is no reason. */
  reasonStart = 0;
  reasonEnd = 0;
  refusal: Refusal | undefined;
  readonly lines = new FieldLines(limits.maxFields);
  readonly fields: Int32Array = this.lines.offsets;
  readonly ids: Uint8Array = this.lines.ids;
  readonly dropped: Uint8Array = this.lines.dropped;
  readonly options = new ConnectionOptions();
  readonly body = new BodyFraming();
  framing: number = framing.none;
  /** What Content-Length says, body or no body; -1 without one. */
  contentLength = -1;
  /** The upstream keeps the connection open after this response. */
  persistent = false;

  /** Returns all lines of a name joined, as one value; the name is in lower case. */
  fieldText(lowerCaseName: string): string | undefined {
    return this.lines.text(lowerCaseName);
  }
}

/**
 * Scans the head of a response in `bytes[start, end)`. Returns the offset behind it; 0 if
 * bytes are missing; -1 if `head.refusal` says why it can't be believed.
 */
export function scanResponseHead(
  head: ResponseHead,
  bytes: Bytes,
  start: number,
  end: number,
  requestMethodIsHead: boolean,
): number {
  head.bytes = bytes;
  head.start = start;
  head.end = 0;
  head.refusal = undefined;
  if (start >= end) return 0;
  const stop = Math.min(end, start + maxHeadBytes);
  let at = scanStatusLine(head, bytes, start, stop);
  if (at > 0) {
    at = scanFieldLines(head.lines, bytes, at, stop, limits);
    head.refusal = head.lines.refusal;
  }
  if (at === 0 && stop === start + maxHeadBytes) return refuse(head, 'head_too_large');
  if (at <= 0) return at;
  head.refusal = readFields(head, requestMethodIsHead);
  if (head.refusal !== undefined) return -1;
  head.end = at;
  return at;
}

/** Drops what does not go further than to us, and what Connection names. */
export function stripResponseHopByHop(head: ResponseHead): void {
  dropHopByHop(head.lines, head.options, noNames);
}

function refuse(head: ResponseHead, refusal: Refusal): -1 {
  head.refusal = refusal;
  return -1;
}

const beforeStatus = 'HTTP/1.1 ';
const minorAt = 7;
const digits = 3;

/** Returns the offset behind the CRLF of the status line. */
function scanStatusLine(head: ResponseHead, bytes: Bytes, start: number, end: number): number {
  const statusStart = start + beforeStatus.length;
  const statusEnd = statusStart + digits;
  for (let at = start; at < Math.min(end, statusEnd); at++) {
    const byte = bytes[at] as number;
    const isRight = at < statusStart ? isOfVersion(byte, at - start) : byte >= 0x30 && byte <= 0x39;
    if (!isRight) return refuse(head, 'bad_status_line');
  }
  if (end <= statusEnd) return 0;
  const status = digitsAt(bytes, statusStart, statusEnd);
  if (status < 100 || status > 599) return refuse(head, 'bad_status');
  head.status = status;
  head.minorVersion = bytes[start + minorAt] === 0x30 ? 0 : 1;
  return scanReason(head, bytes, statusEnd, end);
}

function isOfVersion(byte: number, place: number): boolean {
  return byte === beforeStatus.charCodeAt(place) || (place === minorAt && byte === 0x30);
}

function scanReason(head: ResponseHead, bytes: Bytes, start: number, end: number): number {
  let at = start;
  if (bytes[at] === SPACE) at++;
  else if (bytes[at] !== CR) return refuse(head, bytes[at] === LF ? 'bare_lf' : 'bad_status_line');
  head.reasonStart = at;
  while (at < end && valueBytes[bytes[at] as number] !== 0) at++;
  if (at === end) return 0;
  if (bytes[at] !== CR) return refuse(head, bytes[at] === LF ? 'bare_lf' : 'bad_status_line');
  if (at + 1 >= end) return 0;
  if (bytes[at + 1] !== LF) return refuse(head, 'bare_cr');
  head.reasonEnd = at;
  return at + 2;
}

function readFields(head: ResponseHead, requestMethodIsHead: boolean): Refusal | undefined {
  const { lines, options, body, minorVersion, status } = head;
  const { ids, count } = lines;
  options.clear();
  body.clear();
  for (let index = 0; index < count; index++) {
    const id = ids[index] as number;
    if (id === field.other || id > lastDecisive) continue;
    const refusal = readField(head, id, index);
    if (refusal !== undefined) return refusal;
  }
  const refusal = body.judge(lines, minorVersion);
  if (refusal !== undefined) return refusal;
  if (status < 200 && (body.isChunked || body.contentLength >= 0)) return 'framed_interim';
  head.contentLength = body.contentLength;
  head.framing = framingOf(head, requestMethodIsHead);
  head.persistent =
    head.framing !== framing.untilClose &&
    !options.close &&
    (minorVersion === 1 || options.keepAlive);
  return undefined;
}

function readField(head: ResponseHead, id: number, index: number): Refusal | undefined {
  if (id === field.connection) return head.options.read(head.lines, index);
  if (id === field.contentLength) return head.body.readLength(head.lines, index);
  if (id === field.transferEncoding) return head.body.readCoding(index);
  return undefined;
}

/** RFC 9112 section 6.3, in its order. */
function framingOf(head: ResponseHead, requestMethodIsHead: boolean): number {
  const { body, status } = head;
  if (requestMethodIsHead || status < 200 || status === 204 || status === 304) return framing.none;
  if (body.isChunked) return framing.chunked;
  return body.contentLength >= 0 ? framing.length : framing.untilClose;
}
