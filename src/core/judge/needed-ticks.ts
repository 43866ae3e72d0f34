import { logLikelihoodAt } from './conditional-binomial.ts';
import type { Pair } from './measurement.ts';

export interface Foreseen {
  /** Failures per size, as they are now. */
  readonly rates: Pair;
  /** Of one tick. */
  readonly sizes: Pair;
  readonly margin: number;
  readonly grid: readonly number[];
  /** So far. */
  readonly logE: number;
  readonly alpha: number;
}

/**
 * Returns how many more ticks it takes until the evidence reaches 1/alpha, as things go now;
 * undefined where it does not grow.
 */
export function neededTicks({
  rates,
  sizes,
  margin,
  grid,
  logE,
  alpha,
}: Foreseen): number | undefined {
  const failures: Pair = [rates[0] * sizes[0], rates[1] * sizes[1]];
  const atMargin = logLikelihoodAt(margin, failures, sizes);
  const drift = Math.max(
    ...grid.map((ratio) => logLikelihoodAt(ratio, failures, sizes) - atMargin),
  );
  return drift > 0 ? Math.max(0, Math.ceil((-Math.log(alpha) - logE) / drift)) : undefined;
}
