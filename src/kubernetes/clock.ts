/** Time and chance, as the client of the API takes them. */
export interface Clock {
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** From 0 to 1, without 1. */
  readonly random: () => number;
  /** Calls once, after a time. Returns what calls it off. */
  readonly after: (ms: number, act: () => void) => () => void;
}

/** The time of this process; what waits does not keep it alive. */
export const processClock: Clock = {
  now: () => performance.now(),
  random: Math.random,
  after: (ms, act) => {
    const timer = setTimeout(act, ms).unref();
    return () => clearTimeout(timer);
  },
};
