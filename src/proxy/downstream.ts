import type { Refusal } from '#core/http1/refusal';
import { scanRequestHead } from '#core/http1/request-head';
import { type Answer, answerText } from './answer.ts';
import type { Client } from './client.ts';
import type { Timed } from './deadlines.ts';
import { Exchange } from './exchange.ts';
import { identify } from './identify.ts';
import type { NodeBytes } from './node-bytes.ts';
import { Partial } from './partial.ts';
import { ResponseOut } from './response-out.ts';
import type { Shared } from './shared.ts';
import type { Wire, WireUser } from './wire.ts';

/** Bytes of later requests that are taken while one is being answered. */
const lookAheadMost = 16 * 1024;
/** Bytes that are thrown away after an answer that ends the connection. */
const lingerMost = 64 * 1024;

const goOn = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1') as NodeBytes;

type Phase = 'idle' | 'head' | 'exchange' | 'lingering' | 'closed';

/** The connection of a client: reads requests, one exchange at a time. */
export class Downstream implements WireUser, Timed, Client {
  readonly out: ResponseOut;
  readonly isHttps: boolean;
  readonly peer: string;
  readonly isTrusted: boolean;
  readonly #wire: Wire;
  readonly #shared: Shared;
  readonly #exchange: Exchange;
  readonly #partial = new Partial();
  readonly #gone: (downstream: Downstream) => void;
  #phase: Phase = 'head';
  /** When the connection has become too old to be kept open, by the coarse clock; 0: never. */
  #oldAt: number;
  /** Since when the present phase lasts, by the coarse clock. */
  #since: number;
  #requests = 0;
  #lingered = 0;
  #isPaused = false;
  /** The connection is closed, or not ours any more: it ends with the exchange, without a word. */
  #isGone = false;
  /** A read is being taken: its loop goes on by itself when an exchange ends within it. */
  #isReading = false;
  #takenAt = 0;
  #taken = 0;

  constructor(wire: Wire, shared: Shared, gone: (downstream: Downstream) => void) {
    this.#wire = wire;
    this.#shared = shared;
    this.#gone = gone;
    this.isHttps = wire.isSecure;
    this.peer = wire.remoteAddress;
    this.isTrusted = shared.ports.trusts(this.peer);
    this.#since = shared.deadlines.now;
    this.#oldAt = oldAt(shared);
    this.out = new ResponseOut(wire);
    this.#exchange = new Exchange(this, shared);
    shared.deadlines.add(this);
  }

  /** Said only of connections that we open. */
  opened(): void {}

  halfClosed(): void {
    this.#guard(() => this.#halfClosed());
  }

  drained(): void {
    this.#guard(() => this.#drained());
  }

  closed(): void {
    this.#guard(() => this.#closed());
  }

