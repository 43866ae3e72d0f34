import type { Document } from '#core/document/document';
import { beginning } from '#core/rollout/next-state';
import { isOver } from '#core/rollout/state';
import { type Entry, entriesOf } from './entries.ts';
import type { Kept, KeptRollout, Pin } from './kept.ts';
import { isInForce, overlayOf, timeIsOver, withoutOverlays } from './overlay-in-force.ts';
import { isSentBack } from './standings.ts';

/** What a document makes of what is kept. */
export interface Accepted {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly kept: Kept;
  /** Rollouts that begin with this document. */
  readonly begun: readonly string[];
  /** Overlays that end with it, by route, and why. */
  readonly lifted: readonly (readonly [route: string, reason: string])[];
}

/**
 * Returns what a document makes of what is kept: changes nothing.
 *
 * A rollout that goes between the same versions by the same strategy goes on where it is, also
 * where its steps are other ones now. One that was sent back begins anew when its rule changes. An
 * undo lasts until the document says something else of its route, and so does an overlay, until
 * its time is over; what somebody has disabled lasts until somebody enables it.
 */
export function accepted(kept: Kept, document: Document, now: number): Accepted {
  const entries = entriesOf(document);
  const rollouts: Record<string, KeptRollout> = {};
  const begun: string[] = [];
  let { releases, weights } = kept;
  for (const entry of entries.values()) {
    const before = kept.rollouts[entry.name];
    if (before !== undefined && goesOn(before, entry)) {
      const after = goingOn(before, entry, weights + 1);
      weights = Math.max(weights, after.weights);
      rollouts[entry.name] = after;
      continue;
    }
    releases += 1;
    weights += 1;
    begun.push(entry.name);
    rollouts[entry.name] = newRollout(entry, `${entry.name}-${releases}`, weights, now);
  }
  const routes = new Map(document.routes.map((route) => [route.name, route]));
  const isAsItWas = ([name, pin]: [string, Pin]) => {
    const route = routes.get(name);
    return route !== undefined && writtenText(route) === pin.written;
  };
  const lifted = Object.keys(kept.overlays).flatMap((route) => {
    const reason = liftedBecause(kept, route, routes.get(route), now);
    return reason === undefined ? [] : [[route, reason] as const];
  });
  const disabled = Object.entries(kept.disabled).filter(([route]) => routes.has(route));
  return {
    entries,
    begun,
    lifted,
    kept: {
      ...withoutOverlays(
        kept,
        lifted.map(([route]) => route),
      ).kept,
      releases,
      weights,
      rollouts,
      pins: Object.fromEntries(Object.entries(kept.pins).filter(isAsItWas)),
      disabled: Object.fromEntries(disabled),
    },
  };
}

/** Returns why the overlay of a route ends with a document; undefined: it stays. */
function liftedBecause(
  kept: Kept,
  name: string,
  route: Document['routes'][number] | undefined,
  now: number,
): string | undefined {
  const overlay = overlayOf(kept, name);
  if (overlay === undefined) return undefined;
  if (!isInForce(overlay, now)) return timeIsOver;
  if (route === undefined) return 'the document has the route no longer';
  return writtenText(route) === overlay.written ? undefined : 'the document has changed the route';
}

/** Returns a route as its document has it, to see whether that has changed. */
export function writtenText(route: Document['routes'][number]): string {
  return JSON.stringify(route, (_key, value) =>
    value instanceof Map ? [...value.entries()] : value,
  );
}

/** Whether a rollout that is kept is the one that a document wishes for, and not over by its rule. */
export function goesOn(before: KeptRollout, { rule, text }: Entry): boolean {
  const { strategy, from, to } = rule;
  if (before.strategy !== strategy || before.from !== from || before.to !== to) return false;
  return before.rule === text || !isSentBack(before.state);
}

/** `weights`: the number of new shares, where there are any. */
function goingOn(before: KeptRollout, { plan, routes, text }: Entry, weights: number): KeptRollout {
  const { state } = before;
  const same = { ...before, routes, rule: text };
  if (before.rule === text || isOver(state) || state.step < 0) return same;
  const step = Math.min(state.step, plan.steps.length - 1);
  const { share, end } = plan.steps[step] ?? { share: state.share, end: undefined };
  // The share of a step is as it is written now, unless it follows something else.
  if (end?.kind === 'endpoints' || share === state.share) {
    return { ...same, state: { ...state, step } };
  }
  const shares = [...before.shares, [weights, share] as const];
  return { ...same, weights, shares, state: { ...state, step, share } };
}

function newRollout(
  { name, routes, rule, text, plan }: Entry,
  release: string,
  weights: number,
  now: number,
): KeptRollout {
  const reason = 'the document wishes for it';
  const state = beginning(plan, release, now, reason);
  const { strategy, from, to } = rule;
  const shares: KeptRollout['shares'] = [[weights, state.share]];
  return { name, routes, strategy, from, to, rule: text, state, stepsBegun: 0, weights, shares };
}
