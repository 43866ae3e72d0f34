import { ChunkedDecoder } from '#core/http1/chunked';
import { framing } from '#core/http1/framing';
import type { Refusal } from '#core/http1/refusal';
import { withoutNames } from '#core/http1/trailers';
import { type NodeBytes, newBytes, noBytes } from './node-bytes.ts';
import { outBuffer, send } from './out-buffer.ts';
import type { Upstream } from './upstream.ts';
import type { Wire } from './wire.ts';

/** Body bytes that are taken while there is no connection; beyond it reading stops. */
const waitingMost = 16 * 1024;
/** The longest body of which a copy is kept, to be sent again. */
const copyMost = 64 * 1024;
/** Enough for most heads, with what is added to them. */
const usualBytes = 4 * 1024;
/** Room for the size line, CRLF and last chunk around a run of data. */
const chunkRoom = 32;

/** Buffers that no request lies in. */
const free: NodeBytes[] = [];
const freeMost = 256;

const noNames: ReadonlySet<string> = new Set();

/** Who is told of a body as it passes. */
export interface BodyTee {
  /** Bytes of it, framing taken off; good until it returns. */
  requestData(bytes: NodeBytes, start: number, end: number): void;
  /** It has come to its end. */
  requestWhole(): void;
}

/**
 * A request on its way upstream: its head as written, its body as it comes.
 *
 * Until a connection has taken them, head and first body bytes are kept here; and a
 * request that may be repeated can be sent again as long as it lies here whole.
 */
export class RequestOut {
  kept: NodeBytes = noBytes;
  keptEnd = 0;
  /** Who is told of the body as it passes, beside the upstream. */
  tee: BodyTee | undefined;
  /** The whole request has been read from the client. */
  isRead = false;
  /** Why the body was refused. */
  refusal: Refusal | undefined;
  /** Bytes of body, framing not counted. */
  bodyBytes = 0;
  /** Names of the document's rules: no trailer may bear one. */
  fieldNames: ReadonlySet<string> = noNames;
  #framing: number = framing.none;
  #left = 0;
  /** The connection that has taken what is kept, and gets what follows. */
  #taker: Upstream | undefined;
  /** What is sent on is kept too, as long as it is not too much. */
  keepsCopy = false;
  /** A connection that has not sent it yet points at what is kept. */
  #isLent = false;
  /** The longest body that is taken; 0: any. */
  bodyMost = 0;
  /** The body has turned out to be longer. */
  isTooLong = false;
  /** More of it has been read already: what is kept goes in one write with that. */
  holdsBack = false;
  /** Bytes kept that the taker is still to get. */
  #heldBack = 0;
  /** Something was sent that is not kept. */
  #hasPassed = false;
  #headEnd = 0;
  /** Made for the first body in chunks. */
  #chunked: ChunkedDecoder | undefined;

  /** Returns a buffer with room for a head, until the request is `over`. */
  room(bytes: number): NodeBytes {
    if (this.kept.length >= bytes) return this.kept;
    this.kept = bytes > usualBytes ? newBytes(bytes) : (free.pop() ?? newBytes(usualBytes));
    return this.kept;
  }

