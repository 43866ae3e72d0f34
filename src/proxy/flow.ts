import { FrameCount } from '#core/websocket/frame-count';
import type { NodeBytes } from './node-bytes.ts';
import { outBuffer, send } from './out-buffer.ts';
import type { Wire, WireUser } from './wire.ts';

/** What hears of a flow. */
export interface FlowUser {
  /** FIN has come, and was passed on. */
  ended(): void;
  /** Bytes have come, since a Close was asked for. */
  tookWhileClosing(): void;
  /** The connection that is read from is gone. */
  lost(flow: Flow, code: string): void;
  /** A fault of the proxy was caught. */
  bug(error: unknown): void;
}

/** One direction of a tunnel: what one connection receives is written to the other, byte by byte. */
export class Flow implements WireUser {
  /** Bytes that have come. */
  bytes = 0;
  /** FIN has come, and was passed on. */
  hasEnded = false;
  /** Nothing goes this way any more: it was told Close, by the other side or by us. */
  isClosed = false;
  readonly #from: Wire;
  readonly #to: Wire;
  readonly #user: FlowUser;
  readonly #frames = new FrameCount();
  /** The Close that is to be put between two frames. */
  #close: NodeBytes | undefined;

  constructor(from: Wire, to: Wire, user: FlowUser) {
    this.#from = from;
    this.#to = to;
    this.#user = user;
  }

  /** Who is read from has said Close, or can say nothing any more. */
  get hasSaidClose(): boolean {
    return this.#frames.hasClosed || this.hasEnded;
  }

  /** Takes the connection over, behind bytes that have come before. */
  begin(bytes: NodeBytes, start: number, end: number): void {
    this.#from.handTo(this);
    if (start < end) this.#take(bytes, start, end);
  }

  /** Said only of connections that are being opened. */
  opened(): void {}

  read(buffer: NodeBytes, end: number): boolean {
    try {
      return this.#take(buffer, 0, end);
    } catch (error) {
      this.#user.bug(error);
      return true;
    }
  }

  halfClosed(): void {
    this.#guard(() => {
      this.hasEnded = true;
      this.#to.end();
      this.#user.ended();
    });
  }

  /** What came the other way has been taken: there may be more of it. */
  drained(): void {
    this.#guard(() => this.#to.resume());
  }

  closed(code: string): void {
    this.#guard(() => this.#user.lost(this, code));
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#user.bug(error);
    }
  }

  /** Puts a Close into this direction as soon as no frame is under way. */
  close(frame: NodeBytes): void {
    this.#close = frame;
    if (this.#frames.isBetween) this.#sayClose(frame);
  }

  #take(bytes: NodeBytes, start: number, end: number): boolean {
    this.bytes += end - start;
    const close = this.#close;
    const stop = this.isClosed ? start : this.#frames.take(bytes, start, end, close !== undefined);
    const goesOn = stop === start || this.#pass(bytes, start, stop);
    if (close !== undefined) {
      if (this.#frames.isBetween) this.#sayClose(close);
      // What goes nowhere is followed all the same: a Close may be among it.
      this.#frames.take(bytes, stop, end, false);
      this.#user.tookWhileClosing();
    }
    return goesOn;
  }

  #pass(bytes: NodeBytes, start: number, end: number): boolean {
    return send(this.#to, bytes.copy(outBuffer(), 0, start, end));
  }

  #sayClose(frame: NodeBytes): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (!this.#frames.hasClosed && !this.hasEnded) this.#to.write(frame);
  }
}
