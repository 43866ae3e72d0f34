import {
  type OverlayOutcome,
  type OverlayStatus,
  type OverlayWish,
  type Weights,
  weightsText,
} from '#core/rollout/overlay';
import { spanText } from '#core/rollout/span-text';
import { isOver } from '#core/rollout/state';
import type { RouteRule } from '#core/routing/rules';
import type { Change } from './change.ts';
import type { Kept } from './kept.ts';
import { overlayAt, overlayOf, withoutOverlays } from './overlay-in-force.ts';
import { nextVerbs } from './status-of.ts';
import { rolloutOf } from './undo.ts';
import { unfitWeights } from './unfit-weights.ts';

/** What a wish for an overlay meets. */
export interface OverlaySituation {
  readonly kept: Kept;
  /** Of the document in force. */
  readonly hash: string;
  /** The route as it would be in force without an overlay; undefined: there is none by that name. */
  readonly rule: RouteRule | undefined;
  /** The route as the document in force has it, as text. */
  readonly written: string;
  /** What a change of what is kept makes of the route, a line each. */
  readonly changesTo: (kept: Kept) => readonly string[];
  readonly now: number;
}

export type Overlaid =
  | { readonly kind: 'change'; readonly change: Change }
  | Exclude<OverlayOutcome, { readonly kind: 'done' }>;

/** Returns what a wish makes of what is kept, or why it cannot be. Changes nothing. */
export function overlaid(wish: OverlayWish, situation: OverlaySituation): Overlaid {
  const { route, set } = wish;
  const { kept, hash, rule, now } = situation;
  if (rule === undefined) {
    return { kind: 'not_found', message: `there is no route "${route}"` };
  }
  const { tag } = overlayStatus(kept, hash, route, now);
  if (!wish.isExpected(tag)) {
    const message = `the weights of "${route}" are not what you have seen: somebody has changed them, or the document; look again`;
    return { kind: 'changed', message };
  }
  if (set === undefined) return taken(wish, situation);
  return isUnderWay(kept, route)
    ? { kind: 'under_way', message: underWay(kept, route) }
    : laid(wish, set, rule, situation);
}

/** Returns how the overlay of a route stands. */
export function overlayStatus(kept: Kept, hash: string, route: string, now: number): OverlayStatus {
  const overlay = overlayAt(kept, route, now);
  if (overlay === undefined) return { overlay, tag: `${hash}-0` };
  // What belongs to the ledger only is nobody's business.
  const { written: _, ...shown } = overlay;
  return { overlay: shown, tag: `${hash}-${overlay.beganAt.toString(36)}` };
}

function laid(
  { route, who, reason }: OverlayWish,
  { weights, ttlMs }: { readonly weights: Weights; readonly ttlMs: number },
  rule: RouteRule,
  { kept, written, changesTo, now }: OverlaySituation,
): Overlaid {
  const unfit = unfitWeights(rule, weights);
  if (unfit !== undefined) return { kind: 'unfit', message: unfit };
  const before = overlayAt(kept, route, now);
  // Never the instant of the one before: tags are made of it.
  const beganAt = Math.max(now, (before?.beganAt ?? 0) + 1);
  const overlay = { weights, beganAt, endsAt: now + ttlMs, who, reason, written };
  const after = { ...kept, overlays: { ...kept.overlays, [route]: overlay } };
  return {
    kind: 'change',
    change: {
      kept: after,
      kind: 'overlay',
      route,
      reason: `${weightsText(weights)} for ${spanText(ttlMs)} by ${who}${said(reason)}`,
      changes: changesTo(after),
      isWayBack: false,
    },
  };
}

function taken({ route, who, reason }: OverlayWish, situation: OverlaySituation): Overlaid {
  const { kept, now } = situation;
  if (overlayAt(kept, route, now) !== undefined) {
    const why = `ended by ${who}${said(reason)}`;
    return { kind: 'change', change: overlayEnd(kept, route, why, situation.changesTo) };
  }
  const message = `route "${route}" has no overlay: its weights are those of the document and its rollout`;
  return { kind: 'none', message };
}

/** Returns what becomes of what is kept where an overlay ends. */
export function overlayEnd(
  kept: Kept,
  route: string,
  why: string,
  changesTo: (kept: Kept) => readonly string[],
): Change {
  const { kept: after } = withoutOverlays(kept, [route]);
  const weights = overlayOf(kept, route)?.weights ?? {};
  const reason = `${weightsText(weights)} for a while: ${why}`;
  const changes = changesTo(after);
  return { kept: after, kind: 'overlay_end', route, reason, changes, isWayBack: true };
}

function said(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason}`;
}

/** A rollout that an undo holds is not under way. */
function isUnderWay(kept: Kept, route: string): boolean {
  const rollout = rolloutOf(kept, route);
  if (rollout === undefined || isOver(rollout.state)) return false;
  return rollout.routes.every((one) => kept.pins[one] === undefined);
}

function underWay(kept: Kept, route: string): string {
  const rollout = rolloutOf(kept, route);
  if (rollout === undefined) return '';
  const { state, strategy, from, to } = rollout;
  const hold = state.phase === 'paused' ? [] : [`turnout pause ${route}`];
  const verbs = [...hold, ...nextVerbs(rollout, route)].join(' | ');
  return `the ${strategy} of "${route}" from ${from} to ${to} is under way, and its weights are the rollout's: ${verbs}`;
}
