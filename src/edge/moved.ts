import type { TallyIncrement } from '../rollout/increment.ts';
import type { Keeper } from '../rollout/keeper.ts';
import type { Rollouts } from '../rollout/rollouts.ts';

/** What a replica moves, once that is there. */
export interface Moved {
  readonly rollouts: Rollouts;
  readonly keeper: Keeper;
  /** Adds what a process has counted to what is judged. */
  readonly measure: (increment: TallyIncrement) => void;
  /** Resolves when all that this replica has counted was given to `add`. */
  readonly collect: () => Promise<void>;
  readonly inFlight: (route: string, version: string) => number;
  /** Looks at the rollouts now. */
  readonly look: () => void;
  /** Takes what the source of the rules holds now, past any cache. */
  readonly refreshRules: () => Promise<void>;
}
