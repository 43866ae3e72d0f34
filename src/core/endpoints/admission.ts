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
  /** How many there were in all, as 32 bits. */
  requests = 0;
  #limits: Limits;
  #most: number;
  /** How many wait. */
  waiting = 0;
  /** In the order in which they came; a Set, because any of them may go away. */
  #line: Set<Waiter> | undefined;
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

  /** A request has come. Lets it in, if there is room for it and nobody waits. */
  enter(): boolean {
    this.requests = (this.requests + 1) | 0;
    if (this.inUse >= this.#most || this.waiting > 0) return false;
    this.inUse++;
    return true;
  }

  /** Puts one in the line that was not let in. Returns false where it has to be turned away. */
  queue(waiter: Waiter): boolean {
    const { connections, inFlight, waiting } = this.#limits;
    if (inFlight < connections || this.waiting >= waiting) return false;
    this.#line ??= new Set();
    this.#line.add(waiter);
    this.waiting++;
    return true;
  }

  leave(): void {
    this.inUse--;
    if (this.waiting > 0) this.#admit();
  }

  /** Takes one out of the line that does not want to wait any more. */
  forget(waiter: Waiter): void {
    if (this.#line?.delete(waiter)) this.waiting--;
  }

  /** One after the other, not one within the other: a request that fails at once leaves at once. */
  #admit(): void {
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    for (const waiter of this.#line ?? []) {
      if (this.inUse >= this.#most) break;
      this.forget(waiter);
      this.inUse++;
      waiter.admitted();
    }
    this.#isAdmitting = false;
  }
}

function mostOf({ connections, inFlight }: Limits): number {
  return Math.min(connections, inFlight);
}
