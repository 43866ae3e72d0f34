import type { Measurement, Pair } from '#core/judge/measurement';
import { normalUpperTail } from '#core/judge/normal';

/** What others do: a look at the traffic of each minute, and a word about what follows. */
export interface OtherRule {
  readonly name: string;
  readonly begin: () => Watching;
}

export interface Watching {
  /** The candidate's, for the minute to come. */
  readonly share: () => number;
  readonly look: (minute: Minute) => 'rollback' | 'promote' | undefined;
}

export interface Minute {
  readonly requests: Pair;
  readonly failures: Pair;
}

const minutesInAll = 60;

export function minuteOf(ticks: readonly Measurement[]): Minute {
  const terms = ticks.flatMap(({ terms }) => terms);
  const add = (a: Pair, b: Pair): Pair => [a[0] + b[0], a[1] + b[1]];
  return {
    requests: terms.map(({ sizes }) => sizes).reduce(add, [0, 0]),
    failures: terms.map(({ failures }) => failures).reduce(add, [0, 0]),
  };
}

/**
 * Flagger's `request-success-rate` of 99 %, a check each minute: one that fails keeps the weight,
 * so many roll back; after the check at the largest weight the version is promoted.
 */
function flagger(name: string, threshold: number, step: number, max: number): OtherRule {
  return {
    name,
    begin: () => {
      let [failed, passed] = [0, 0];
      const share = () => Math.min(max, step * (passed + 1));
      const checks = step < max ? Math.round(max / step) : minutesInAll;
      return {
        share,
        look: ({ requests, failures }) => {
          if (1 - failures[1] / requests[1] >= 0.99) {
            passed += 1;
            return passed >= checks ? 'promote' : undefined;
          }
          failed += 1;
          return failed >= threshold ? 'rollback' : undefined;
        },
      };
    },
  };
}

/** An hour at 10 %, a look at all minutes so far after each. */
function atTenPercent(name: string, rollsBack: (minutes: readonly Minute[]) => boolean): OtherRule {
  return {
    name,
    begin: () => {
      const minutes: Minute[] = [];
      return {
        share: () => 0.1,
        look: (minute) => {
          minutes.push(minute);
          if (rollsBack(minutes)) return 'rollback';
          return minutes.length >= minutesInAll ? 'promote' : undefined;
        },
      };
    },
  };
}

/** Argo's `successCondition` over a window: more failed checks than `failureLimit` roll back. */
function argo(name: string, least: number, window: number, limit: number): OtherRule {
  return atTenPercent(name, (minutes) => {
    let failed = 0;
    for (let end = window; end <= minutes.length; end += window) {
      const seen = minutes.slice(end - window, end);
      const requests = seen.reduce((sum, { requests: [, all] }) => sum + all, 0);
      const failures = seen.reduce((sum, { failures: [, some] }) => sum + some, 0);
      if (1 - failures / requests < least) failed += 1;
    }
    return failed > limit;
  });
}

/** A two-sided test at 5 %, made each minute on everything so far. */
function isSignificant(minutes: readonly Minute[]): boolean {
  let [n0, n1, x0, x1] = [0, 0, 0, 0];
  for (const { requests, failures } of minutes) {
    n0 += requests[0];
    n1 += requests[1];
    x0 += failures[0];
    x1 += failures[1];
  }
  const pooled = (x0 + x1) / (n0 + n1);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1));
  const z = (x1 / n1 - x0 / n0) / error;
  return z > 0 && 2 * normalUpperTail(z) < 0.05;
}

/**
 * Kayenta's MannWhitneyClassifier: 60 points a version, once, confidence 0.98, tolerance 0.25. High
 * where the lower end of the interval of the shift is above a quarter of its estimate.
 */
function isHigh(minutes: readonly Minute[]): boolean {
  if (minutes.length < minutesInAll) return false;
  const rates = (side: 0 | 1) =>
    minutes.map(({ failures, requests }) => failures[side] / requests[side]);
  const [stable, candidate] = [rates(0), rates(1)];
  const shifts = candidate.flatMap((a) => stable.map((b) => a - b)).sort((a, b) => a - b);
  const [m, n] = [candidate.length, stable.length];
  const half = z99 * Math.sqrt((m * n * (m + n + 1)) / 12);
  const lower = shifts[Math.max(0, Math.floor((m * n) / 2 - half))] ?? 0;
  const estimate = shifts[Math.floor(shifts.length / 2)] ?? 0;
  return lower > 0.25 * Math.abs(estimate);
}

const z99 = 2.326347874040841;

export const others: readonly OtherRule[] = [
  atTenPercent('z-test, p < .05, each minute', isSignificant),
  atTenPercent('Kayenta, Mann-Whitney, 60 points', isHigh),
  flagger('Flagger, threshold 1 (default), 99 %, an hour at 10 %', 1, 0.1, 0.1),
  flagger('Flagger tutorial, threshold 5, 10 → 50 %', 5, 0.1, 0.5),
  flagger('Flagger documentation, threshold 10, 2 → 50 %', 10, 0.02, 0.5),
  argo('Argo documentation, 95 % over 5 min, limit 3', 0.95, 5, 3),
  argo('Argo, 99 % over 1 min, limit 0 (default)', 0.99, 1, 0),
];
