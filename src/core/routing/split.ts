import type { Split, Version } from './route.ts';

/**
 * Returns a split of those versions that take new people: active, and with a weight above 0.
 *
 * Sorted by the bytes of the slots, so that neither the answer nor a tie depends on the
 * order of the document.
 */
export function newSplit(
  versions: readonly Version[],
  weightOf: (version: Version) => number,
): Split {
  const drawn = versions
    .filter((version) => version.state === 'active' && weightOf(version) > 0)
    .sort(bySlot);
  const weights = Float64Array.from(drawn, weightOf);
  return {
    versions: drawn,
    weights,
    slots: drawn.map((version) => version.slotBytes),
    totalWeight: weights.reduce((sum, weight) => sum + weight, 0),
  };
}

/** Names decide between equal slots: two replicas must not disagree even then. */
function bySlot(a: Version, b: Version): number {
  if (a.slotBytes !== b.slotBytes) return a.slotBytes < b.slotBytes ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
