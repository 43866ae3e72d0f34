/** How many checks in a row it takes to be down, or up again. */
export interface CheckRule {
  readonly unhealthy: number;
  readonly healthy: number;
}

/** What the checks of an endpoint say of it. It is up until they say otherwise. */
export class CheckStreak {
  isUp = true;
  /** Checks in a row that said the opposite of `isUp`. */
  #against = 0;

  /** Notes a check. Returns whether it changed what is said. */
  note(hasPassed: boolean, { unhealthy, healthy }: CheckRule): boolean {
    if (hasPassed === this.isUp) {
      this.#against = 0;
      return false;
    }
    this.#against++;
    if (this.#against < (this.isUp ? unhealthy : healthy)) return false;
    this.isUp = hasPassed;
    this.#against = 0;
    return true;
  }
}
