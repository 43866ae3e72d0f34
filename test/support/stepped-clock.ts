import { eventually } from './eventually.ts';

/** A clock that stands still but for `pass`. */
export interface SteppedClock {
  readonly now: () => number;
  /** Lets time pass, and waits until somebody has looked at the clock since. */
  pass(ms: number): Promise<void>;
}

export function steppedClock(): SteppedClock {
  let nowMs = 0;
  let seenMs = 0;
  return {
    now: () => {
      seenMs = nowMs;
      return nowMs;
    },
    pass: (ms) => {
      nowMs += ms;
      return eventually(() => seenMs === nowMs, 'somebody looks at the clock');
    },
  };
}
