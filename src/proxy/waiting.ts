/** A request that something may keep waiting. */
export interface Waiter {
  /** Its place among all that have come. */
  readonly cameAs: number;
  /** Another snapshot is in force: it may not have to wait any more, or not for this version. */
  swapped(): void;
}

/** The requests that wait for something, whatever that is. */
export class Waiting {
  readonly #all = new Set<Waiter>();
  #came = 0;

  /** Returns the place of a request that comes now. */
  next(): number {
    return ++this.#came;
  }

  add(waiter: Waiter): void {
    this.#all.add(waiter);
  }

  delete(waiter: Waiter): void {
    this.#all.delete(waiter);
  }

  /** Tells all of them that another snapshot is in force, in the order in which they came. */
  swapped(): void {
    const inOrder = [...this.#all].sort((one, other) => one.cameAs - other.cameAs);
    for (const waiter of inOrder) waiter.swapped();
  }
}
