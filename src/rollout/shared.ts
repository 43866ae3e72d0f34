import type { Kept } from './kept.ts';
import type { Records } from './records.ts';

/** What is in a ledger that several replicas write, and which state of it that is. */
export interface Shared {
  readonly kept: Kept;
  /** Opaque: to be compared for equality only. */
  readonly version: string;
}

/** A ledger that several replicas read and write. */
export interface SharedLedger extends Records {
  /** What is there, as far as has been heard. */
  readonly latest: () => Shared;
  /**
   * Writes what was made of the state of this version; returns the version that it is now. Rejects
   * with `Overtaken` where somebody else has written since: `latest` then has that. What the leader
   * has decided is written only while it may act.
   */
  readonly write: (kept: Kept, version: string, by: 'leader' | 'person') => Promise<string>;
}

/** Somebody else has written in between: what was to be written has to be decided again. */
export class Overtaken extends Error {
  constructor() {
    super('somebody else has written the ledger in between');
  }
}

/** What others have written was taken over: to be decided again, and no trouble. */
export function isOvertaken(error: unknown): undefined {
  if (error instanceof Overtaken) return undefined;
  throw error;
}

/** What of the counts of all replicas is in the evidence of a rollout. */
export interface Heard {
  /** By process: number of the last of its batches that is in it. */
  readonly from: Readonly<Record<string, number>>;
  /** How long the log of units was then, in bytes, and which log: what is behind is not in it. */
  readonly log: string;
  readonly unitBytes: number;
}

/** What a replica knows of the others; a process alone has nothing of it. */
export interface Together {
  /** Whether this replica moves the rollouts: asked right before each act. */
  readonly mayAct: () => boolean;
  /** What of all counts is in the measures of a release now, with so many bytes of units to come. */
  readonly heard: (release: string, unitBytes: number) => Heard;
  /** Whether all replicas that are heard have had the same in force lately. */
  readonly isAgreed: () => boolean;
  /** Requests that the other replicas have under way to a version, under these weights or later. */
  readonly inFlightElsewhere: (route: string, version: string, weights: number) => number;
}
