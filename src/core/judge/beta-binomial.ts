import { bisect } from './bisect.ts';
import { lnBeta } from './log-gamma.ts';

/**
 * A sum of bounded increments: those below 0 are at least -g, those above at most h. For failures
 * at a rate q: g = q, h = 1 - q, the sum is x - n·q and its variance n·q·(1-q).
 *
 * Source: Howard & Ramdas, `uniform_boundaries` of confseq (beta-binomial mixture).
 */
export interface BetaBinomial {
  readonly g: number;
  readonly h: number;
  /** The variance at which it is to be tightest, for this risk. */
  readonly bestVariance: number;
  readonly bestAlpha: number;
}

/** Returns the logarithm of the evidence that the mean of the increments is not 0. */
export function betaBinomialLogE(mixture: BetaBinomial, sum: number, variance: number): number {
  const { g, h } = mixture;
  const r = Math.max(bestRho(mixture) - g * h, g * h * 1e-3);
  const [down, up] = [g * (g + h), h * (g + h)];
  const likelihood =
    (variance / (g * h)) * Math.log(g + h) -
    ((variance + h * sum) / up) * Math.log(g) -
    ((variance - g * sum) / down) * Math.log(h);
  const mixed = lnBeta((r + variance - g * sum) / down, (r + variance + h * sum) / up);
  return likelihood + mixed - lnBeta(r / down, r / up);
}

function bestRho({ bestVariance, bestAlpha }: BetaBinomial): number {
  const twice = -2 * Math.log(bestAlpha);
  return bestVariance / (twice + Math.log(1 + twice));
}

/** Returns the sum at which the evidence reaches 1/alpha. */
export function betaBinomialBound(mixture: BetaBinomial, variance: number, alpha: number): number {
  const enough = -Math.log(alpha);
  return bisect(
    (sum) => betaBinomialLogE(mixture, sum, variance) - enough,
    0,
    variance / mixture.g,
  );
}
