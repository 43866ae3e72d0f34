import type { Bytes } from './bytes.ts';
import { field } from './field-id.ts';
import { type FieldLines, offsetsPerField } from './field-lines.ts';
import { ForwardedLines } from './forwarded-lines.ts';
import { framing } from './framing.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import { copyBytes, writeDigits, writeText } from './write-bytes.ts';

/** Edits of the document, ready to be written: nothing is put together per message. */
export interface CompiledEdits {
  /**
   * Names in lower case whose lines are left out, also those we would write ourselves but for
   * Host and what frames the message, which rules can't name.
   */
  readonly drop: ReadonlySet<string>;
  /** Lines that are added, one character per byte, each with its CRLF. */
  readonly lines: string;
}

/** How a request is to be written. One object serves one request after the other. */
export class RequestOutline {
  /** The path to write, where a rule has changed it; '' for that of the head. */
  path = '';
  /** The query to write, where something was taken out of it; undefined for that of the head. */
  query: string | undefined;
  /** What Host says instead of what the client sent; '' for that. */
  authority = '';
  /** Address of the other side of the connection: the next entry of X-Forwarded-For. */
  peer = '';
  proto: 'http' | 'https' = 'http';
  /** The port the client came to, for X-Forwarded-Port; 0: that of Host, or of the scheme. */
  port = 0;
  framing: number = framing.none;
  contentLength = 0;
  /** Ask for a WebSocket. */
  upgrade = false;
  edits: CompiledEdits | undefined;
  /** More lines, each with its CRLF. */
  lines = '';
  /** Writes the client's side as the upstream is told. */
  readonly forwarded = new ForwardedLines();
}

/** How a response is to be written. One object serves one response after the other. */
export class ResponseOutline {
  /** `none` writes neither field (204, 1xx); `length` also for HEAD and 304, which have no body. */
  framing: number = framing.none;
  contentLength = 0;
  /**
   * '' says nothing: the connection goes on, as HTTP/1.1 takes for granted. `upgrade` says that
   * it goes on as a WebSocket.
   */
  connection: keyof typeof connectionLines = '';
  /** Written if the upstream sent none; '' for none (RFC 9110 section 6.6.1). */
  date = '';
  edits: CompiledEdits | undefined;
  /** More lines, such as Set-Cookie, each with its CRLF. */
  lines = '';
}

const upgradeLines = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
const connectionLines = {
  '': '',
  close: 'Connection: close\r\n',
  'keep-alive': 'Connection: keep-alive\r\n',
  upgrade: upgradeLines,
} as const;

const SPACE = 0x20;
const SLASH = 0x2f;
const QUESTION = 0x3f;

/** Which fields of the message being written are left out: 1. */
const skipped = new Uint8Array(256);

const writtenAnew = new Uint8Array(256);
for (const id of [
  field.host,
  field.contentLength,
  field.transferEncoding,
  field.connection,
  field.xForwardedFor,
  field.xForwardedProto,
  field.xForwardedHost,
  field.xForwardedPort,
]) {
  writtenAnew[id] = 1;
}
const framingFields = new Uint8Array(256);
for (const id of [field.contentLength, field.transferEncoding, field.connection]) {
  framingFields[id] = 1;
}

/**
 * Writes a request to `out` from `at` on; returns where it ends. The caller sees to room:
 * the head, what the outline holds, and 2 KiB. Fields are copied as they came, framing and
 * what is said about the client are written anew.
 */
export function writeRequestHead(
  out: Bytes,
  at: number,
  head: RequestHead,
  outline: RequestOutline,
): number {
  const { lines } = head;
  const { edits } = outline;
  let next = writeRequestLine(out, at, head, outline);
  next = writeHost(out, next, head, outline);
  markSkipped(lines, writtenAnew, edits);
  if (outline.framing !== framing.chunked) skip(lines, field.trailer);
  if (head.maxForwards > 0) skip(lines, field.maxForwards);
  next = copyFields(out, next, lines);
  if (head.maxForwards > 0) {
    next = writeText(out, next, 'Max-Forwards: ');
    next = writeDigits(out, next, head.maxForwards - 1);
    next = writeText(out, next, '\r\n');
  }
  next = writeFraming(out, next, outline.framing, outline.contentLength);
  if (outline.upgrade) {
    next = writeText(out, next, upgradeLines);
  } else if (head.acceptsTrailers) {
    next = writeText(out, next, 'TE: trailers\r\nConnection: TE\r\n');
  }
  next = outline.forwarded.write(out, next, head, outline, edits?.drop);
  if (edits !== undefined) next = writeLines(out, next, edits.lines);
  next = writeLines(out, next, outline.lines);
  return writeText(out, next, '\r\n');
}

