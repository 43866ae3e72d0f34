import { ApiError } from '#core/kubernetes/api';
import type { Clock } from './clock.ts';

/** Aborts what nothing was heard of for too long, or what is not wanted any more. */
export class Deadline {
  readonly #clock: Clock;
  readonly #aborted = new AbortController();
  #callOff: () => void;
  #isOver = false;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#callOff = this.#begin(ms);
  }

  get signal(): AbortSignal {
    return this.#aborted.signal;
  }

  /** Nothing was heard for too long. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** It was cancelled. */
  get isCancelled(): boolean {
    return this.#aborted.signal.aborted && !this.#isOver;
  }

  /** Something was heard: it begins anew. */
  again(ms: number): void {
    this.#callOff();
    this.#callOff = this.#begin(ms);
  }

  cancel(): void {
    this.#callOff();
    this.#aborted.abort(new ApiError(0, 'is not wanted any more'));
  }

  end(): void {
    this.#callOff();
  }

  #begin(ms: number): () => void {
    return this.#clock.after(ms, () => {
      this.#isOver = true;
      this.#aborted.abort(new ApiError(0, `nothing was heard for ${ms / 1_000} s`));
    });
  }
}
