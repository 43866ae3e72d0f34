import type { Clock } from './clock.ts';
import type { Times } from './times.ts';

/**
 * Pauses after failures: from nothing to a most that doubles with each failure, at random, so
 * that not all replicas come back to a server at the same moment.
 */
export class Backoff {
  readonly #clock: Clock;
  readonly #times: Times;
  #failures = 0;
  #wellSince: number | undefined;

  constructor(clock: Clock, times: Times) {
    this.#clock = clock;
    this.#times = times;
  }

  /** Something went well. */
  succeeded(): void {
    this.#wellSince ??= this.#clock.now();
  }

  /** Something failed: returns how long to wait, in milliseconds. */
  failed(): number {
    const { firstPauseMs, longestPauseMs, quietMs } = this.#times;
    const wellMs = this.#wellSince === undefined ? 0 : this.#clock.now() - this.#wellSince;
    if (wellMs >= quietMs) this.#failures = 0;
    this.#wellSince = undefined;
    const mostMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#failures);
    this.#failures++;
    return this.#clock.random() * mostMs;
  }
}
