import type { RevisionKind } from '#core/rollout/status';
import type { Entry } from './entries.ts';
import type { Kept, KeptRevision, KeptRollout } from './kept.ts';
import { positionOf } from './position.ts';

/** Something that is to become of what is kept, and how the history tells it. */
export interface Change {
  readonly kept: Kept;
  readonly kind: RevisionKind;
  /** Undefined: of the whole document. */
  readonly route: string | undefined;
  readonly reason: string;
  readonly changes: readonly string[];
  /** It leads back: it is done even where it cannot be written down first. */
  readonly isWayBack: boolean;
}

export interface RevisionOptions {
  readonly who: string;
  readonly at: number;
  readonly hash: string;
  /** How many revisions stay. */
  readonly limit: number;
}

/** Returns what is kept with a change in its history; the oldest revisions go. */
export function recorded(
  { kept, kind, route, reason, changes }: Change,
  entries: ReadonlyMap<string, Entry>,
  { who, at, hash, limit }: RevisionOptions,
): Kept {
  const number = (kept.revisions.at(-1)?.revision ?? 0) + 1;
  const position = positionOf(kept, entries);
  const told = { revision: number, at, who, route, kind, reason, hash, changes };
  const revision: KeptRevision = { ...told, position };
  return { ...kept, revisions: [...kept.revisions, revision].slice(-limit) };
}

/** Returns what is kept with a rollout that stands otherwise; new shares get a new number. */
export function withRollout(kept: Kept, rollout: KeptRollout): Kept {
  const { name, state } = rollout;
  const before = kept.rollouts[name];
  const isNewRelease = before?.state.release !== state.release;
  if (!isNewRelease && before.state.share === state.share && before.state.step === state.step) {
    return { ...kept, rollouts: { ...kept.rollouts, [name]: rollout } };
  }
  const weights = kept.weights + 1;
  const shares = [...(isNewRelease ? [] : rollout.shares), [weights, state.share] as const];
  const next = { ...rollout, weights, shares: shares.slice(-200) };
  return { ...kept, weights, rollouts: { ...kept.rollouts, [name]: next } };
}
