import { isOver } from '#core/rollout/state';
import type { Entry } from './entries.ts';
import type { Kept, Position, PositionOfRollout } from './kept.ts';
import { isSentBack } from './standings.ts';

/** Returns how everything stands, as a revision remembers it. */
export function positionOf(kept: Kept, entries: ReadonlyMap<string, Entry>): Position {
  const rollouts: Record<string, PositionOfRollout> = {};
  for (const [name, { routes, rule }] of entries) {
    const state = kept.rollouts[name]?.state;
    if (state === undefined) continue;
    const { share } = state;
    const { to } = rule;
    rollouts[name] = { routes, to, share, isOver: isOver(state), isSentBack: isSentBack(state) };
  }
  return { rollouts, disabled: kept.disabled, pins: kept.pins };
}

/** Returns how the rollout of a route stood at a position; undefined where it had none. */
export function rolloutAt(position: Position, route: string): PositionOfRollout | undefined {
  return Object.values(position.rollouts).find(({ routes }) => routes.includes(route));
}
