import type { Rollouts } from './rollouts.ts';

/** How often rollouts are looked at, beside when a candidate fails. */
const lookMs = 1_000;

/** Looks at the rollouts again and again, as long as there is one under way. */
export class Loop {
  readonly #rollouts: Rollouts;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;
  #isAgain = false;

  constructor(rollouts: Rollouts) {
    this.#rollouts = rollouts;
    this.#timer = setInterval(() => this.look(), lookMs);
    this.#timer.unref();
  }

  /** Looks now: a candidate has failed. What fails during a look is looked at after it. */
  look(): void {
    if (this.#isLooking) this.#isAgain = true;
    else if (this.#rollouts.isBusy) void this.#look();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    do {
      this.#isAgain = false;
      await this.#rollouts.look();
    } while (this.#isAgain);
    this.#isLooking = false;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
