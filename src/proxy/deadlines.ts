/** Something with deadlines of its own to look at. */
export interface Timed {
  tick(now: number): void;
}

/** What is open is looked at in so many parts, one at each tick. */
export const parts = 8;
/** Each of them four times a second, or nearly. */
const usualTickMs = 31;

/**
 * One coarse clock for all time limits.
 *
 * Setting a deadline is an assignment of `now` plus something to a field of one's own;
 * four times a second everything that is open is asked to look at its fields. With
 * 10,000 connections that is less work than one timer per request, and it cannot leak.
 * An eighth of it is asked at a time: of thousands of connections that came at once, and are
 * late at once, all must not be ended in one turn of the loop.
 */
export class Deadlines {
  /**
   * Whole milliseconds by the monotonic clock, at the last tick. Whole, because V8 keeps any
   * other number in an object of its own: with hundreds of connections each such object that a
   * request looks at has to be fetched from memory.
   */
  now: number;
  readonly #open: readonly Set<Timed>[] = Array.from({ length: parts }, () => new Set<Timed>());
  #added = 0;
  #ticks = 0;
  readonly #clock: () => number;
  readonly #timer: NodeJS.Timeout;

  constructor(clock: () => number, tickMs = usualTickMs) {
    this.#clock = clock;
    this.now = Math.floor(clock());
    this.#timer = setInterval(() => this.tick(), tickMs);
    this.#timer.unref();
  }

  /** Adds what is not there yet. */
  add(timed: Timed): void {
    this.#open[this.#added++ % parts]?.add(timed);
  }

  delete(timed: Timed): void {
    for (const part of this.#open) if (part.delete(timed)) return;
  }

  tick(): void {
    this.now = Math.floor(this.#clock());
    for (const timed of this.#open[this.#ticks++ % parts] ?? []) timed.tick(this.now);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
