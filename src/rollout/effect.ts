import { isOver, type RolloutState } from '#core/rollout/state';
import { withRollout } from './change.ts';
import type { Kept, Pin } from './kept.ts';
import { atState } from './look.ts';
import { overlayOf, withoutOverlays } from './overlay-in-force.ts';

/** What a way back has brought: enough to bring it about again on what others have written. */
export interface Effect {
  /** By name: how releases stand since, each of which may have gone on elsewhere. */
  readonly states: Readonly<Record<string, RolloutState>>;
  /** By route: versions that were disabled. */
  readonly disabled: Readonly<Record<string, readonly string[]>>;
  /** By route: what an undo has brought back. */
  readonly pins: Readonly<Record<string, Pin>>;
  /** By route: when the overlay had begun that was ended. */
  readonly overlays: Readonly<Record<string, number>>;
}

/** Returns what a change has brought. */
export function effectOf(before: Kept, after: Kept): Effect {
  const states = Object.entries(after.rollouts)
    .filter(([name, { state }]) => state !== before.rollouts[name]?.state)
    .map(([name, { state }]) => [name, state] as const);
  const disabled = Object.entries(after.disabled)
    .map(([route, versions]) => {
      const known = before.disabled[route] ?? [];
      return [route, versions.filter((version) => !known.includes(version))] as const;
    })
    .filter(([, versions]) => versions.length > 0);
  const pins = Object.entries(after.pins).filter(([route, pin]) => before.pins[route] !== pin);
  const overlays = Object.entries(before.overlays)
    .filter(([route]) => overlayOf(after, route) === undefined)
    .map(([route, { beganAt }]) => [route, beganAt] as const);
  return {
    states: Object.fromEntries(states),
    disabled: Object.fromEntries(disabled),
    pins: Object.fromEntries(pins),
    overlays: Object.fromEntries(overlays),
  };
}

/**
 * Returns what is kept with a way back in it; the same object where there is nothing to do: it is
 * so already, or what it was about is over.
 */
export function withEffect(kept: Kept, { states, disabled, pins, overlays }: Effect): Kept {
  let result = kept;
  for (const [name, state] of Object.entries(states)) result = withState(result, name, state);
  for (const [route, versions] of Object.entries(disabled)) {
    result = withDisabled(result, route, versions);
  }
  for (const [route, pin] of Object.entries(pins)) {
    if (JSON.stringify(result.pins[route]) === JSON.stringify(pin)) continue;
    result = { ...result, pins: { ...result.pins, [route]: pin } };
  }
  // Another one that somebody has set since is none of its business.
  const same = Object.entries(overlays).filter(
    ([route, beganAt]) => overlayOf(result, route)?.beganAt === beganAt,
  );
  result = withoutOverlays(
    result,
    same.map(([route]) => route),
  ).kept;
  return result;
}

/** Another release is none of its business, nor is one that has come to its end. */
function withState(kept: Kept, name: string, state: RolloutState): Kept {
  const rollout = kept.rollouts[name];
  if (rollout === undefined || rollout.state.release !== state.release) return kept;
  const isBack = state.share <= rollout.state.share;
  const isSettled = isOver(rollout.state) && rollout.state.share <= state.share;
  if (!isBack || isSettled) return kept;
  // What has ended has ended in the step that it had come to.
  const { step, stepBeganAt } = rollout.state;
  const then = isOver(state) ? { ...state, step, stepBeganAt } : state;
  return withRollout(kept, atState(rollout, then));
}

function withDisabled(kept: Kept, route: string, versions: readonly string[]): Kept {
  const known = kept.disabled[route] ?? [];
  const added = versions.filter((version) => !known.includes(version));
  if (added.length === 0) return kept;
  return { ...kept, disabled: { ...kept.disabled, [route]: [...known, ...added] } };
}