  read(buffer: NodeBytes, end: number): boolean {
    try {
      return this.#read(buffer, end);
    } catch (error) {
      this.bug(error);
      return true;
    }
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.bug(error);
    }
  }

  /** A fault of our own: this connection ends, the process lives on. */
  bug(error: unknown): void {
    this.#shared.ports.bug(error);
    if (!this.#exchange.isOver) {
      try {
        this.#exchange.abandon();
      } catch (second) {
        this.#shared.ports.bug(second);
      }
    }
    this.#destroy();
  }

  #read(buffer: NodeBytes, end: number): boolean {
    this.#isReading = true;
    this.#take(buffer, end);
    this.#isReading = false;
    if (this.#phase === 'closed') return true;
    return !this.#isPaused;
  }

  #take(buffer: NodeBytes, end: number): void {
    switch (this.#phase) {
      case 'closed':
        break;
      case 'lingering':
        this.#linger(end);
        break;
      case 'exchange':
        this.#readOn(buffer, end);
        break;
      default:
        this.#readHeads(buffer, end);
    }
  }

  /** Bytes in the middle of an exchange: its body, and what is pipelined behind it. */
  #readOn(buffer: NodeBytes, end: number): void {
    this.#since = this.#shared.deadlines.now;
    const next = this.#exchange.requestBytes(buffer, 0, end);
    if (this.#phase === 'closed' || this.#phase === 'lingering') return;
    if (next < end) this.#partial.append(buffer, next, end);
    if (this.#phase === 'exchange') this.#lookAhead();
    else this.#nextHeads();
  }

  #lookAhead(): void {
    if (this.#partial.length > lookAheadMost) this.pauseReading();
  }

  #readHeads(buffer: NodeBytes, end: number): void {
    if (this.#partial.length === 0) {
      this.#heads(buffer, end);
      return;
    }
    if (this.#partial.appendRead(buffer, end)) {
      this.#heads(this.#partial.bytes, this.#partial.length);
    }
  }

  /** Requests that were read while an exchange was under way. */
  #nextHeads(): void {
    if (this.#partial.length > 0 && this.#canBegin()) {
      // An exchange that ends at once must not begin the next one from within itself.
      const wasReading = this.#isReading;
      this.#isReading = true;
      this.#heads(this.#partial.bytes, this.#partial.length);
      this.#isReading = wasReading;
    }
    if (this.#isPaused && this.#partial.length <= lookAheadMost) this.resumeReading();
  }

  /** Bytes of a head that were not worth a look when they came: they may be refused. */
  #lookAgain(): void {
    if (this.#phase === 'head' && this.#partial.isUnseen) this.#nextHeads();
  }

  /** A client that pipelines but does not read its answers waits with its next request. */
  #canBegin(): boolean {
    return (this.#phase === 'idle' || this.#phase === 'head') && !this.#wire.needsDrain;
  }

  #heads(bytes: NodeBytes, end: number): void {
    let at = 0;
    while (at < end && this.#canBegin()) {
      const { requestHead, limits } = this.#shared;
      const next = scanRequestHead(requestHead, bytes, at, end, limits.head);
      if (next < 0) {
        this.#refuse(requestHead.refusal ?? 'bad_request_line', requestHead.method);
        return;
      }
      if (next === 0) {
        this.#needsMore();
        break;
      }
      at = this.#begin(bytes, next, end);
    }
    if (this.#phase === 'closed' || this.#phase === 'lingering') return;
    this.#partial.keep(bytes, at, end);
    if (this.#phase === 'exchange') this.#lookAhead();
  }

  #needsMore(): void {
    if (this.#phase === 'head') return;
    this.#phase = 'head';
    this.#since = this.#shared.deadlines.now;
  }

  /** Begins an exchange; returns the offset of the first byte behind what it took. */
  #begin(bytes: NodeBytes, bodyStart: number, end: number): number {
    const { inForce, limits, requestHead } = this.#shared;
    if (inForce === undefined) throw new TypeError('no snapshot is in force');
    this.#phase = 'exchange';
    this.#since = this.#shared.deadlines.now;
    if (++this.#requests >= limits.maxRequests || this.#isOld) requestHead.persistent = false;
    identify(this.#shared, this, inForce.snapshot.fieldNames);
    this.#exchange.begin(inForce, bodyStart < end);
    // What came behind the head: of its body, if the exchange still wants it.
    return this.#exchange.isOver ? bodyStart : this.#exchange.requestBytes(bytes, bodyStart, end);
  }

  #refuse(code: Refusal, method: string): void {
    this.#phase = 'exchange';
    this.#exchange.refuse(code, method);
  }

  answer(answer: Answer, close: boolean): void {
    const text = answerText(answer, {
      date: this.#shared.date.text,
      isHead: this.#exchange.isHead,
      close,
      keepAliveAloud: this.#exchange.minorVersion === 0,
    });
    this.#wire.write(Buffer.from(text, 'latin1') as NodeBytes);
  }

  sayContinue(): void {
    this.#wire.write(goOn);
  }

  /** The exchange is over: on to the next request, or to the end of the connection. */
  ended(close: boolean): void {
    if (this.#phase !== 'exchange') return;
    this.#since = this.#shared.deadlines.now;
    if (this.#isGone) {
      this.#closed();
      return;
    }
    if (close) {
      this.#lingerFrom();
      return;
    }
    this.#phase = 'idle';
    // Within a read the loop that called us goes on by itself.
    if (!this.#isReading) this.#nextHeads();
  }

  /**
   * Ends our side and throws away what still comes: closing over unread bytes would send
   * a reset, which can erase the answer before the client reads it (RFC 9112 section 9.6).
   */
  #lingerFrom(): void {
    this.#phase = 'lingering';
    this.#partial.length = 0;
    this.#lingered = 0;
    this.#wire.end();
    this.resumeReading();
  }

  #linger(bytes: number): void {
    this.#lingered += bytes;
    if (this.#lingered > lingerMost) this.#destroy();
  }

  pauseReading(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#wire.pause();
  }

  resumeReading(): void {
    if (!this.#isPaused) return;
    if (this.#phase === 'exchange' && this.#partial.length > lookAheadMost) return;
    this.#isPaused = false;
    this.#wire.resume();
  }

  /** What was written has been taken. */
  #drained(): void {
    if (this.#phase === 'exchange') this.#exchange.clientDrained();
    else this.#nextHeads();
  }

  /** The exchange ends next, and the connection with it. */
  reset(): void {
    this.#isGone = true;
    this.#wire.reset();
  }

  handOver(): { readonly wire: Wire; readonly early: NodeBytes } {
    this.#isGone = true;
    return { wire: this.#wire, early: this.#partial.take() };
  }

  #cutOff(): void {
    this.#wire.reset();
    this.#closed();
  }

  #destroy(): void {
    this.#wire.destroy();
    this.#closed();
  }

  /** The client has sent its FIN. In the middle of an exchange that means it has gone. */
  #halfClosed(): void {
    this.#lookAgain();
    if (this.#phase === 'exchange') this.#exchange.clientGone();
    this.#wire.destroySoon();
  }

  #closed(): void {
    if (this.#phase === 'closed') return;
    const wasInExchange = this.#phase === 'exchange';
    this.#phase = 'closed';
    this.#shared.deadlines.delete(this);
    if (wasInExchange && !this.#exchange.isOver) this.#exchange.clientGone();
    this.#gone(this);
  }

  /** The port is closed: what would wait for long is ended, the rest goes on to its end. */
  drain(): void {
    this.#exchange.drain();
  }

  /** Closes the connection whatever it does. Returns whether an exchange was cut. */
  cut(): boolean {
    const isCut = this.#phase === 'exchange';
    if (isCut) this.#cutOff();
    else this.#destroy();
    return isCut;
  }

  get #isOld(): boolean {
    return this.#oldAt !== 0 && this.#since > this.#oldAt;
  }

  /** Its next answer ends the connection. Returns whether that is news. */
  letGo(): boolean {
    // A tunnel has no next answer.
    if (this.#oldAt < 0 || this.#isGone) return false;
    this.#oldAt = -1;
    return true;
  }

  tick(now: number): void {
    this.#guard(() => this.#tick(now));
  }

  #tick(now: number): void {
    const { limits } = this.#shared;
    this.#lookAgain();
    const lasted = now - this.#since;
    if (this.#isStuck(now)) {
      this.#cutOff();
    } else if (this.#phase === 'idle') {
      if (lasted > limits.keepAliveMs) this.#wire.destroySoon();
    } else if (this.#phase === 'head') {
      if (lasted > limits.headMs) this.#headLate();
    } else if (this.#phase === 'lingering') {
      if (lasted > limits.lingerMs) this.#destroy();
    } else if (this.#phase === 'exchange') {
      this.#tickExchange(now, lasted);
    }
  }

  #tickExchange(now: number, lasted: number): void {
    const { request } = this.#exchange;
    const isLate = !request.isRead && !this.#isPaused && lasted > this.#shared.limits.bodyMs;
    if (isLate) this.#exchange.bodyLate();
    else this.#exchange.tick(now);
  }

  #headLate(): void {
    if (this.#partial.length === 0) this.#wire.destroySoon();
    else this.#refuse('head_timeout', '');
  }

  /** Whether the client has taken nothing of what was written for too long. */
  #isStuck(now: number): boolean {
    if (this.#wire.unsentBytes === 0) {
      this.#takenAt = now;
      return false;
    }
    const { takenBytes } = this.#wire;
    if (takenBytes !== this.#taken) {
      this.#taken = takenBytes;
      this.#takenAt = now;
    }
    return now - this.#takenAt > this.#shared.limits.writeMs;
  }
}

/** Not all connections that came at once end at once. */
function oldAt({ deadlines, limits, ports }: Shared): number {
  const { maxAgeMs } = limits;
  if (maxAgeMs === 0) return 0;
  return deadlines.now + Math.ceil(maxAgeMs * (0.9 + 0.2 * ports.assign.random()));
}