/** Writes a response to `out` from `at` on; returns where it ends. Room: as for requests. */
export function writeResponseHead(
  out: Bytes,
  at: number,
  head: ResponseHead,
  outline: ResponseOutline,
): number {
  const { lines, status } = head;
  const { edits } = outline;
  let next = writeText(out, at, 'HTTP/1.1 ');
  next = writeDigits(out, next, status);
  out[next++] = SPACE;
  next = copyBytes(out, next, head.bytes, head.reasonStart, head.reasonEnd);
  next = writeText(out, next, '\r\n');
  markSkipped(lines, framingFields, edits);
  if (outline.framing !== framing.chunked) skip(lines, field.trailer);
  next = copyFields(out, next, lines);
  next = writeFraming(out, next, outline.framing, outline.contentLength);
  next = writeText(out, next, connectionLines[outline.connection]);
  if (outline.date !== '' && lines.indexOf(field.date) < 0 && !isEdited(edits, 'date')) {
    next = writeText(out, next, 'Date: ');
    next = writeLines(out, next, outline.date);
    next = writeText(out, next, '\r\n');
  }
  if (!isEdited(edits, 'via')) next = writeText(out, next, viaLines[head.minorVersion]);
  if (edits !== undefined) next = writeLines(out, next, edits.lines);
  next = writeLines(out, next, outline.lines);
  return writeText(out, next, '\r\n');
}

const viaLines = ['Via: 1.0 turnout\r\n', 'Via: 1.1 turnout\r\n'] as const;

/** Whether a rule has taken a field out or sets it itself: then we don't. */
function isEdited(edits: CompiledEdits | undefined, lowerCaseName: string): boolean {
  return edits?.drop.has(lowerCaseName) === true;
}

function writeRequestLine(
  out: Bytes,
  at: number,
  head: RequestHead,
  outline: RequestOutline,
): number {
  const { bytes } = head;
  let next = copyBytes(out, at, bytes, head.methodStart, head.methodEnd);
  out[next++] = SPACE;
  if (outline.path !== '') {
    next = writeChecked(out, next, outline.path, notInPath);
  } else if (head.hasDotSegment) {
    next = writeLines(out, next, head.forwardedPath());
  } else if (head.pathStart === head.pathEnd) {
    out[next++] = SLASH;
  } else {
    next = copyBytes(out, next, bytes, head.pathStart, head.pathEnd);
  }
  if (outline.query !== undefined) {
    if (outline.query !== '') next = writeLines(out, next, `?${outline.query}`);
  } else if (head.hasQuery) {
    out[next++] = QUESTION;
    next = copyBytes(out, next, bytes, head.queryStart, head.queryEnd);
  }
  return writeText(out, next, ' HTTP/1.1\r\n');
}

function writeHost(out: Bytes, at: number, head: RequestHead, outline: RequestOutline): number {
  let next = writeText(out, at, 'Host: ');
  if (outline.authority !== '') {
    next = writeChecked(out, next, outline.authority, notInAuthority);
  } else if (head.hostIndex >= 0) {
    const { lines, hostIndex } = head;
    next = copyBytes(out, next, head.bytes, lines.valueStart(hostIndex), lines.valueEnd(hostIndex));
  }
  return writeText(out, next, '\r\n');
}

function writeFraming(out: Bytes, at: number, bodyFraming: number, contentLength: number): number {
  if (bodyFraming === framing.chunked) return writeText(out, at, 'Transfer-Encoding: chunked\r\n');
  if (bodyFraming !== framing.length) return at;
  let next = writeText(out, at, 'Content-Length: ');
  next = writeDigits(out, next, contentLength);
  return writeText(out, next, '\r\n');
}

function markSkipped(lines: FieldLines, ours: Uint8Array, edits: CompiledEdits | undefined): void {
  const { ids, dropped, count } = lines;
  for (let index = 0; index < count; index++) {
    skipped[index] = dropped[index] === 1 ? 1 : (ours[ids[index] as number] as number);
  }
  if (edits !== undefined) for (const name of edits.drop) skipNamed(lines, name);
}

function skipNamed(lines: FieldLines, lowerCaseName: string): void {
  for (let index = 0; index < lines.count; index++) {
    if (skipped[index] === 0 && lines.hasName(index, lowerCaseName)) skipped[index] = 1;
  }
}

function skip(lines: FieldLines, id: number): void {
  const { ids, count } = lines;
  for (let index = 0; index < count; index++) if (ids[index] === id) skipped[index] = 1;
}

/** Copies the lines that are not skipped, neighbours together. */
function copyFields(out: Bytes, at: number, lines: FieldLines): number {
  const { bytes, offsets, count } = lines;
  let next = at;
  let index = 0;
  while (index < count) {
    if (skipped[index] === 1) {
      index++;
      continue;
    }
    const runStart = offsets[index * offsetsPerField] as number;
    while (index < count && skipped[index] === 0) index++;
    // Up to the next line, or to the end of the last: its value, blanks and CRLF.
    next = copyBytes(out, next, bytes, runStart, lineStart(lines, index));
  }
  return next;
}

/** Returns where the line at `index` begins; behind the last one, where the lines end. */
function lineStart(lines: FieldLines, index: number): number {
  return index < lines.count ? lines.nameStart(index) : lines.linesEnd;
}

const notInPath = /[^!-~]/;
const notInAuthority = /[^!-.0-~]/;

/** Writes text of a rule. The document was checked when it was loaded: this must not happen. */
function writeChecked(out: Bytes, at: number, text: string, wrong: RegExp): number {
  if (wrong.test(text))
    throw new Error(`a rule would break the request line: ${JSON.stringify(text)}`);
  return at + out.latin1Write(text, at);
}

function writeLines(out: Bytes, at: number, text: string): number {
  return text === '' ? at : at + out.latin1Write(text, at);
}
