import type { Measurement, Pair } from '#core/judge/measurement';
import type { Random } from './random.ts';
import type { Watched } from './release.ts';
import {
  asShipped,
  type Figure,
  happenedShare,
  heavyCrowd,
  mixedTick,
  onRequests,
  onUsers,
  plain,
  type Row,
  rampShares,
  releases,
} from './rows.ts';

/** Returns how often it happens, which is to be often: else the simulations could not see it. */
function seen(
  label: string,
  limit: number,
  runs: number,
  begin: (random: Random) => Watched,
): Figure {
  const value = happenedShare(releases(runs, 1_600, begin));
  return { label, value, unit: 'share', limit, isLeast: true };
}

function changed(
  begin: (random: Random) => Watched,
  change: (measurement: Measurement) => Measurement,
): (random: Random) => Watched {
  return (random) => {
    const watched = begin(random);
    return { ...watched, measure: (tick) => change(watched.measure(tick)) };
  };
}

/** Counts what slices have as if each request stood for itself. */
function asRequests(measurement: Measurement): Measurement {
  const of = (count: 'requests' | 'failures'): Pair => [
    measurement.slices.reduce((sum, one) => sum + (one.side === 0 ? one[count] : 0), 0),
    measurement.slices.reduce((sum, one) => sum + (one.side === 1 ? one[count] : 0), 0),
  ];
  const terms = measurement.terms.map((term) => {
    return { ...term, kind: 'request', sizes: of('requests'), failures: of('failures') } as const;
  });
  return { ...measurement, terms };
}

const fifthWorse = { perTick: 1_000, share: 0.1, failing: [0.01, 0.012] } as const;
const setPerVersion = { ...heavyCrowd, setPer: 'version' } as const;
const fewFail = onUsers(plain, { ...heavyCrowd, prone: 0.02 }, [0.1]);

const onlyPass = { ...plain, alpha: 1e-300, pass: { margin: 2, negligible: 1e-9 } };
const usedUp = { ...heavyCrowd, prone: 0.05, ratio: 2 };
const passing = onUsers(onlyPass, usedUp, [0.5], undefined, { until: 'pass' });

function mixing(random: Random): Watched {
  const measure = (tick: number) => mixedTick(random, tick, false);
  return { rule: plain, ticks: 360, measure, until: 'fail' };
}

/** Done wrong on purpose: each of these the simulations must see. */
export const mistakes: Row = {
  id: 16,
  what: 'mistakes made on purpose, which must show',
  runs: 10,
  measure: (runs) => [
    seen('no margin: a fifth worse is rolled back', 0.1, 3 * runs, onRequests(plain, fifthWorse)),
    seen(
      'failed units kept for each version: equal ones are rolled back on a ramp',
      0.5,
      runs,
      onUsers(asShipped, setPerVersion, rampShares),
    ),
    seen(
      'requests in place of first failures: equal ones are rolled back',
      0.1,
      2 * runs,
      changed(fewFail, asRequests),
    ),
    seen('two revisions in one term: equal ones are rolled back', 0.15, 2 * runs, mixing),
    seen(
      'PASS by first failures: twice as bad passes',
      0.5,
      runs,
      changed(passing, (one) => ({ ...one, hasUnits: false })),
    ),
  ],
};
