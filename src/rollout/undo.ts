import { ended } from '#core/rollout/next-state';
import { withRollout } from './change.ts';
import type { Kept, KeptRevision, KeptRollout, Pin } from './kept.ts';
import { overlayAt, withoutOverlays } from './overlay-in-force.ts';
import { rolloutAt } from './position.ts';
import { isSentBack } from './standings.ts';

/** What an undo needs to know of the document in force. */
export interface UndoOptions {
  readonly route: string;
  /** Undefined: how the route stood before. */
  readonly toRevision: number | undefined;
  readonly reason: string;
  readonly now: number;
  /** A route as the document in force has it, as text. */
  readonly written: (route: string) => string | undefined;
  /** A route as a document of the history has it, as text; undefined: it has none, or is not kept. */
  readonly writtenAt: (hash: string, route: string) => string | undefined;
}

export type Undone =
  | { readonly kind: 'done'; readonly kept: Kept; readonly changes: readonly string[] }
  | { readonly kind: 'not_found' | 'conflict'; readonly message: string };

/**
 * Returns what an undo makes of what is kept. Without a revision an overlay is taken back where
 * there is one, and nothing else. Else a release is sent back, whether
 * it is under way or complete; where there is none, the route stands as it last did before.
 */
export function undone(kept: Kept, options: UndoOptions): Undone {
  const { route, toRevision, now } = options;
  if (toRevision === undefined && overlayAt(kept, route, now) !== undefined) {
    const { kept: bare } = withoutOverlays(kept, [route]);
    return { kind: 'done', kept: bare, changes: [overlayEnds(route)] };
  }
  const rollout = rolloutOf(kept, route);
  if (toRevision !== undefined) {
    const target = kept.revisions.find(({ revision }) => revision === toRevision);
    if (target !== undefined) return pinnedTo(kept, target, options);
    const [oldest] = kept.revisions;
    const since = oldest === undefined ? '' : `; the oldest that is kept is ${oldest.revision}`;
    return { kind: 'not_found', message: `there is no revision ${toRevision}${since}` };
  }
  const isPinned = kept.pins[route] !== undefined;
  if (rollout !== undefined && !isPinned && !isSentBack(rollout.state)) {
    return sentBack(kept, rollout, options);
  }
  const before = kept.revisions.findLast((revision) => differsFromNow(kept, revision, options));
  if (before !== undefined) return pinnedTo(kept, before, options);
  const message = `there is nothing to go back to: route "${route}" has always stood like this`;
  return { kind: 'conflict', message };
}

function sentBack(kept: Kept, rollout: KeptRollout, { now, reason }: UndoOptions): Undone {
  const state = ended(rollout.state, 'aborted', 0, now, reason);
  const changes = rollout.routes.map((route) => `${route}: the new version gets nothing any more`);
  return { kind: 'done', kept: withRollout(kept, { ...rollout, state }), changes };
}

function pinnedTo(kept: Kept, target: KeptRevision, options: UndoOptions): Undone {
  const { route, now, reason } = options;
  const then = rolloutAt(target.position, route);
  const rollout = rolloutOf(kept, route);
  const routes = rollout?.routes ?? then?.routes ?? [route];
  const pins: Record<string, Pin> = { ...kept.pins };
  for (const one of routes) {
    const written = options.written(one);
    if (options.writtenAt(target.hash, one) === undefined || written === undefined) {
      const message = `revision ${target.revision} has no route "${one}"`;
      return { kind: 'not_found', message };
    }
    const disabled = disabledAt(target, one);
    const { revision, hash } = target;
    pins[one] = { revision, hash, share: then?.share, disabled, written };
  }
  // What had a time limit does not come back, and does not stay either.
  const bare = withoutOverlays(kept, routes);
  const pinned = { ...bare.kept, pins };
  const changes = [
    ...routes.map((one) => `${one}: as at revision ${target.revision}`),
    ...bare.ended.map(overlayEnds),
  ];
  // What was under way is not any more, also when the document changes later.
  const isUnderWay = rollout !== undefined && rollout.state.endedAt === undefined;
  if (!isUnderWay) return { kind: 'done', kept: pinned, changes };
  const state = ended(rollout.state, 'aborted', 0, now, reason);
  return { kind: 'done', kept: withRollout(pinned, { ...rollout, state }), changes };
}

function disabledAt({ position }: KeptRevision, route: string): readonly string[] {
  const then = rolloutAt(position, route);
  const byHand = position.disabled[route] ?? [];
  return then?.isSentBack === true ? [...byHand, then.to] : byHand;
}

/** Returns the line that tells that the weights which a route had for a while are over. */
export function overlayEnds(route: string): string {
  return `${route}: the weights that it had for a while are over`;
}

export function rolloutOf(kept: Kept, route: string): KeptRollout | undefined {
  return Object.values(kept.rollouts).find(({ routes }) => routes.includes(route));
}

/** Whether the route stood otherwise then, and nothing was under way. */
function differsFromNow(kept: Kept, revision: KeptRevision, options: UndoOptions): boolean {
  const { route } = options;
  const then = rolloutAt(revision.position, route);
  if (then !== undefined && !then.isOver) return false;
  const written = options.writtenAt(revision.hash, route);
  if (written === undefined) return false;
  return standText(revision, route, written) !== nowText(kept, options);
}

function standText(revision: KeptRevision, route: string, written: string): string {
  const pin = revision.position.pins[route];
  const then = rolloutAt(revision.position, route);
  return JSON.stringify([
    written,
    pin === undefined ? then?.share : pin.share,
    pin === undefined ? disabledAt(revision, route) : pin.disabled,
  ]);
}

function nowText(kept: Kept, { route, written, writtenAt }: UndoOptions): string {
  const pin = kept.pins[route];
  if (pin !== undefined) {
    return JSON.stringify([writtenAt(pin.hash, route), pin.share, pin.disabled]);
  }
  const rollout = rolloutOf(kept, route);
  const byHand = kept.disabled[route] ?? [];
  const sent = rollout !== undefined && isSentBack(rollout.state) ? [rollout.to] : [];
  return JSON.stringify([written(route), rollout?.state.share, [...byHand, ...sent]]);
}
