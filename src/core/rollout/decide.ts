import type { Verdict } from '#core/judge/verdict';
import { percentText } from './percent-text.ts';
import type { Gate, Plan, Step } from './plan.ts';
import { isOver, type RolloutState } from './state.ts';

/** What is seen of a rollout at one moment. */
export interface Seen {
  /** Undefined where nothing is judged. */
  readonly verdict: Verdict | undefined;
  /** What the goal of an experiment says; undefined without one. */
  readonly goal: Goal | undefined;
  readonly endpoints: EndpointsSeen;
  /** Requests that the old version has. */
  readonly oldInFlight: number;
}

export interface Goal {
  readonly kind: 'better' | 'worse' | 'undecided';
  readonly reason: string;
}

/** Endpoints that are there, and that are ready. */
export interface EndpointsSeen {
  readonly oldReady: number;
  /** Found not to be well, as against not found to be so yet. */
  readonly oldDown: number;
  readonly old: number;
  readonly newReady: number;
  readonly new: number;
}

/** What a rollout does next, with the reason as it is shown everywhere. */
export type Decision =
  | { readonly kind: 'wait'; readonly reason: string }
  /** To another step, from 0. */
  | { readonly kind: 'step'; readonly step: number; readonly reason: string }
  /** Another share within the step. */
  | { readonly kind: 'share'; readonly share: number; readonly reason: string }
  | { readonly kind: 'pause'; readonly by: 'step' | 'judge'; readonly reason: string }
  | { readonly kind: 'promote' | 'rollback'; readonly reason: string };

/**
 * Returns what a rollout does next. It changes nothing: the loop records the decision and swaps.
 *
 * A failure is acted on in whatever phase the rollout is, also while it is paused: a pause
 * freezes the steps, never the way back.
 */
export function decide(plan: Plan, state: RolloutState, seen: Seen, now: number): Decision {
  if (isOver(state)) return wait(state.reason);
  const onJudged = onVerdict(plan, state, seen);
  if (onJudged !== undefined) return onJudged;
  if (state.phase === 'paused') return wait(state.reason);
  const step = plan.steps[state.step];
  return step === undefined ? goOn(plan, state, seen, '') : onEnd(plan, state, step, seen, now);
}

/** What the judge's word alone brings; undefined: nothing. */
function onVerdict(plan: Plan, state: RolloutState, { verdict }: Seen): Decision | undefined {
  if (verdict === undefined || plan.judging?.rule.dryRun !== false) return undefined;
  if (verdict.kind === 'fail') return onFail(plan, state, verdict.reason);
  if (verdict.kind !== 'invalid') return undefined;
  // Nothing is proven, but to go back is the safe side.
  if (verdict.isHarmLikely) return onFail(plan, state, verdict.reason);
  return pauseOnce(state, verdict.reason);
}

function onFail(plan: Plan, state: RolloutState, reason: string): Decision | undefined {
  if (plan.onFail === 'rollback') return { kind: 'rollback', reason };
  return pauseOnce(state, reason);
}

/** Who is paused already is not paused again; a person's pause is not made the judge's. */
function pauseOnce(state: RolloutState, reason: string): Decision | undefined {
  return state.phase === 'paused' ? undefined : { kind: 'pause', by: 'judge', reason };
}

function onEnd(plan: Plan, state: RolloutState, step: Step, seen: Seen, now: number): Decision {
  const elapsedMs = now - state.stepBeganAt;
  const { end } = step;
  switch (end.kind) {
    case 'verdict':
      return onStepVerdict(plan, state, end, seen, elapsedMs);
    case 'time':
      if (elapsedMs < end.forMs) return wait('the step lasts on');
      return goOn(plan, state, seen, 'its time is over');
    case 'person':
      return pausesThere(plan)
        ? { kind: 'pause', by: 'step', reason: `step ${state.step + 1} waits for a person` }
        : wait('somebody has to say so');
    case 'goal':
      return onGoal(plan, state, end, seen, elapsedMs);
    case 'gates':
      return goOn(plan, state, seen, '');
    case 'endpoints':
      return follow(state, seen);
  }
}

/** A pause of the plan; a split that is held, or a version to be looked at first, is none. */
function pausesThere({ strategy }: Plan): boolean {
  return strategy === 'canary' || strategy === 'shadow';
}

function onStepVerdict(
  plan: Plan,
  state: RolloutState,
  { atMostMs }: { readonly atMostMs: number },
  seen: Seen,
  elapsedMs: number,
): Decision {
  const { verdict } = seen;
  if (verdict === undefined) return wait('nothing is judged yet');
  if (verdict.kind === 'pass') return goOn(plan, state, seen, verdict.reason);
  if (elapsedMs < atMostMs) return wait(verdict.reason);
  // Silence is not success: whatever `onUndecided` says, a version nobody has seen is not promoted.
  const isSilent = verdict.kind === 'no_data' || verdict.kind === 'invalid';
  return undecided(plan, state, seen, isSilent, verdict.reason);
}

