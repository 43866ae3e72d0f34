import { continuedFraction } from './continued-fraction.ts';
import { lnGamma } from './log-gamma.ts';
import { logOneMinusExp } from './log-sum-exp.ts';

/** Both tails of a distribution as logarithms: `1 - lower` would be 0 where it matters. */
export interface LogTails {
  readonly logLower: number;
  readonly logUpper: number;
}

/** Returns ln P(a, x) and ln Q(a, x), the regularised incomplete gamma function; a > 0. */
export function logIncompleteGamma(a: number, x: number): LogTails {
  if (x <= 0) return { logLower: Number.NEGATIVE_INFINITY, logUpper: 0 };
  const logFactor = a * Math.log(x) - x - lnGamma(a);
  if (x < a + 1) {
    const logLower = Math.min(0, logFactor + Math.log(lowerSeries(a, x)));
    return { logLower, logUpper: logOneMinusExp(logLower) };
  }
  const fraction = continuedFraction(
    (i) => -i * (i - a),
    (i) => x + 2 * i + 1 - a,
  );
  const logUpper = Math.min(0, logFactor + Math.log(fraction));
  return { logLower: logOneMinusExp(logUpper), logUpper };
}

/** Σ x^k / (a (a+1) … (a+k)), DLMF 8.11.4. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; term > sum * 1e-17; k += 1) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

/** Returns the chance that chi-square with so many degrees of freedom is above the statistic. */
export function chiSquareUpperTail(statistic: number, degrees: number): number {
  return Math.exp(logIncompleteGamma(degrees / 2, statistic / 2).logUpper);
}
