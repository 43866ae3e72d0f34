import type { Answer } from './answer.ts';
import type { NodeBytes } from './node-bytes.ts';
import type { ResponseOut } from './response-out.ts';
import type { Wire } from './wire.ts';

/** The other side of a client's connection. */
export interface Peer {
  readonly isHttps: boolean;
  readonly peer: string;
  /** It is a trusted proxy. */
  readonly isTrusted: boolean;
}

/** What an exchange needs from the connection of its client. */
export interface Client extends Peer {
  readonly out: ResponseOut;
  /** Writes an answer of our own; `close` says that the connection ends with it. */
  answer(answer: Answer, close: boolean): void;
  /** Writes an interim head that is not a relayed one. */
  sayContinue(): void;
  /** The exchange is over. */
  ended(close: boolean): void;
  /**
   * Gives the connection to a tunnel, for good; when the exchange is over it is closed. `early`
   * is what has come behind the request.
   */
  handOver(): { readonly wire: Wire; readonly early: NodeBytes };
  /** Breaks the connection, so that what was sent can't pass for a whole response. */
  reset(): void;
  pauseReading(): void;
  resumeReading(): void;
  /** A fault of our own: the connection ends, the process lives on. */
  bug(error: unknown): void;
}
