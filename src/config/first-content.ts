/** A process without a document is of no use: after so long it ends, and is seen to. */
const firstWithinMs = 30_000;

/** Calls once, after a time. Returns what calls it off. */
export type After = (ms: number, act: () => void) => () => void;

/**
 * Whether a source in the cluster has anything yet. The first thing is waited for, because an object,
 * or the right to read it, may come a moment after the pod; but not for ever.
 */
export class FirstContent {
  readonly #isThere: Promise<void>;
  #settle: () => void = () => undefined;
  #isOver = false;

  constructor() {
    this.#isThere = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** It was waited for, whether it came or not. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** It is there. */
  come(): void {
    this.#settle();
  }

  /** Resolves when it is there, or late: then after `late` was called. */
  async wait(after: After, late: () => void): Promise<void> {
    const callOff = after(firstWithinMs, () => {
      late();
      this.#settle();
    });
    await this.#isThere;
    callOff();
    this.#isOver = true;
  }
}
