import { bisect } from './bisect.ts';
import { logIncompleteBeta } from './incomplete-beta.ts';

/** Returns the chance that Student's t is above `t`; the degrees of freedom need not be whole. */
export function studentUpperTail(t: number, degrees: number): number {
  const x = degrees / (degrees + t * t);
  const beyond = 0.5 * Math.exp(logIncompleteBeta(degrees / 2, 0.5, x).logLower);
  return t < 0 ? 1 - beyond : beyond;
}

/** Returns t such that Student's t is below it with chance p, 0 < p < 1. */
export function studentQuantile(p: number, degrees: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  let high = 1;
  while (studentUpperTail(high, degrees) > 1 - p) high *= 2;
  return bisect((t) => studentUpperTail(t, degrees) - (1 - p), 0, high);
}
