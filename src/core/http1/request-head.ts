import { BodyFraming } from './body-framing.ts';
import { type Bytes, noBytes } from './bytes.ts';
import { ConnectionOptions } from './connection-options.ts';
import { cookieValue } from './cookie-value.ts';
import { field } from './field-id.ts';
import { type FieldLimits, FieldLines, scanFieldLines } from './field-lines.ts';
import { framing } from './framing.ts';
import { isIpv4, isIpv6 } from './host-value.ts';
import { type KnownHost, KnownHosts, noHost } from './known-hosts.ts';
import { comparedPath, withoutDotSegments } from './path.ts';
import { readRequestFields } from './request-fields.ts';
import { RequestLine, scanRequestLine } from './request-line.ts';
import { singleValue } from './single-value.ts';
import { dropField, dropHopByHop, dropTrustedOnly, dropTwins } from './strip-fields.ts';

export interface RequestLimits extends FieldLimits {
  readonly maxHeadBytes: number;
  readonly maxTargetBytes: number;
}

/** More fields than `maxFields` here are never let in. */
export const requestLimits: RequestLimits = {
  maxHeadBytes: 16 * 1024,
  maxTargetBytes: 8 * 1024,
  maxFields: 100,
  maxFieldBytes: 8 * 1024,
};

/**
 * The head of a request, as offsets into the bytes it was scanned in: good until they are
 * overwritten. One object serves one request after the other; a scan allocates nothing, and
 * a value becomes text only when somebody asks for it.
 */
export class RequestHead extends RequestLine {
  bytes: Bytes = noBytes;
  start = 0;
  /** The first byte behind the empty line; 0 while there is no head. */
  end = 0;
  readonly lines = new FieldLines(requestLimits.maxFields);
  readonly fields: Int32Array = this.lines.offsets;
  readonly ids: Uint8Array = this.lines.ids;
  readonly dropped: Uint8Array = this.lines.dropped;
  readonly options = new ConnectionOptions();
  readonly body = new BodyFraming();
  /** Index of the field Host; -1 without one. */
  hostIndex = -1;
  /** The host without its port, as received. Both 0 where HTTP/1.0 names none. */
  hostStart = 0;
  hostEnd = 0;
  /** 0 where Host names none. */
  port = 0;
  framing: number = framing.none;
  /** -1 without Content-Length. */
  contentLength = -1;
  /** The client wants to go on after this request. Whoever does not, says false. */
  persistent = false;
  expectsContinue = false;
  /** Index of the last field Upgrade; -1 without one. */
  upgradeIndex = -1;
  /** It asks for a WebSocket as it must be asked for; any other Upgrade is not listened to. */
  wantsUpgrade = false;
  acceptsTrailers = false;
  /** Of OPTIONS; -1 without one. 0: the question is to us. */
  maxForwards = -1;
  /** Entries of Via. */
  viaCount = 0;

  readonly #knownHosts = new KnownHosts();
  #host: KnownHost = noHost;

  get fieldCount(): number {
    return this.lines.count;
  }

  /** Returns the index of the first field of this number that is not dropped; -1 without one. */
  indexOfField(id: number): number {
    return this.lines.indexOf(id);
  }

  /** Returns all lines of a name joined, as one value; the name is in lower case. */
  fieldText(lowerCaseName: string): string | undefined {
    return this.lines.text(lowerCaseName);
  }

  /** Returns the value of the first cookie of this name, not decoded, its quotes kept. */
  cookie(name: string): string | undefined {
    return cookieValue(this.lines, name);
  }

  /** Returns the host in lower case, without port and trailing dot; '' where none is named. */
  hostText(): string {
    return this.hostEnd === 0 ? '' : this.#host.name;
  }

  /** Returns Host as received; '' where there is none. */
  authorityText(): string {
    return this.hostEnd === 0 ? '' : this.#host.whole;
  }

  /** A hash of Host as received; 0 where there is none. */
  get hostHash(): number {
    return this.hostEnd === 0 ? 0 : this.#host.hash;
  }

  /** Returns the path as it is forwarded: as received, without dot segments. */
  forwardedPath(): string {
    if (this.pathStart === this.pathEnd) return '/';
    const path = this.bytes.latin1Slice(this.pathStart, this.pathEnd);
    return this.hasDotSegment ? withoutDotSegments(path) : path;
  }

  /** Returns the path that rules are compared with, from the path as it is forwarded. */
  matchedPath(forwarded: string): string {
    return this.hasEscape || this.hasSlashRun ? comparedPath(forwarded) : forwarded;
  }

  /** Returns what follows the `?`, not decoded. */
  queryText(): string {
    return this.hasQuery ? this.bytes.latin1Slice(this.queryStart, this.queryEnd) : '';
  }

  clearHost(): void {
    this.hostStart = 0;
    this.hostEnd = 0;
    this.port = 0;
  }

  /** Reads the value of Host. Returns whether it may stand. */
  readHostValue(start: number, end: number): boolean {
    const host = this.#knownHosts.read(this.bytes, start, end);
    if (host === undefined) {
      this.clearHost();
      return false;
    }
    this.#host = host;
    this.hostStart = start;
    this.hostEnd = start + host.received.length;
    this.port = host.port;
    return true;
  }
}

/**
 * Scans the head of a request in `bytes[start, end)`. Returns the offset behind it; 0 if
 * bytes are missing; -1 if `head.refusal` says why the request is refused, as soon as
 * that can be seen. The answer does not depend on how the bytes were cut into reads.
 */
export function scanRequestHead(
  head: RequestHead,
  bytes: Bytes,
  start: number,
  end: number,
  limits: RequestLimits,
): number {
  head.bytes = bytes;
  head.start = start;
  head.end = 0;
  head.method = '';
  head.minorVersion = 1;
  head.refusal = undefined;
  if (start >= end) return 0;
  const stop = Math.min(end, start + limits.maxHeadBytes);
  let at = scanRequestLine(head, bytes, start, stop, limits.maxTargetBytes);
  if (at > 0) {
    at = scanFieldLines(head.lines, bytes, at, stop, limits);
    head.refusal = head.lines.refusal;
  }
  if (at === 0 && stop === start + limits.maxHeadBytes) {
    head.refusal = 'head_too_large';
    return -1;
  }
  if (at <= 0) return at;
  head.refusal = readRequestFields(head);
  if (head.refusal !== undefined) return -1;
  head.end = at;
  return at;
}

/**
 * Drops what does not go further than to us: the fields of the connection, those that
 * Connection names but for `protectedNames` (in lower case), and those whose name becomes
 * another's when `_` is read as `-`.
 */
export function stripHopByHop(head: RequestHead, protectedNames: ReadonlySet<string>): void {
  const { lines } = head;
  dropHopByHop(lines, head.options, protectedNames);
  if (!head.expectsContinue) dropField(lines, field.expect);
  if (lines.hasUnderscore) dropTwins(lines, protectedNames);
}

/**
 * Drops X-Real-IP of a trusted proxy unless there is one and it is an address: what stands
 * there twice or is none was not written by the proxy alone.
 */
export function stripDoubtful(head: RequestHead): void {
  const address = singleValue(head, field.xRealIp, /^[0-9A-Fa-f:.]+$/) ?? '';
  if (!isIpv4(address) && !isIpv6(address)) dropField(head.lines, field.xRealIp);
}

/**
 * Drops what only a trusted proxy may say of the client, but for fields of ours whose names
 * are `heard` by a rule. Those must not be forwarded either.
 */
export function stripUntrusted(head: RequestHead, heard: ReadonlySet<string>): void {
  dropTrustedOnly(head.lines, heard);
}
