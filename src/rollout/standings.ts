import type { Judging } from '#core/rollout/judging';
import { isOver, type RolloutState } from '#core/rollout/state';
import type { RouteRule } from '#core/routing/rules';
import type { Standing } from '#core/snapshot/rules-in-force';
import type { Entry } from './entries.ts';
import type { Kept, KeptRollout } from './kept.ts';
import { isInForce } from './overlay-in-force.ts';

/** Returns how routes stand at an instant that are not as their document has them. */
export function standingsOf(
  kept: Kept,
  entries: ReadonlyMap<string, Entry>,
  pinned: (hash: string, route: string) => RouteRule | undefined,
  now: number,
): ReadonlyMap<string, Standing> {
  const standings = new Map<string, Standing>();
  for (const entry of entries.values()) {
    const rollout = kept.rollouts[entry.name];
    if (rollout === undefined) continue;
    for (const route of entry.routes) standings.set(route, inRollout(entry, rollout));
  }
  for (const [route, pin] of Object.entries(kept.pins)) {
    const { share, disabled } = pin;
    const rule = pinned(pin.hash, route);
    if (rule !== undefined) standings.set(route, { ...asWritten, share, disabled, pinned: rule });
  }
  byHand(standings, kept, now);
  return standings;
}

/** Puts in what holds with a rollout and without one. */
function byHand(standings: Map<string, Standing>, kept: Kept, now: number): void {
  const put = (route: string, by: (before: Standing) => Partial<Standing>) => {
    const before = standings.get(route) ?? asWritten;
    standings.set(route, { ...before, ...by(before) });
  };
  for (const [route, overlay] of Object.entries(kept.overlays)) {
    if (isInForce(overlay, now)) put(route, () => ({ overlay: overlay.weights }));
  }
  for (const [route, names] of Object.entries(kept.disabled)) {
    put(route, ({ disabled }) => ({ disabled: [...disabled, ...names] }));
  }
}

const asWritten: Standing = {
  share: undefined,
  disabled: [],
  isHeld: false,
  holdMs: 0,
  isMirrored: undefined,
  judging: undefined,
  pinned: undefined,
  overlay: undefined,
};

function inRollout({ rule, plan }: Entry, rollout: KeptRollout): Standing {
  const { state } = rollout;
  const isHolding = rule.strategy === 'ab' && !isOver(state);
  return {
    // What an experiment compares stays exactly as it is written.
    share: isHolding ? undefined : state.share,
    disabled: isSentBack(state) ? [rule.to] : [],
    isHeld: state.isHeld,
    // Also before the gap, and on the way back: who finds nobody waits.
    holdMs: rule.strategy === 'recreate' && state.phase !== 'complete' ? rule.holdMs : 0,
    isMirrored: rule.strategy === 'shadow' ? state.isMirrored : undefined,
    judging: plan.judging === undefined || isOver(state) ? undefined : judgingOf(rule, rollout),
    pinned: undefined,
    overlay: undefined,
  };
}

/** The judge or a person has sent the new version away: nothing reaches it any more. */
export function isSentBack({ phase }: RolloutState): boolean {
  return phase === 'rolled_back' || phase === 'aborted';
}

function judgingOf(
  rule: Entry['rule'],
  { state, weights, limitsMs, stepsBegun }: KeptRollout,
): Judging {
  return {
    release: state.release,
    step: stepsBegun,
    revision: weights,
    from: rule.from,
    to: rule.to,
    limitsMs,
    goal: rule.strategy === 'ab' ? rule.goal : undefined,
  };
}
