import { parts } from '../../src/proxy/deadlines.ts';
import { eventually } from './eventually.ts';

/** A clock that stands still but for `pass`. */
export interface SteppedClock {
  readonly now: () => number;
  /** Lets time pass, and waits until all that is open has looked at the clock since. */
  pass(ms: number): Promise<void>;
}

export function steppedClock(): SteppedClock {
  let nowMs = 0;
  let looks = 0;
  return {
    now: () => {
      looks++;
      return nowMs;
    },
    pass: (ms) => {
      nowMs += ms;
      looks = 0;
      // One look for each part of what is open, and as many for requests that look themselves.
      return eventually(() => looks > 2 * parts, 'all that is open looks at the clock');
    },
  };
}
