/**
 * What a process has counted for the judge since it last told, of one release under one revision
 * of the weights. Plain data, to be added up elsewhere; places are those of `places`.
 */
export interface TallyIncrement {
  readonly release: string;
  readonly revision: number;
  readonly step: number;
  /** Requests by version, by where their unit came from, and by what became of them. */
  readonly requests: Float64Array;
  /** Slices of which there is something to tell, those of the candidate 100 further; and what. */
  readonly slices: Uint16Array;
  readonly sliceCounts: Float64Array;
  /** Bins of latencies in which there are any, those of the candidate behind the others; how many. */
  readonly bins: Uint16Array;
  readonly binCounts: Float64Array;
  /** Keys of units, and what each of them has done for the first time here (marks.ts). */
  readonly units: Float64Array;
  readonly marks: Uint16Array;
  /** Of requests with a copy. */
  readonly pairs: Float64Array;
}

/** Where the unit of a request came from: from the client, from us just now, from nowhere. */
export const origins = { unit: 0, minted: 1, none: 2 } as const;

/** What is counted at which offset. */
export const places = {
  /** Of the requests of one version and origin, or in one slice: all, failures, slow, goals. */
  counts: { all: 0, failures: 1, slow: 2, goals: 5, size: 6 },
  /** Slices of one version. */
  slices: 100,
  /**
   * Pairs without a unit: where only the original has failed, or was slow, then the same of the
   * copy; how many there were. Of all pairs: answers compared, and those that differed.
   */
  pairs: { ofCopy: 4, all: 8, compared: 9, differing: 10, size: 11 },
} as const;

/** Returns where the counts of requests of a version (0 stable, 1 candidate) and origin begin. */
export function requestsAt(side: number, origin: number): number {
  return (side * 3 + origin) * places.counts.size;
}

export const requestsSize = requestsAt(2, 0);
