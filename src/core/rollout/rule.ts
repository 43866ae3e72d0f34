import type { When } from '#core/conditions/when';
import type { JudgeRule } from '#core/judge/rule';

export const strategies = ['recreate', 'ramped', 'blue-green', 'canary', 'ab', 'shadow'] as const;
export type Strategy = (typeof strategies)[number];

/** What a route wishes for: how its traffic goes from one version to another. */
export type RolloutRule = Recreate | Ramped | BlueGreen | Canary | AbRule | Shadow;

interface Common {
  /** Names of versions of the route. */
  readonly from: string;
  readonly to: string;
  /** Undefined: nothing is judged. */
  readonly judge: JudgeRule | undefined;
  readonly onFail: 'rollback' | 'pause';
  readonly onUndecided: 'pause' | 'promote' | 'rollback';
}

/** The old version stops, requests wait, the new one takes them. */
export interface Recreate extends Common {
  readonly strategy: 'recreate';
  /** How long a request waits at most. */
  readonly holdMs: number;
}

/** The share goes over in even parts, each when the new version has endpoints for it. */
export interface Ramped extends Common {
  readonly strategy: 'ramped';
  readonly by:
    | { readonly kind: 'batches'; readonly batches: number; readonly everyMs: number }
    /** Each version has the share of its ready endpoints. */
    | { readonly kind: 'endpoints' };
}

/** One swap, by a person's word, of all routes of a group. */
export interface BlueGreen extends Common {
  readonly strategy: 'blue-green';
  readonly group: string | undefined;
  /** How long the old version is kept as it is after the swap. */
  readonly keepMs: number;
}

export interface Canary extends Common {
  readonly strategy: 'canary';
  /** At least one. After the last the new version has everything. */
  readonly steps: readonly StepRule[];
}

export type StepRule =
  | {
      readonly kind: 'share';
      /** Of the units, above 0 and at most 100. */
      readonly percent: number;
      readonly forMs: number;
      /** When `onUndecided` acts, from the step's beginning. */
      readonly atMostMs: number;
      /** Endpoints that the new version must have ready before the step begins. */
      readonly ready: number;
      /** How much worse the new version may be for the step to pass; undefined: as the judge says. */
      readonly passMargin: number | undefined;
    }
  /** Until a person resumes it. */
  | { readonly kind: 'pause' };

/** Holds the split as the document has it, until a person or the goal decides. */
export interface AbRule extends Common {
  readonly strategy: 'ab';
  /** What the versions are compared by; undefined: a person decides. */
  readonly goal: GoalRule | undefined;
}

/** A request that a unit should make: counted once for each of them. */
export interface GoalRule {
  /** Of the requests of this route. */
  readonly when: When;
  /** Statuses of the answer, such as 200 to 299. */
  readonly statuses: readonly [from: number, to: number];
  /** The share of the risk to conclude wrongly that one is better. */
  readonly alpha: number;
  /** When `onUndecided` acts; undefined: never. */
  readonly atMostMs: number | undefined;
}

/** Mirrors for a time, and decides on what differs. */
export interface Shadow extends Common {
  readonly strategy: 'shadow';
  readonly forMs: number;
  readonly atMostMs: number;
  /** Share of answers that may differ, 0 to 1. */
  readonly differences: number;
  readonly onPass: 'pause' | 'promote';
}
