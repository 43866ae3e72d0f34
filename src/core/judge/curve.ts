import { logLikelihoodAt } from './conditional-binomial.ts';
import { type HarmMetric, harmGrid, passGrid } from './grids.ts';
import { logMeanExp } from './log-sum-exp.ts';
import type { Pair } from './measurement.ts';

/**
 * The log likelihood of all ticks so far at each of a few ratios, over that of equal versions. The
 * evidence at any margin is made of differences between these numbers, so that they are all that
 * needs to be kept of a metric.
 */
export type Curve = readonly number[];

/** "At least so many times as bad" is told in these steps. */
export const tellable = [1, 1.1, 1.25, 1.5, 2, 3, 5] as const;

export function newCurve(ratios: readonly number[]): Curve {
  return ratios.map(() => 0);
}

/** Returns the ratios a metric's curve is kept at, in rising order. */
export function curveRatios(
  metric: HarmMetric,
  margin: number,
  passMargins: readonly number[],
): readonly number[] {
  const passing = passMargins.flatMap((one) => [one, ...passGrid(one)]);
  const all = [
    ...tellable,
    margin,
    ...harmGrid(metric, margin),
    ...harmGrid(metric, 1),
    ...passing,
  ];
  return [...new Set(all)].sort((a, b) => a - b);
}

/** Adds what one tick has brought. */
export function addToCurve(
  curve: Curve,
  ratios: readonly number[],
  failures: Pair,
  sizes: Pair,
): Curve {
  if (failures[0] === 0 && failures[1] === 0) return curve;
  return curve.map((log, i) => log + logLikelihoodAt(ratios[i] ?? 1, failures, sizes));
}

/** Returns what has been added to a curve since it was as `began`. */
export function since(began: Curve, now: Curve): Curve {
  return now.map((log, i) => log - (began[i] ?? 0));
}

/** Returns the logarithm of the evidence that the candidate is more than `margin` times as bad. */
export function harmLogE(
  curve: Curve,
  ratios: readonly number[],
  metric: HarmMetric,
  margin: number,
): number {
  return logMeanExp(harmGains(curve, ratios, metric, margin));
}

/**
 * Returns the logarithm of how much likelier each of the ratios beyond the margin is than the
 * margin itself. A margin that the curve was not made for is taken for the next larger ratio that
 * it has: who is worse than that is worse than the margin.
 */
export function harmGains(
  curve: Curve,
  ratios: readonly number[],
  metric: HarmMetric,
  margin: number,
): readonly number[] {
  const tested = ratios.find((ratio) => ratio >= margin) ?? Number.POSITIVE_INFINITY;
  const grid = harmGrid(metric, margin);
  const hasGrid = grid.every((ratio) => ratios.includes(ratio));
  const beyond = hasGrid ? grid : ratios.filter((ratio) => ratio > tested);
  return gains(curve, ratios, tested, beyond);
}

/** The same that it is less than `margin` times as bad. */
export function passGains(
  curve: Curve,
  ratios: readonly number[],
  margin: number,
): readonly number[] {
  const tested = ratios.findLast((ratio) => ratio <= margin) ?? 0;
  return gains(curve, ratios, tested, passGrid(tested));
}

export function passLogE(curve: Curve, ratios: readonly number[], margin: number): number {
  return logMeanExp(passGains(curve, ratios, margin));
}

function gains(
  curve: Curve,
  ratios: readonly number[],
  tested: number,
  others: readonly number[],
): readonly number[] {
  const at = (ratio: number) => curve[ratios.indexOf(ratio)];
  const base = at(tested);
  if (base === undefined) return [];
  return others.flatMap((ratio) => {
    const log = at(ratio);
    return log === undefined ? [] : [log - base];
  });
}

/**
 * Returns the largest of the tellable ratios that the candidate is proven to be beyond; undefined
 * where it is not proven to be worse at all.
 */
export function ratioAtLeast(
  curve: Curve,
  ratios: readonly number[],
  metric: HarmMetric,
  alpha: number,
): number | undefined {
  let proven: number | undefined;
  for (const margin of tellable) {
    const logE = harmLogE(curve, ratios, metric, margin);
    if (!(logE >= -Math.log(alpha))) break;
    proven = margin;
  }
  return proven;
}
