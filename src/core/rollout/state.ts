/** How a rollout stands. What it did before is in the revisions. */
export interface RolloutState {
  /** Which run of the plan this is: `shop-3`. Evidence and units belong to it. */
  readonly release: string;
  readonly phase: Phase;
  /** Of the plan, from 0; -1 while the gates of the first one are closed. */
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  readonly stepBeganAt: number;
  /** Who holds it, where it is paused. */
  readonly pausedBy: PausedBy | undefined;
  /** Share of the traffic of both that the new version has, 0 to 1. */
  readonly share: number;
  /** Recreate: requests wait for a version. */
  readonly isHeld: boolean;
  /** Shadow: copies are sent. */
  readonly isMirrored: boolean;
  /** Why it stands as it does. */
  readonly reason: string;
  /** The phase is over since then: complete, rolled back, aborted. */
  readonly endedAt: number | undefined;
}

/**
 * Progressing: steps follow one another. Paused: a step's own pause, a person, or the judge holds
 * it. Complete: the new version has everything. Rolled back: the judge sent it back. Aborted: a
 * person did.
 */
export const phases = ['progressing', 'paused', 'complete', 'rolled_back', 'aborted'] as const;
export type Phase = (typeof phases)[number];

/** Step: the plan has a pause there. Judge: it wants a person to look. */
export type PausedBy = 'step' | 'judge' | 'person';

/** Nothing more happens by itself. */
export function isOver({ phase }: RolloutState): boolean {
  return phase === 'complete' || phase === 'rolled_back' || phase === 'aborted';
}
