import type { Command, CommandOutcome, Verb } from '#core/rollout/command';
import type { Seen } from '#core/rollout/decide';
import { obey } from '#core/rollout/obey';
import { percentText } from '#core/rollout/percent-text';
import type { RouteRule } from '#core/routing/rules';
import { type Change, withRollout } from './change.ts';
import type { Entry } from './entries.ts';
import type { Kept, KeptRollout } from './kept.ts';
import { atState } from './look.ts';
import { withoutOverlays } from './overlay-in-force.ts';
import { isSentBack } from './standings.ts';
import { overlayEnds, rolloutOf, type UndoOptions, undone } from './undo.ts';

/** What a command meets. */
export interface Situation {
  readonly kept: Kept;
  readonly entries: ReadonlyMap<string, Entry>;
  /** The route as the document in force has it; undefined: it has none by that name. */
  readonly rule: RouteRule | undefined;
  readonly seen: Seen;
  readonly now: number;
  readonly written: UndoOptions['written'];
  readonly writtenAt: UndoOptions['writtenAt'];
}

export type Commanded =
  | { readonly kind: 'change'; readonly change: Change }
  | Exclude<CommandOutcome, { readonly kind: 'done' }>;

/** Returns what a command makes of what is kept, or why it cannot be. Changes nothing. */
export function commanded(command: Command, situation: Situation): Commanded {
  if (situation.rule === undefined) {
    return { kind: 'not_found', message: `there is no route "${command.route}"` };
  }
  if (command.verb === 'undo') return undo(command, situation);
  if (command.verb === 'disable' || command.verb === 'enable') {
    return setDisabled(command, situation, situation.rule);
  }
  return onRollout({ ...command, verb: command.verb }, situation);
}

function onRollout(
  command: Command & { readonly verb: Exclude<Verb, 'undo' | 'disable' | 'enable'> },
  { kept, entries, seen, now }: Situation,
): Commanded {
  const { route } = command;
  const rollout = rolloutOf(kept, route);
  const entry = rollout && entries.get(rollout.name);
  if (rollout === undefined || entry === undefined) {
    return { kind: 'conflict', message: `route "${route}" has no rollout` };
  }
  const pin = kept.pins[route];
  if (pin !== undefined) {
    const message = `route "${route}" stands as at revision ${pin.revision}, until its document changes`;
    return { kind: 'conflict', message };
  }
  const releases = kept.releases + 1;
  const newRelease = `${entry.name}-${releases}`;
  const obeyed = obey(entry.plan, rollout.state, command, { seen, now, newRelease });
  if (obeyed.kind === 'refused') return { kind: 'conflict', message: obeyed.reason };
  const { state, isFresh } = obeyed;
  const next = atState(rollout, state);
  // From now on the weights are the rollout's again.
  const bare = withoutOverlays(isFresh ? { ...kept, releases } : kept, rollout.routes);
  return {
    kind: 'change',
    change: {
      kept: withRollout(bare.kept, next),
      kind: obeyed.kind,
      route,
      reason: state.reason,
      changes: [...sharesChanged(rollout, next), ...bare.ended.map(overlayEnds)],
      isWayBack: state.share < rollout.state.share,
    },
  };
}

/** Returns what becomes of the shares of a rollout, a line each. */
export function sharesChanged(before: KeptRollout, after: KeptRollout): readonly string[] {
  const was = before.state.share;
  const is = after.state.share;
  if (was === is) return [];
  return after.routes.map(
    (route) => `${route}: ${after.to} ${percentText(was)} to ${percentText(is)}`,
  );
}

function setDisabled(command: Command, { kept }: Situation, rule: RouteRule): Commanded {
  const { route, version = '', verb, who, reason } = command;
  if (!rule.versions.some(({ name }) => name === version)) {
    const names = rule.versions.map(({ name }) => name).join(', ');
    return { kind: 'not_found', message: `route "${route}" has no version "${version}": ${names}` };
  }
  const before = kept.disabled[route] ?? [];
  const isDisabled = before.includes(version);
  if (isDisabled === (verb === 'disable')) {
    return { kind: 'conflict', message: isSoAlready(command, kept) };
  }
  const now = isDisabled ? before.filter((name) => name !== version) : [...before, version];
  const { [route]: _, ...others } = kept.disabled;
  const disabled = now.length === 0 ? others : { ...others, [route]: now };
  const said = reason === undefined ? '' : `: ${reason}`;
  return {
    kind: 'change',
    change: {
      kept: { ...kept, disabled },
      kind: isDisabled ? 'enable' : 'disable',
      route,
      reason: `${version} ${isDisabled ? 'enabled' : 'disabled'} by ${who}${said}`,
      changes: [`${route}: ${version} ${isDisabled ? 'may be served again' : 'gets nothing'}`],
      isWayBack: !isDisabled,
    },
  };
}

function isSoAlready({ verb, route, version = '' }: Command, kept: Kept): string {
  const rollout = rolloutOf(kept, route);
  const isBack = rollout?.to === version && isSentBack(rollout.state);
  return verb === 'enable' && isBack
    ? `${version} of ${route} was sent back, not disabled by hand: turnout resume ${route}`
    : `${version} of ${route} is ${verb}d already`;
}

function undo(command: Command, situation: Situation): Commanded {
  const { kept, now, written, writtenAt } = situation;
  const { route, toRevision, who, reason: why } = command;
  const where = toRevision === undefined ? '' : ` to revision ${toRevision}`;
  const reason = `undone${where} by ${who}${why === undefined ? '' : `: ${why}`}`;
  const result = undone(kept, { route, toRevision, reason, now, written, writtenAt });
  if (result.kind !== 'done') return result;
  return {
    kind: 'change',
    change: {
      kept: result.kept,
      kind: 'undo',
      route,
      reason,
      changes: result.changes,
      isWayBack: true,
    },
  };
}
