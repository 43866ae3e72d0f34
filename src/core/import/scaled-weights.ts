const most = 1_000_000;

/**
 * Returns weights as versions may have them, whole and not too large, in the same proportion as near
 * as may be. What had a weight keeps one.
 */
export function scaledWeights(weights: readonly number[]): readonly number[] {
  const positive = weights.map((weight) => (weight > 0 ? weight : 0));
  const largest = Math.max(...positive);
  const areWhole = positive.every((weight) => Number.isInteger(weight));
  if (areWhole && largest <= most) return positive;
  const factor = Math.min(1_000, most / largest);
  return positive.map((weight) => (weight === 0 ? 0 : Math.max(1, Math.round(weight * factor))));
}
