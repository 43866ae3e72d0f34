import type { NodeBytes } from './node-bytes.ts';

/** What uses a wire. Nothing is heard any more after a call of `destroy` or `reset`. */
export interface WireUser {
  /** The connection that was asked for is there. */
  opened(): void;
  /**
   * Takes what was received: bytes from 0 to `end` of `buffer`, good until it returns.
   * Returns false to stop reading; `resume` goes on. What TLS has decrypted by then still comes,
   * a read's worth of it at most.
   */
  read(buffer: NodeBytes, end: number): boolean;
  /** The other side has sent its FIN. */
  halfClosed(): void;
  /** All that was written has been taken, after a `write` that returned false. */
  drained(): void;
  /** The connection is gone; `code` is the system's, `closed` where nothing went wrong. */
  closed(code: string): void;
}

/**
 * A connection as the data path uses it: bytes in, bytes out, and an end on each side.
 *
 * There are two kinds: one on the handle of a TCP socket (handle-wire.ts), and one on Node's
 * own socket (socket-wire.ts) for whatever that cannot do.
 */
export interface Wire {
  /** Address of the other side; '' where it is not known any more. */
  readonly remoteAddress: string;
  /** What goes over it is encrypted. */
  readonly isSecure: boolean;
  /** Bytes written that the system has not taken yet. */
  readonly unsentBytes: number;
  /** What was last written is still in use: its memory must not change. */
  readonly keepsBytes: boolean;
  /** Bytes that the system has taken so far. */
  readonly takenBytes: number;
  /** A `write` has returned false, and `drained` has not been called yet. */
  readonly needsDrain: boolean;
  /** From now on another one uses it. */
  handTo(user: WireUser): void;
  /** Writes; returns false if the connection wants a pause. */
  write(bytes: NodeBytes): boolean;
  /** Calls `done` when everything written so far is taken or lost. */
  whenTaken(done: () => void): void;
  pause(): void;
  resume(): void;
  /** Sends FIN behind what was written; still reads. */
  end(): void;
  /** Sends what was written, then closes. */
  destroySoon(): void;
  /** Closes at once. */
  destroy(): void;
  /** Closes with RST: what was sent can't pass for a whole message. */
  reset(): void;
}

/** Unsent bytes at which a connection wants a pause. */
export const unsentMost = 64 * 1024;

/** The system's code for a connection that ended without a fault. */
export const closedWell = 'closed';
