import { logLikelihoodAt } from './conditional-binomial.ts';
import { logMeanExp, logSumExp } from './log-sum-exp.ts';
import type { Pair } from './measurement.ts';

/** One tick of one kind of traffic under one revision of the weights. */
export interface Counted {
  readonly failures: Pair;
  readonly sizes: Pair;
}

/** Returns the logarithm of the evidence that the candidate is beyond a margin, on either side. */
export function logEvidence(
  ticks: readonly Counted[],
  margin: number,
  grid: readonly number[],
): number {
  const at = (ratio: number) =>
    ticks.reduce((sum, { failures, sizes }) => sum + logLikelihoodAt(ratio, failures, sizes), 0);
  const atMargin = at(margin);
  return logMeanExp(grid.map((ratio) => at(ratio) - atMargin));
}

/** One metric's part in the whole: errors, or the limits of slowness. */
export interface Weighed {
  readonly weight: number;
  readonly logEs: readonly number[];
}

/**
 * Returns the logarithm of Σ weight · mean of E. A mean of such numbers is one again, whatever they
 * have to do with each other: users that get errors may well be those that wait.
 */
export function combineEvidence(metrics: readonly Weighed[]): number {
  return logSumExp(metrics.map(({ weight, logEs }) => Math.log(weight) + logMeanExp(logEs)));
}
