import { betaBinomialLogE } from './beta-binomial.ts';
import { bisect } from './bisect.ts';

export interface BernoulliCount {
  readonly successes: number;
  readonly n: number;
  readonly alpha: number;
  /** Where the bounds are to be tightest. */
  readonly bestN: number;
}

const edge = 1e-12;

/**
 * Returns bounds for a share that hold at any time, however often one looks: all shares that what
 * was counted does not rule out at alpha. [0, 1] of nothing.
 */
export function bernoulliBounds(count: BernoulliCount): readonly [lower: number, upper: number] {
  const { successes, n } = count;
  if (n === 0) return [0, 1];
  // At 0 and 1 themselves there is no evidence to be had: these are ruled out by one look.
  const middle = Math.min(1 - edge, Math.max(edge, successes / n));
  const over = (q: number) => logEvidenceAgainst(q, count) + Math.log(count.alpha);
  const lower = successes > 0 && over(edge) > 0 ? bisect(over, edge, middle) : 0;
  const upper = successes < n && over(1 - edge) > 0 ? bisect(over, middle, 1 - edge) : 1;
  return [lower, upper];
}

function logEvidenceAgainst(q: number, { successes, n, bestN }: BernoulliCount): number {
  const variance = q * (1 - q);
  const mixture = { g: q, h: 1 - q, bestVariance: variance * bestN, bestAlpha: 0.05 };
  return betaBinomialLogE(mixture, successes - n * q, n * variance);
}
