import { beginStep, type Judgement } from '#core/judge/judgement';
import { isOver } from '#core/rollout/state';
import type { Kept, KeptRollout } from './kept.ts';
import type { Heard } from './shared.ts';

/**
 * Returns what somebody else has written with the evidence that this replica has gathered since:
 * who leads has newer evidence than the ledger. Evidence belongs to a release; where the other has
 * begun a step, that one counts from 0, and what was proven stays so.
 */
export function withEvidence(foreign: Kept, own: Kept): Kept {
  const rollouts = Object.entries(foreign.rollouts).map(([name, theirs]) => {
    const ours = own.rollouts[name];
    return [name, ours === undefined ? theirs : withEvidenceOf(theirs, ours)] as const;
  });
  return { ...foreign, rollouts: Object.fromEntries(rollouts) };
}

function withEvidenceOf(theirs: KeptRollout, ours: KeptRollout): KeptRollout {
  if (theirs.state.release !== ours.state.release) return theirs;
  const { judgement, limitsMs, heard } = ours;
  if (judgement === undefined && heard === undefined) return theirs;
  const steps = theirs.stepsBegun - ours.stepsBegun;
  return { ...theirs, judgement: begun(judgement, steps), limitsMs, heard };
}

function begun(judgement: Judgement | undefined, steps: number): Judgement | undefined {
  return judgement === undefined || steps <= 0 ? judgement : beginStep(judgement);
}

/**
 * Returns what is kept without evidence that cannot go on: the units that it is made of are not
 * all known, so that some of them would count twice.
 */
export function withoutLostUnits(
  kept: Kept,
  isKnown: (release: string, heard: Heard) => boolean,
): Kept {
  const rollouts = Object.entries(kept.rollouts).map(([name, rollout]) => {
    const { state, heard } = rollout;
    const isLost = heard !== undefined && !isOver(state) && !isKnown(state.release, heard);
    if (!isLost) return [name, rollout] as const;
    const anew = { ...rollout, judgement: undefined, heard: { ...heard, unitBytes: 0 } };
    return [name, anew] as const;
  });
  return { ...kept, rollouts: Object.fromEntries(rollouts) };
}

/** Returns whether requests see the same under both: evidence and history are not seen. */
export function standAlike(one: Kept, other: Kept): boolean {
  return seenText(one) === seenText(other);
}

function seenText({ departures: _, revisions: __, rollouts, ...rest }: Kept): string {
  const seen = Object.values(rollouts).map(({ judgement: _, heard: __, ...rollout }) => rollout);
  return JSON.stringify([rest, seen]);
}
