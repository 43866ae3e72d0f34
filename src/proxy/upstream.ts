import { ChunkedDecoder } from '#core/http1/chunked';
import { framing } from '#core/http1/framing';
import { keepAliveSeconds } from '#core/http1/keep-alive';
import type { Refusal } from '#core/http1/refusal';
import { scanResponseHead } from '#core/http1/response-head';
import { connect } from './borrowed-reads.ts';
import type { Timed } from './deadlines.ts';
import { destinationOf } from './destination.ts';
import type { NodeBytes } from './node-bytes.ts';
import { Partial } from './partial.ts';
import type { Pool } from './pool.ts';
import type { Shared } from './shared.ts';
import type { Wire, WireUser } from './wire.ts';

/** An idle connection is closed after this: sooner than most upstreams close theirs. */
const idleMs = 4_000;
/** One that says when it closes its own is left this long before. */
const beforeHintMs = 2_000;
const interimMost = 16;

/** How a connection was lost: while opening, in use, or by a message that is not valid. */
export interface Loss {
  readonly during: 'connect' | 'handshake' | 'use' | 'message';
  /** The system's code, `ended` for a FIN, or the refusal of the message. */
  readonly code: string;
}

/** What uses an upstream connection: one exchange at a time. */
export interface UpstreamUser {
  /** The request's method is HEAD: its response has no body. */
  readonly isHead: boolean;
  connected(upstream: Upstream): void;
  /** The head scanned last is an interim response (1xx, not 101). */
  interim(upstream: Upstream): void;
  /**
   * The head scanned last is a 101, and what follows it in these bytes is no HTTP. Returns why it
   * is refused; else the connection is the user's from now on. Only of one that asks for this.
   */
  switched?(upstream: Upstream, bytes: NodeBytes, start: number, end: number): Refusal | undefined;
  /** The head scanned last is that of the final response. */
  head(upstream: Upstream): void;
  /** Bytes of the response's body, framing taken off; good until it returns. */
  body(upstream: Upstream, buffer: NodeBytes, start: number, end: number): void;
  /**
   * The response has ended; `trailers` are lines. `isClean`: nothing came behind it, so
   * that the connection may be used again.
   */
  ended(upstream: Upstream, trailers: string, isClean: boolean): void;
  lost(upstream: Upstream, loss: Loss): void;
  /** Everything of one read has been handed over. Returns false to stop reading. */
  flush(upstream: Upstream): boolean;
  /** What was written has been taken. */
  drained(upstream: Upstream): void;
  /** A fault of the proxy was caught on this connection's way. */
  bug(error: unknown): void;
}

/** A connection to an endpoint. */
export class Upstream implements WireUser, Timed {
  readonly pool: Pool;
  readonly wire: Wire;
  user: UpstreamUser | undefined;
  /** In whole milliseconds, not before it was. */
  idleSince = 0;
  isConnected = false;
  /** It has carried an exchange before the present one. */
  isReused = false;
  /** The other side keeps the connection open after the present response. */
  isPersistent = false;
  /** Bytes of a response to the present request have come. */
  hasResponded = false;
  readonly #shared: Shared;
  readonly #partial = new Partial();
  /** Made for the first body in chunks. */
  #chunked: ChunkedDecoder | undefined;
  #phase: 'head' | 'body' | 'closed' = 'head';
  #framing: number = framing.none;
  #bodyLeft = 0;
  #interims = 0;
  #idleMs = idleMs;
  /** What is under way until the connection may be used. */
  #opening: 'connect' | 'handshake' = 'connect';
  /** The response ended within the present read. */
  #hasEnded = false;

  constructor(pool: Pool, user: UpstreamUser, shared: Shared) {
    this.pool = pool;
    this.user = user;
    this.#shared = shared;
    pool.connections++;
    shared.deadlines.add(this);
    shared.ports.connections('upstream', 1);
    const reached = () => {
      this.#opening = 'handshake';
    };
    this.wire = connect(destinationOf(pool, shared.ports, reached), this, shared.reading);
  }

