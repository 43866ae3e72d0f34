import type { Pair } from './measurement.ts';

/**
 * Returns how much likelier a tick is where the candidate is `ratio` times as bad as the stable
 * version, than where both are equal, as a logarithm. Of those who failed, each was the
 * candidate's with chance ratio·n_c / (ratio·n_c + n_b): whoever all failed does not matter, and
 * neither does the level of failures.
 *
 * The evidence for a ratio g against a ratio r is the value at g minus the value at r. One of the
 * sizes 0: there was nothing to compare, and the tick adds nothing.
 */
export function logLikelihoodAt(ratio: number, failures: Pair, sizes: Pair): number {
  const [stable, candidate] = failures;
  const [stableSize, candidateSize] = sizes;
  if (stableSize <= 0 || candidateSize <= 0) return 0;
  const all = stableSize + candidateSize;
  const share = (ratio * candidateSize + stableSize) / all;
  return candidate * Math.log(ratio) - (stable + candidate) * Math.log(share);
}
