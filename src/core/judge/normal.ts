import { bisect } from './bisect.ts';
import { logIncompleteGamma } from './incomplete-gamma.ts';

/** Returns the logarithm of the chance that a standard normal variable is above z. */
export function logNormalUpperTail(z: number): number {
  const { logLower, logUpper } = logIncompleteGamma(0.5, 0.5 * z * z);
  return z < 0 ? Math.log1p(Math.exp(logLower)) - Math.LN2 : logUpper - Math.LN2;
}

/** Returns the chance that a standard normal variable is above z. */
export function normalUpperTail(z: number): number {
  return Math.exp(logNormalUpperTail(z));
}

/** Returns the density of the standard normal distribution. */
export function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}

/** Returns z such that a standard normal variable is below it with chance p, 0 < p < 1. */
export function normalQuantile(p: number): number {
  if (p < 0.5) return -normalQuantile(1 - p);
  const logUpper = Math.log1p(-p);
  return bisect((z) => logNormalUpperTail(z) - logUpper, 0, 40);
}
