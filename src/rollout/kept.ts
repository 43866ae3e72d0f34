import type { Judgement } from '#core/judge/judgement';
import type { Overlay } from '#core/rollout/overlay';
import type { RolloutState } from '#core/rollout/state';
import type { Revision } from '#core/rollout/status';
import type { Heard } from './shared.ts';

/** All that a restart has to know, as plain data. */
export interface Kept {
  readonly format: 1;
  /** Releases that have begun so far: the next one has the next number. */
  readonly releases: number;
  /** Number of the weights that were put in force last. */
  readonly weights: number;
  /** By name: a group's, or the route's. */
  readonly rollouts: Readonly<Record<string, KeptRollout>>;
  /** By route: versions that somebody has disabled. */
  readonly disabled: Readonly<Record<string, readonly string[]>>;
  /** By route: what an undo has brought back. */
  readonly pins: Readonly<Record<string, Pin>>;
  /** By route: weights with a time limit. One that is over is not in force, and goes at the next look. */
  readonly overlays: Readonly<Record<string, KeptOverlay>>;
  /** By route and version: the proof that it gets nothing any more. */
  readonly departures: readonly Departure[];
  /** The oldest first. */
  readonly revisions: readonly KeptRevision[];
}

export interface KeptRollout {
  readonly name: string;
  readonly routes: readonly string[];
  readonly strategy: string;
  readonly from: string;
  readonly to: string;
  /** The whole rule, as text: to see whether it has changed. */
  readonly rule: string;
  readonly state: RolloutState;
  /** Steps that have begun in this release: units are counted anew in each. */
  readonly stepsBegun: number;
  /** Undefined where nothing is judged. */
  readonly judgement?: Judgement | undefined;
  /** T90, T95 and T99 of the stable version, once they are known. */
  readonly limitsMs?: readonly [number, number, number] | undefined;
  /** Number of the weights in force, and the shares of the new version under those of this release. */
  readonly weights: number;
  readonly shares: readonly (readonly [weights: number, share: number])[];
  /** What of the counts of several replicas is in the judgement; undefined in a process alone. */
  readonly heard?: Heard | undefined;
}

/** A route stands as it did at an older revision. */
export interface Pin {
  readonly revision: number;
  readonly hash: string;
  /** Of the new version, where the route had a rollout; undefined: as written. */
  readonly share?: number | undefined;
  readonly disabled: readonly string[];
  /** The route as the document had it then: another one lifts the pin. */
  readonly written: string;
}

export interface KeptOverlay extends Overlay {
  /** The route as the document had it then: another one lifts the overlay. */
  readonly written: string;
}

export interface Departure {
  readonly route: string;
  readonly version: string;
  readonly decidedAt: number;
  readonly inForceAt: number;
  /** What the version had been sent by then, as this process counts. */
  readonly sentBefore: number;
  /** As last seen. */
  readonly lastSentAt?: number | undefined;
  readonly lastEndedAt?: number | undefined;
}

/** A revision, with all that it takes to go back to it. */
export interface KeptRevision extends Revision {
  readonly position: Position;
}

/** How everything stood at a revision, beside the document. */
export interface Position {
  readonly rollouts: Readonly<Record<string, PositionOfRollout>>;
  readonly disabled: Readonly<Record<string, readonly string[]>>;
  readonly pins: Readonly<Record<string, Pin>>;
}

export interface PositionOfRollout {
  readonly routes: readonly string[];
  readonly to: string;
  readonly share: number;
  readonly isOver: boolean;
  /** The judge or a person has sent the new version away: nothing reaches it. */
  readonly isSentBack: boolean;
}

export const nothingKept: Kept = {
  format: 1,
  releases: 0,
  weights: 0,
  rollouts: {},
  disabled: {},
  pins: {},
  overlays: {},
  departures: [],
  revisions: [],
};
