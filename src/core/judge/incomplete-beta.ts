import { continuedFraction } from './continued-fraction.ts';
import type { LogTails } from './incomplete-gamma.ts';
import { lnBeta } from './log-gamma.ts';
import { logOneMinusExp } from './log-sum-exp.ts';

/**
 * Returns the logarithms of the regularised incomplete beta function I_x(a, b) and of what it
 * lacks to 1; a, b > 0, 0 <= x <= 1.
 */
export function logIncompleteBeta(a: number, b: number, x: number): LogTails {
  if (x <= 0) return { logLower: Number.NEGATIVE_INFINITY, logUpper: 0 };
  if (x >= 1) return { logLower: 0, logUpper: Number.NEGATIVE_INFINITY };
  // The fraction converges fast below the mean only; above it the other tail is taken.
  if (x > (a + 1) / (a + b + 2)) {
    const { logLower, logUpper } = logIncompleteBeta(b, a, 1 - x);
    return { logLower: logUpper, logUpper: logLower };
  }
  const logFactor = a * Math.log(x) + b * Math.log1p(-x) - lnBeta(a, b) - Math.log(a);
  const logLower = Math.min(0, logFactor + Math.log(fraction(a, b, x)));
  return { logLower, logUpper: logOneMinusExp(logLower) };
}

/** DLMF 8.17.22. */
function fraction(a: number, b: number, x: number): number {
  const part = (i: number) => {
    const m = Math.floor(i / 2);
    return i % 2 === 0
      ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
      : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
  };
  return continuedFraction(part, () => 1);
}
