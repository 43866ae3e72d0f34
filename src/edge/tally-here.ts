import { Tally } from '../rollout/tally.ts';

/** Returns what counts the traffic of this process for the judge. */
export function tallyHere(urgent: () => void): Tally {
  return new Tally({
    random: Math.random,
    after: (ms, act) => void setTimeout(act, ms).unref(),
    urgent,
  });
}
