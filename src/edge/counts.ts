import type { TallyIncrement } from '../rollout/increment.ts';
import type { Increments } from '../telemetry/increments.ts';

/** What a worker has counted since it last told. */
export interface Counts {
  /** Undefined where only what is urgent is told. */
  readonly metrics: Increments | undefined;
  readonly tallies: readonly TallyIncrement[];
}