  /** Nothing of it is needed any more: connections that wait for a request hold no memory for one. */
  over(): void {
    const { kept } = this;
    this.kept = noBytes;
    if (kept.length === usualBytes && !this.#isLent && free.length < freeMost) free.push(kept);
    this.#isLent = false;
  }

  /** A head of `headEnd` bytes lies in the buffer; the body's framing is as given. */
  start(headEnd: number, bodyFraming: number, contentLength: number): void {
    this.keptEnd = headEnd;
    this.#framing = bodyFraming;
    this.#left = contentLength;
    this.tee = undefined;
    this.#taker = undefined;
    this.holdsBack = false;
    this.#heldBack = 0;
    this.#hasPassed = false;
    this.#headEnd = headEnd;
    this.keepsCopy = false;
    this.bodyBytes = 0;
    this.refusal = undefined;
    this.isTooLong = false;
    this.isRead =
      bodyFraming === framing.none || (bodyFraming === framing.length && contentLength === 0);
    if (bodyFraming !== framing.chunked) return;
    this.#chunked ??= new ChunkedDecoder();
    this.#chunked.reset();
  }

  /** The head was refused: nothing can be said of what follows. */
  refuse(): void {
    this.start(0, framing.untilClose, 0);
  }

  /** Puts another head before the body bytes that are kept. */
  replaceHead(headEnd: number, head: Buffer, oldHeadEnd: number): void {
    const body = Buffer.from(this.kept.subarray(oldHeadEnd, this.keptEnd));
    this.#reserve(headEnd + body.length);
    head.copy(this.kept, 0, 0, headEnd);
    body.copy(this.kept, headEnd);
    this.keptEnd = headEnd + body.length;
    this.#headEnd = headEnd;
  }

  /** All that was read of the request lies here: it can be sent again, and what follows behind it. */
  get isKept(): boolean {
    return !this.#hasPassed;
  }

  /** The whole request lies here. */
  get isWhole(): boolean {
    return this.isRead && !this.#hasPassed;
  }

  /** The connection that had it is gone: what follows is kept until there is another one. */
  detach(): void {
    this.#taker = undefined;
  }

  /** Sends what is kept, or holds it back. Returns false if the connection wants a pause. */
  sendTo(upstream: Upstream): boolean {
    this.#taker = upstream;
    if (!this.holdsBack) return this.#sendKept(upstream.wire);
    this.#heldBack = this.keptEnd;
    return true;
  }

  /** Nothing more has been read: sends what was held back and has found no company. */
  holdNoLonger(): void {
    this.holdsBack = false;
    if (this.#heldBack === 0) return;
    this.#heldBack = 0;
    if (this.#taker !== undefined && !this.#sendKept(this.#taker.wire)) this.wantsPause = true;
  }

  #sendKept(wire: Wire): boolean {
    const goOn = wire.write(this.kept.subarray(0, this.keptEnd) as NodeBytes);
    if (wire.keepsBytes) this.#isLent = true;
    return goOn;
  }

  /**
   * Takes body bytes from the client. Returns the offset of the first byte behind the
   * request; `wantsPause` says whether to read on.
   */
  take(bytes: NodeBytes, start: number, end: number): number {
    if (this.isRead) return start;
    this.wantsPause = false;
    const chunked = this.#chunked;
    if (this.#framing !== framing.chunked || chunked === undefined) {
      const stop = Math.min(end, start + this.#left);
      this.#left -= stop - start;
      this.isRead = this.#left === 0;
      this.bodyBytes += stop - start;
      this.#pass(bytes, start, stop);
      if (this.tee !== undefined) this.#tell(this.tee, bytes, start, stop);
      return stop;
    }
    chunked.decode(bytes, start, end);
    if (chunked.refusal !== undefined) {
      this.refusal = chunked.refusal;
      return end;
    }
    this.bodyBytes += chunked.dataEnd - chunked.dataStart;
    if (this.bodyMost > 0 && this.bodyBytes > this.bodyMost) {
      this.isTooLong = true;
      return end;
    }
    this.isRead = chunked.done;
    const trailers = withoutNames(chunked.trailerText, this.fieldNames);
    this.#passChunk(bytes, chunked.dataStart, chunked.dataEnd, trailers);
    if (this.tee !== undefined) this.#tell(this.tee, bytes, chunked.dataStart, chunked.dataEnd);
    return chunked.next;
  }

  #tell(tee: BodyTee, bytes: NodeBytes, start: number, end: number): void {
    if (end > start) tee.requestData(bytes, start, end);
    if (this.isRead) tee.requestWhole();
  }

  /** Nothing more is to be read: what was taken last has filled the connection, or what is kept. */
  wantsPause = false;

  #pass(bytes: NodeBytes, start: number, end: number): void {
    const target = this.#target(end - start);
    bytes.copy(target, this.#at, start, end);
    this.#commit(this.#at + end - start);
  }

  #passChunk(bytes: NodeBytes, start: number, end: number, trailers: string): void {
    const isLast = this.isRead;
    const target = this.#target(end - start + chunkRoom + trailers.length);
    let at = this.#at;
    if (end > start) {
      at += target.latin1Write(`${(end - start).toString(16)}\r\n`, at);
      at += bytes.copy(target, at, start, end);
      at += target.latin1Write('\r\n', at);
    }
    if (isLast) at += target.latin1Write(`0\r\n${trailers}\r\n`, at);
    if (at > this.#at) this.#commit(at);
  }

  #at = 0;

  /** Returns where body bytes go now: to the connection, or behind what is kept. */
  #target(bytes: number): NodeBytes {
    if (this.#taker !== undefined) {
      const out = outBuffer();
      this.#at = this.#heldBack;
      if (this.#at > 0) this.kept.copy(out, 0, 0, this.#at);
      return out;
    }
    this.#reserve(this.keptEnd + bytes);
    this.#at = this.keptEnd;
    return this.kept;
  }

  #commit(at: number): void {
    if (this.#taker === undefined) {
      this.keptEnd = at;
      this.wantsPause = at - this.#headEnd > waitingMost;
      return;
    }
    if (this.keepsCopy) this.#keepCopy(this.#heldBack, at);
    else this.#hasPassed = true;
    this.#heldBack = 0;
    this.wantsPause = !send(this.#taker.wire, at);
  }

  /** Keeps what is about to be sent, which lies in the out buffer. */
  #keepCopy(from: number, to: number): void {
    const end = this.keptEnd + to - from;
    if (end - this.#headEnd > copyMost) {
      this.keepsCopy = false;
      this.#hasPassed = true;
      return;
    }
    this.#reserve(end);
    outBuffer().copy(this.kept, this.keptEnd, from, to);
    this.keptEnd = end;
  }

  #reserve(bytes: number): void {
    if (this.kept.length >= bytes) return;
    const larger = newBytes(2 ** Math.ceil(Math.log2(bytes)));
    this.kept.copy(larger, 0, 0, this.keptEnd);
    this.kept = larger;
  }
}
