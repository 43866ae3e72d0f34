import type { DestinationRule, Subset } from './destination-rules.ts';

/** The label by which the pods of a subset are told from others. */
export interface PodLabel {
  readonly key: string;
  readonly value: string;
  /** It has others, which are not looked at. */
  readonly hasMore: boolean;
}

/**
 * Returns the label of a subset: its only one, or of several the one that no other subset of the
 * rule has with the same value. Undefined where there is none.
 */
export function podLabelOf({ subsets }: DestinationRule, subset: Subset): PodLabel | undefined {
  const { labels } = subset;
  const hasMore = labels.length > 1;
  const own = labels.filter(([key, value]) => isAlone(key, value, subset, [...subsets.values()]));
  const [found] = hasMore ? own : labels;
  return found === undefined ? undefined : { key: found[0], value: found[1], hasMore };
}

function isAlone(key: string, value: string, subset: Subset, all: readonly Subset[]): boolean {
  return all.every(
    (other) =>
      other === subset || other.labels.some(([its, label]) => its === key && label !== value),
  );
}