function undecided(
  plan: Plan,
  state: RolloutState,
  seen: Seen,
  isSilent: boolean,
  reason: string,
): Decision {
  if (plan.onUndecided === 'rollback')
    return { kind: 'rollback', reason: `not decided: ${reason}` };
  if (plan.onUndecided === 'promote' && !isSilent) {
    return goOn(plan, state, seen, `not decided, and onUndecided is promote: ${reason}`);
  }
  return { kind: 'pause', by: 'judge', reason: `not decided: ${reason}` };
}

function onGoal(
  plan: Plan,
  state: RolloutState,
  { atMostMs }: { readonly atMostMs: number | undefined },
  { goal }: Seen,
  elapsedMs: number,
): Decision {
  if (goal === undefined) return wait('the goal has not been counted yet');
  if (goal.kind === 'better') return { kind: 'promote', reason: goal.reason };
  if (goal.kind === 'worse') return { kind: 'rollback', reason: goal.reason };
  if (atMostMs === undefined || elapsedMs < atMostMs) return wait(goal.reason);
  if (plan.onUndecided === 'pause') return pauseOnce(state, goal.reason) ?? wait(goal.reason);
  const kind = plan.onUndecided === 'promote' ? 'promote' : 'rollback';
  return { kind, reason: `not decided: ${goal.reason}` };
}

/** To the next step, or to the end, where its gates are open. */
function goOn(plan: Plan, state: RolloutState, seen: Seen, because: string): Decision {
  const next = state.step + 1;
  const gates = plan.steps[next]?.gates ?? plan.gates;
  const closed = closedGate(gates, plan, seen);
  if (closed !== undefined) return wait(closed);
  const reason = because === '' ? openedText(gates, plan, seen) : because;
  const isLast = next === plan.steps.length;
  return isLast ? { kind: 'promote', reason } : { kind: 'step', step: next, reason };
}

/** Returns what is still waited for; undefined where all gates are open. */
export function closedGate(gates: readonly Gate[], plan: Plan, seen: Seen): string | undefined {
  for (const gate of gates) {
    const waitsFor = whyClosed(gate, plan, seen);
    if (waitsFor !== undefined) return `waits until ${waitsFor}`;
  }
  return undefined;
}

/** What was waited for, and is so. */
function openedText(gates: readonly Gate[], plan: Plan, { endpoints }: Seen): string {
  const { from, to } = plan;
  const texts = gates.map(({ kind }) => {
    if (kind === 'old_goes') return `an endpoint of ${from} has gone`;
    if (kind === 'old_idle') return `${from} has no request any more`;
    return `${to} has ${countText(endpoints.newReady)} ready`;
  });
  return texts.length === 0 ? 'nothing is waited for' : texts.join(', ');
}

function countText(endpoints: number): string {
  return `${endpoints} endpoint${endpoints === 1 ? '' : 's'}`;
}

function whyClosed(
  gate: Gate,
  { from, to }: Plan,
  { endpoints, oldInFlight }: Seen,
): string | undefined {
  const { oldReady, oldDown, old, newReady } = endpoints;
  switch (gate.kind) {
    case 'ready':
      return lacking(to, newReady, gate.endpoints);
    case 'ready_part':
      return lacking(to, newReady, Math.max(1, Math.ceil(gate.part * endpoints.new)));
    case 'ready_as_old':
      return lacking(to, newReady, Math.max(1, oldReady));
    case 'old_goes':
      return oldDown > 0 || old === 0 ? undefined : `an endpoint of ${from} goes`;
    case 'old_idle':
      return oldInFlight === 0 ? undefined : `${oldInFlight} requests to ${from} have ended`;
  }
}

function lacking(version: string, ready: number, wanted: number): string | undefined {
  if (ready >= wanted) return undefined;
  return `${version} has ${countText(wanted)} ready, not ${ready}`;
}

/** Each version has the share of its ready endpoints. */
function follow(state: RolloutState, { endpoints }: Seen): Decision {
  const { oldReady, newReady, old } = endpoints;
  const ready = oldReady + newReady;
  if (ready === 0) return wait('no endpoint is ready: the shares stay as they are');
  if (oldReady === 0 && newReady > 0) {
    return { kind: 'promote', reason: `all ${newReady} endpoints that are ready are new ones` };
  }
  const share = newReady / ready;
  const counted = `${newReady} of ${ready} ready endpoints are new ones`;
  return share === state.share
    ? wait(`${counted}; ${old} old ones are left`)
    : { kind: 'share', share, reason: `${counted}: ${percentText(share)}` };
}

function wait(reason: string): Decision {
  return { kind: 'wait', reason };
}
