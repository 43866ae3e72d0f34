import type { SliceTally } from './judgement.ts';
import { type Percentile, percentiles } from './rule.ts';
import { type Slice, type SliceRatio, sliceRatio } from './slices.ts';

/** Returns a version's share of requests that failed, or were slow, in the step. */
export function ratioOfSide(
  slices: readonly SliceTally[],
  wanted: 0 | 1,
  percentile: Percentile | undefined,
): SliceRatio {
  const counted = slices.flatMap(({ side, ...tally }): readonly Slice[] => {
    if (side !== wanted) return [];
    if (percentile === undefined) return [[tally.failures, tally.requests]];
    return [[tally.slow[percentiles.indexOf(percentile)] ?? 0, tally.timed]];
  });
  return sliceRatio(counted.filter(([, among]) => among > 0));
}
