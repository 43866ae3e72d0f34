import type { Waiter } from '#core/endpoints/admission';
import type { Discard } from './discard.ts';
import type { Fleet } from './fleet.ts';
import type { Shared } from './shared.ts';

/** What a request waits for while nothing is under way for it. */
export interface Wait {
  /**
   * Connecting: no address of its version is known yet. Queued: the version has as many requests
   * as it may have. Pausing: it is about to be sent again. Held: nobody can be reached.
   */
  readonly phase: 'connecting' | 'queued' | 'pausing' | 'held';
  /** Ends it, well or badly. Nothing is heard of it afterwards. */
  end(): void;
}

/** Waits until an address is known, or known not to be. */
export class AddressWait implements Wait {
  readonly phase = 'connecting';
  readonly end: () => void;

  constructor(fleet: Fleet, known: () => void) {
    this.end = fleet.whenKnown(known);
  }
}

/** A place in the line of a version that has as many requests as it may have. */
export class Queued implements Wait, Waiter {
  readonly phase = 'queued';
  readonly admitted: () => void;
  readonly #fleet: Fleet;
  readonly #told: () => void;

  /** Once it is admitted the fleet is owed a `leave`. */
  constructor(fleet: Fleet, admitted: () => void, told: () => void) {
    this.#fleet = fleet;
    this.admitted = admitted;
    this.#told = told;
  }

  end(): void {
    this.#fleet.admission.forget(this);
    this.#told();
  }
}

/** A while before a request is sent again; what was answered before is read to its end. */
export class Pause implements Wait {
  readonly phase = 'pausing';
  readonly #timer: NodeJS.Timeout;
  readonly #discard: Discard | undefined;

  constructor(ms: number, discard: Discard | undefined, over: () => void) {
    this.#timer = setTimeout(over, ms);
    this.#discard = discard;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#discard?.end();
  }
}

/** Keeps a request until its version can be reached. */
export class Hold implements Wait {
  readonly phase = 'held';
  readonly #shared: Shared;
  readonly #row: number;

  constructor(row: number, shared: Shared) {
    this.#row = row;
    this.#shared = shared;
    shared.held++;
    shared.ports.held(row, 1);
  }

  end(): void {
    this.#shared.held--;
    this.#shared.ports.held(this.#row, -1);
  }
}
