/** Something with deadlines of its own to look at. */
export interface Timed {
  tick(now: number): void;
}

/**
 * A quarter of a second, and one: whole quarters, which most limits are, have then passed for
 * certain at the tick that ends them, in whole milliseconds too.
 */
const usualTickMs = 251;

/**
 * One coarse clock for all time limits.
 *
 * Setting a deadline is an assignment of `now` plus something to a field of one's own;
 * four times a second everything that is open is asked to look at its fields. With
 * 10,000 connections that is less work than one timer per request, and it cannot leak.
 */
export class Deadlines {
  /**
   * Whole milliseconds by the monotonic clock, at the last tick. Whole, because V8 keeps any
   * other number in an object of its own: with hundreds of connections each such object that a
   * request looks at has to be fetched from memory.
   */
  now: number;
  readonly #open = new Set<Timed>();
  readonly #clock: () => number;
  readonly #timer: NodeJS.Timeout;

  constructor(clock: () => number, tickMs = usualTickMs) {
    this.#clock = clock;
    this.now = Math.floor(clock());
    this.#timer = setInterval(() => this.tick(), tickMs);
    this.#timer.unref();
  }

  add(timed: Timed): void {
    this.#open.add(timed);
  }

  delete(timed: Timed): void {
    this.#open.delete(timed);
  }

  tick(): void {
    this.now = Math.floor(this.#clock());
    for (const timed of this.#open) timed.tick(this.now);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
