import { chiSquareUpperTail } from './incomplete-gamma.ts';
import { lnGamma } from './log-gamma.ts';

/** How firmly the planned split is believed: as if so many units had been seen already. */
export const concentration = 10_000;

/** Below this chance the traffic is not split as planned. */
export const mismatchP = 0.001;

/** What is known of the split so far; as text it can be kept. */
export interface SampleRatio {
  /** The split in force, and the units seen under it; both empty while there are none. */
  readonly split: readonly number[];
  readonly seen: readonly number[];
  readonly logE: number;
  /** The largest it has been. */
  readonly maxLogE: number;
}

export const newSampleRatio: SampleRatio = { split: [], seen: [], logE: 0, maxLogE: 0 };

/**
 * Adds units at their first sight under a split. A new split is begun afresh, and the evidence is
 * carried on.
 *
 * Source: Lindon & Malek, arXiv 2011.03567 (Dirichlet-multinomial).
 */
export function addSighting(
  ratio: SampleRatio,
  split: readonly number[],
  units: readonly number[],
): SampleRatio {
  const isSame = split.every((share, i) => share === ratio.split[i]);
  const seen = isSame ? ratio.seen : split.map(() => 0);
  const logE = ratio.logE + growth(split, seen, units);
  return {
    split,
    seen: seen.map((before, i) => before + (units[i] ?? 0)),
    logE,
    maxLogE: Math.max(ratio.maxLogE, logE),
  };
}

function growth(
  split: readonly number[],
  seen: readonly number[],
  units: readonly number[],
): number {
  let [before, count, log] = [0, 0, 0];
  for (const [i, share] of split.entries()) {
    const a = concentration * share + (seen[i] ?? 0);
    const k = units[i] ?? 0;
    before += a;
    count += k;
    if (k > 0) log += lnGamma(a + k) - lnGamma(a) - k * Math.log(share);
  }
  return log + lnGamma(before) - lnGamma(before + count);
}

/** Returns the smallest p so far, at most 1: it may be looked at any time. */
export function sampleRatioP({ maxLogE }: Pick<SampleRatio, 'maxLogE'>): number {
  return Math.min(1, Math.exp(-maxLogE));
}

/**
 * Returns the p of the chi-square test, which may be looked at once, at the end. Versions of weight
 * 0 are left out; 1 where nothing was counted.
 */
export function sampleRatioChiSquareP(
  counts: readonly number[],
  weights: readonly number[],
): number {
  const arms = counts.flatMap((count, i) => {
    const weight = weights[i] ?? 0;
    return weight > 0 ? [{ count, weight }] : [];
  });
  const total = arms.reduce((sum, { count }) => sum + count, 0);
  const allWeight = arms.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0 || arms.length < 2) return 1;
  const statistic = arms.reduce((sum, { count, weight }) => {
    const expected = (total * weight) / allWeight;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  return chiSquareUpperTail(statistic, arms.length - 1);
}
