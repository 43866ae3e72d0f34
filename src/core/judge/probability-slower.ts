/**
 * Returns the chance that an answer of the candidate is slower than one of the stable version, from
 * two histograms with the same bins; the same bin counts half. Undefined where one of them is empty.
 */
export function probabilitySlower(
  stable: readonly number[],
  candidate: readonly number[],
): number | undefined {
  let [below, slower, all] = [0, 0, 0];
  for (const [i, count] of stable.entries()) {
    const own = candidate[i] ?? 0;
    slower += own * (below + count / 2);
    below += count;
    all += own;
  }
  return below === 0 || all === 0 ? undefined : slower / (below * all);
}
