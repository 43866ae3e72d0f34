/** A number of each version; the stable one first, everywhere. */
export type Pair = readonly [stable: number, candidate: number];

/**
 * How traffic is counted. Unit: first failures of units. Request: every request that was drawn on its
 * own. Both against the shares of the split. Pair: an original and its copy, against each other.
 */
export type TrafficKind = 'unit' | 'request' | 'pair';

/** What one tick has brought of one kind of traffic under one revision of the weights. */
export interface Term {
  readonly kind: TrafficKind;
  readonly revision: number;
  /**
   * What was at stake, in any measure that both have in common: shares of the split in force, or
   * requests where these were settled before they came. Pair: [1, 1].
   */
  readonly sizes: Pair;
  /** Unit: that failed for the first time in this release. Pair: that only this one failed. */
  readonly failures: Pair;
  /** The same of those above T90, T95 and T99; all 0 while there are no limits. */
  readonly slow: readonly [Pair, Pair, Pair];
  /** Unit: that reached the goal for the first time. */
  readonly goals: Pair;
}

/** What one slice of the units has added to one version: every request counts. */
export interface SliceCounts {
  /** 0 stable, 1 candidate. */
  readonly side: 0 | 1;
  /** 0 to 99. */
  readonly slice: number;
  readonly requests: number;
  readonly failures: number;
  readonly slow: readonly [number, number, number];
}

/** Units at their first sight in this release, under one split. */
export interface Sighting {
  /** Shares of the split in force, between these two: they add up to 1. */
  readonly split: Pair;
  readonly units: Pair;
}

/** What was counted since the last tick: increments only, which add up in any order. */
export interface Measurement {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly terms: readonly Term[];
  readonly slices: readonly SliceCounts[];
  readonly sightings: readonly Sighting[];
  /** Distinct units first seen in this step; requests without a unit count as one each. */
  readonly units: Pair;
  /** Units of the release that were seen for the first time, and that failed for the first time. */
  readonly seen: number;
  readonly worn: number;
  /** Whether there was traffic with units. */
  readonly hasUnits: boolean;
  /** Of mirrored requests: answers compared, and those that differed. */
  readonly compared: number;
  readonly differing: number;
  /** False where an endpoint of either is younger than the warm-up: latency is left out. */
  readonly isWarm: boolean;
  /** False where replicas have been on different revisions for too long. */
  readonly isAgreed: boolean;
}
