import type { GoalRule } from './rule.ts';

/** What of a route's exchanges is counted for the judge, from one snapshot on. */
export interface Judging {
  /** Of the release: what is remembered of units is remembered for it. */
  readonly release: string;
  /** Counts the steps, whose units are counted anew. */
  readonly step: number;
  /** Of the weights in force; counts of two revisions are never mixed. */
  readonly revision: number;
  /** Names of the stable version and of the candidate. */
  readonly from: string;
  readonly to: string;
  /** What is slower counts as slow: T90, T95, T99 of the stable version. Undefined: not known yet. */
  readonly limitsMs: readonly [number, number, number] | undefined;
  readonly goal: GoalRule | undefined;
}
