import type { RequestHead } from '#core/http1/request-head';
import type { Answer } from './answer.ts';
import type { RequestFacts } from './request-facts.ts';
import type { ResponseOut } from './response-out.ts';

/** What an exchange needs from the connection of its client. */
export interface Client {
  readonly head: RequestHead;
  readonly facts: RequestFacts;
  readonly out: ResponseOut;
  readonly isHttps: boolean;
  /** Address of the other side of the connection, and whether it is a trusted proxy. */
  readonly peer: string;
  readonly isTrusted: boolean;
  /** Writes an answer of our own; `close` says that the connection ends with it. */
  answer(answer: Answer, close: boolean): void;
  /** Writes an interim head that is not a relayed one. */
  sayContinue(): void;
  /** The exchange is over. */
  ended(close: boolean): void;
  /** Breaks the connection, so that what was sent can't pass for a whole response. */
  reset(): void;
  pauseReading(): void;
  resumeReading(): void;
  /** A fault of our own: the connection ends, the process lives on. */
  bug(error: unknown): void;
}
