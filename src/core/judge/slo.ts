import { bernoulliBounds } from './bernoulli-sequence.ts';
import { halfWidthOneSided, usualHorizon } from './confidence-sequence.ts';
import { usesSlices } from './passing.ts';
import { ratioOfSide } from './slice-ratios.ts';
import { leastSlices } from './slices.ts';
import type { View } from './view.ts';

/** Where the bound is to be tightest, in requests. */
const bestN = 500;

/**
 * Returns what a version's share of failures in this step is at least: it holds at any time, and
 * over all steps of a release it is wrong with chance alpha at most, of which the first step may
 * use a half, the next a sixth, then a twelfth. 0: nothing is known.
 */
export function leastFailures(view: View, side: 0 | 1): number {
  const { judgement, rule, requests } = view;
  const alpha = rule.alpha / (judgement.steps * (judgement.steps + 1));
  if (!usesSlices(view)) {
    const [successes, n] = [requests.failures[side], requests.all[side]];
    return successes === 0 ? 0 : bernoulliBounds({ successes, n, alpha, bestN })[0];
  }
  const { slices, units } = judgement.step;
  const { ratio, variance, withEvents } = ratioOfSide(slices, side, undefined);
  if (withEvents < leastSlices) return 0;
  const standardError = Math.sqrt(variance);
  const sequence = { standardError, units: units[side], horizon: usualHorizon, alpha };
  return Math.max(0, ratio - halfWidthOneSided(sequence));
}
