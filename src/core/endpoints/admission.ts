import type { VersionLimits } from '#core/routing/rules';

/** A request that waits for its turn. */
export interface Waiter {
  /** It may go on: it counts as one in use. Must not throw. */
  admitted(): void;
}

type Limits = Pick<VersionLimits, 'connections' | 'inFlight' | 'waiting'>;

/**
 * Lets requests to a version up to its limits. Beyond as many as it may have connections they
 * wait, in the order in which they came; beyond as many as it may have in flight, or waiting,
 * they are turned away.
 */
export class Admission {
  /** Requests that were let in and have not left. */
  inUse = 0;
  #limits: Limits;
  #most: number;
  /** In the order in which they came; a Set, because any of them may go away. */
  readonly #line = new Set<Waiter>();
  #isAdmitting = false;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#most = mostOf(limits);
  }

  set limits(limits: Limits) {
    this.#limits = limits;
    this.#most = mostOf(limits);
    this.#admit();
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** Lets a request in, if there is room for it and nobody waits. */
  enter(): boolean {
    if (this.inUse >= this.#most || this.#line.size > 0) return false;
    this.inUse++;
    return true;
  }

  /** Puts one in the line that was not let in. Returns false where it has to be turned away. */
  queue(waiter: Waiter): boolean {
    const { connections, inFlight, waiting } = this.#limits;
    if (inFlight < connections || this.#line.size >= waiting) return false;
    this.#line.add(waiter);
    return true;
  }

  leave(): void {
    this.inUse--;
    if (this.#line.size > 0) this.#admit();
  }

  /** Takes one out of the line that does not want to wait any more. */
  forget(waiter: Waiter): void {
    this.#line.delete(waiter);
  }

  /** One after the other, not one within the other: a request that fails at once leaves at once. */
  #admit(): void {
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    for (const waiter of this.#line) {
      if (this.inUse >= this.#most) break;
      this.#line.delete(waiter);
      this.inUse++;
      waiter.admitted();
    }
    this.#isAdmitting = false;
  }
}

function mostOf({ connections, inFlight }: Limits): number {
  return Math.min(connections, inFlight);
}
