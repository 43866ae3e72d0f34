import type { Clock } from '../../src/kubernetes/clock.ts';
import { eventually } from '../support/eventually.ts';

interface Timer {
  readonly ms: number;
  readonly at: number;
  readonly act: () => void;
}

/** A clock that stands still but for `pass`, and a chance that is always the same. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();
  readonly random: () => number;

  constructor(chance = 0.5) {
    this.random = () => chance;
  }

  readonly now = (): number => this.#nowMs;

  readonly after = (ms: number, act: () => void): (() => void) => {
    const timer = { ms, at: this.#nowMs + ms, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Lets time pass. */
  pass(ms: number): void {
    this.#nowMs += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > this.#nowMs || !this.#timers.delete(timer)) continue;
      timer.act();
    }
  }

  /** Whether something waits for so long, counted from whenever. */
  waitsFor(ms: number): boolean {
    return [...this.#timers].some((timer) => timer.ms === ms);
  }

  /** Waits until something waits for exactly so long, and lets that time pass. */
  async passPause(ms: number): Promise<void> {
    await eventually(
      () => [...this.#timers].some((timer) => timer.ms === ms && timer.at === this.#nowMs + ms),
      `a pause of ${ms} ms`,
    ).catch((error) => {
      const waited = [...this.#timers].map((timer) => timer.ms).join(', ');
      throw new Error(`${error.message}; what is waited for: ${waited}`);
    });
    this.pass(ms);
  }
}