  opened(): void {
    this.isConnected = true;
    const { user } = this;
    if (user !== undefined) this.#guard(user, () => user.connected(this));
  }

  drained(): void {
    const { user } = this;
    if (user !== undefined) this.#guard(user, () => user.drained(this));
  }

  closed(code: string): void {
    this.#lose(code);
  }

  /** What is thrown ends this connection only. */
  #guard(user: UpstreamUser, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#bug(user, error);
    }
  }

  #bug(user: UpstreamUser, error: unknown): void {
    this.destroy();
    user.bug(error);
  }

  /** Takes the connection for an exchange. */
  use(user: UpstreamUser): void {
    this.user = user;
    this.isReused = true;
    this.hasResponded = false;
    this.#interims = 0;
  }

  /** Hands the response over whose head its user has just been told of. */
  passTo(user: UpstreamUser): void {
    this.user = user;
  }

  /** Gives the connection back once request and response are whole; it may be used again. */
  release(now: number): void {
    this.user = undefined;
    if (this.#phase === 'closed') return;
    if (this.#idleMs === 0) {
      this.destroy();
      return;
    }
    // Its last user may have stopped it: what came then can have been the end of the response.
    this.wire.resume();
    this.pool.keep(this, now);
  }

  /** Ends the connection; its user hears nothing of it. */
  destroy(): void {
    this.user = undefined;
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.pool.connections--;
    this.pool.forget(this);
    this.#shared.deadlines.delete(this);
    this.#shared.ports.connections('upstream', -1);
    this.wire.destroy();
  }

  tick(now: number): void {
    if (this.user !== undefined) this.#lookAgain(this.user);
    else if (now - this.idleSince > this.#idleMs) this.destroy();
  }

  read(buffer: NodeBytes, end: number): boolean {
    const { user } = this;
    if (user === undefined) {
      // Bytes that nobody asked for: shown to nobody.
      this.destroy();
      return true;
    }
    try {
      return this.#read(buffer, end);
    } catch (error) {
      this.#bug(this.user ?? user, error);
      return true;
    }
  }

  #read(buffer: NodeBytes, end: number): boolean {
    this.hasResponded = true;
    const partial = this.#partial;
    if (partial.length === 0) return this.#look(buffer, end);
    return partial.appendRead(buffer, end) ? this.#look(partial.bytes, partial.length) : true;
  }

  /** When what is being read came, by the clock: looked at once for each read. */
  get readAt(): number {
    const shared = this.#shared;
    if (shared.readAt === 0) shared.readAt = shared.ports.now();
    return shared.readAt;
  }

  #look(bytes: NodeBytes, end: number): boolean {
    this.#shared.readAt = 0;
    const at = this.#consume(bytes, end);
    if (this.isClosed) return true;
    this.#partial.keep(bytes, at, end);
    return this.#reader?.flush(this) ?? true;
  }

  /** Bytes of a head that were not worth a look when they came: they may be refused. */
  #lookAgain(user: UpstreamUser): void {
    const partial = this.#partial;
    if (!partial.isUnseen) return;
    this.#guard(user, () => {
      if (!this.#look(partial.bytes, partial.length)) this.wire.pause();
    });
  }

  /**
   * Who reads the response, as long as that is under way. A user may take the connection again
   * within its call of `ended`, for its next request: that is another use.
   */
  get #reader(): UpstreamUser | undefined {
    return this.#hasEnded ? undefined : this.user;
  }

  get isClosed(): boolean {
    return this.#phase === 'closed';
  }

  /** Returns how far the bytes were understood. */
  #consume(bytes: NodeBytes, end: number): number {
    this.#hasEnded = false;
    let at = 0;
    while (at < end) {
      // The head may have been the last that the first one wanted to know (`passTo`).
      const user = this.#reader;
      if (user === undefined) break;
      if (this.#phase === 'body') {
        at = this.#body(user, bytes, at, end);
        continue;
      }
      const { responseHead } = this.#shared;
      const next = scanResponseHead(responseHead, bytes, at, end, user.isHead);
      if (next < 0) this.#lose(responseHead.refusal ?? 'bad_status_line', 'message');
      if (next <= 0) return at;
      if (responseHead.status === 101) return this.#switch(user, bytes, next, end);
      at = next;
      this.#headScanned(user, at === end);
    }
    return at;
  }

  /** Behind a 101 there is no HTTP: all the rest is the user's. */
  #switch(user: UpstreamUser, bytes: NodeBytes, start: number, end: number): number {
    const refusal = user.switched
      ? user.switched(this, bytes, start, end)
      : ('unasked_switch' as const);
    if (refusal !== undefined) this.#lose(refusal, 'message');
    return end;
  }

  #headScanned(user: UpstreamUser, isLast: boolean): void {
    const head = this.#shared.responseHead;
    if (head.status < 200) {
      if (++this.#interims > interimMost) {
        this.#lose('bad_status', 'message');
        return;
      }
      user.interim(this);
      return;
    }
    this.#phase = 'body';
    this.#framing = head.framing;
    this.#bodyLeft = head.contentLength;
    this.isPersistent = head.persistent;
    if (!this.isReused) this.#readHint();
    if (head.framing === framing.chunked) {
      this.#chunked ??= new ChunkedDecoder();
      this.#chunked.reset();
    }
    user.head(this);
    const isEmpty = this.#framing === framing.length && this.#bodyLeft === 0;
    if (this.#framing !== framing.none && !isEmpty) return;
    const reader = this.#reader;
    if (reader !== undefined) this.#end(reader, '', isLast);
  }

  #readHint(): void {
    const seconds = keepAliveSeconds(this.#shared.responseHead.fieldText('keep-alive'));
    if (seconds !== undefined) this.#idleMs = Math.max(0, seconds * 1_000 - beforeHintMs);
  }

  #body(user: UpstreamUser, bytes: NodeBytes, start: number, end: number): number {
    if (this.#chunked !== undefined && this.#framing === framing.chunked) {
      return this.#chunks(this.#chunked, user, bytes, start, end);
    }
    if (this.#framing !== framing.length) {
      user.body(this, bytes, start, end);
      return end;
    }
    const stop = Math.min(end, start + this.#bodyLeft);
    this.#bodyLeft -= stop - start;
    user.body(this, bytes, start, stop);
    if (this.#bodyLeft === 0 && this.#reader === user) this.#end(user, '', stop === end);
    return stop;
  }

  #chunks(
    chunked: ChunkedDecoder,
    user: UpstreamUser,
    bytes: NodeBytes,
    start: number,
    end: number,
  ): number {
    chunked.decode(bytes, start, end);
    user.body(this, bytes, chunked.dataStart, chunked.dataEnd);
    if (this.#reader !== user) return end;
    if (chunked.refusal !== undefined) this.#lose(chunked.refusal, 'message');
    else if (chunked.done) this.#end(user, chunked.trailerText, chunked.next === end);
    return chunked.next;
  }

  #end(user: UpstreamUser, trailers: string, isClean: boolean): void {
    this.#phase = 'head';
    this.#hasEnded = true;
    user.ended(this, trailers, isClean);
  }

  /** The other side has sent its FIN: the end of a body without length, else a loss. */
  halfClosed(): void {
    if (this.user !== undefined) this.#lookAgain(this.user);
    this.#shared.readAt = 0;
    const { user } = this;
    if (user === undefined) this.destroy();
    else if (this.#phase === 'body' && this.#framing === framing.untilClose) {
      this.#guard(user, () => this.#end(user, '', false));
    } else this.#lose('ended');
  }

  #lose(code: string, during: Loss['during'] = this.isConnected ? 'use' : this.#opening): void {
    if (this.#phase === 'closed') return;
    const { user } = this;
    this.destroy();
    if (user === undefined) return;
    try {
      user.lost(this, { during, code });
    } catch (error) {
      user.bug(error);
    }
  }
}
