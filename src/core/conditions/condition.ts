import type { Facts } from './facts.ts';

/** A question about a request. */
export type Condition = (facts: Facts) => boolean;

/** What one part of a condition saw, for `explain`. */
export interface Finding {
  /** The part as its author wrote it: `header x-api-version`, `device`. */
  readonly part: string;
  readonly holds: boolean;
  /** What was found instead, or what held: `no cookie insider`, `device desktop`. */
  readonly seen: string;
}
