import { bytesOf } from '#core/conditions/byte-text';
import type { Split, Version } from '#core/routing/route';
import type { VersionState } from '#core/routing/rules';
import { newSplit } from '#core/routing/split';

export interface SplitPart {
  readonly slot: string;
  readonly weight: number;
  readonly state?: VersionState;
}

/** A split of versions whose names are their slots; rows count from 0 in the order given. */
export function aSplit(parts: readonly SplitPart[]): Split {
  const versions = parts.map(
    ({ slot, weight, state = 'active' }, row): Version => ({
      name: slot,
      slot,
      slotBytes: bytesOf(slot),
      stickySlot: slot,
      index: row,
      weight,
      state,
      endpoints: [],
      service: undefined,
      isTerminating: false,
      trouble: '',
      invalid: undefined,
      row,
      requestHeaders: undefined,
      responseHeaders: undefined,
    }),
  );
  return newSplit(versions, (version) => version.weight);
}

/** A split of slots `s0`, `s1`, … with these weights. */
export function weighted(weights: readonly number[]): Split {
  return aSplit(weights.map((weight, i) => ({ slot: `s${i}`, weight })));
}
