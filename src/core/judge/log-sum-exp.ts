/** Returns ln Σ exp(x), for any size of the x; -∞ of none. */
export function logSumExp(logs: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const log of logs) if (log > largest) largest = log;
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - largest);
  return largest + Math.log(sum);
}

/** Returns the logarithm of the mean of what `logs` are the logarithms of; -∞ of none. */
export function logMeanExp(logs: readonly number[]): number {
  return logSumExp(logs) - Math.log(Math.max(1, logs.length));
}

/** Returns ln(1 - exp(x)) for x <= 0, exact near 0 and far from it (Mächler 2012). */
export function logOneMinusExp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}
