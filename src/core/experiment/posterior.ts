import { normalDensity, normalQuantile, normalUpperTail } from '#core/judge/normal';
import type { Effect } from './estimate.ts';

export interface Prior {
  readonly mean: number;
  readonly variance: number;
}

/**
 * What to expect of a lift, as an aid to reading. Never a reason to stop: there is no promise on
 * how often it is wrong.
 */
export interface Posterior {
  readonly mean: number;
  readonly standardDeviation: number;
  readonly interval: readonly [number, number];
  readonly chanceToWin: number;
  /** What is lost, on average, by keeping the control, and by shipping the treatment. */
  readonly expectedLoss: readonly [keep: number, ship: number];
}

/** Returns the posterior of an effect; without a prior nothing is known before. */
export function posterior(
  { effect, standardError }: Effect,
  prior?: Prior,
  alpha = 0.05,
): Posterior {
  const precision = 1 / standardError ** 2;
  const before = prior === undefined ? 0 : 1 / prior.variance;
  const variance = 1 / (precision + before);
  const mean = variance * (effect * precision + (prior?.mean ?? 0) * before);
  const standardDeviation = Math.sqrt(variance);
  const half = normalQuantile(1 - alpha / 2) * standardDeviation;
  return {
    mean,
    standardDeviation,
    interval: [mean - half, mean + half],
    chanceToWin: normalUpperTail(-mean / standardDeviation),
    expectedLoss: expectedLoss(mean, standardDeviation),
  };
}

/** Returns E max(X, 0) and E max(-X, 0) of a normal variable. */
export function expectedLoss(mean: number, deviation: number): readonly [number, number] {
  const z = mean / deviation;
  const keep = mean * normalUpperTail(-z) + deviation * normalDensity(z);
  return [keep, keep - mean];
}
