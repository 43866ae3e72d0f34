import type { Command } from './command.ts';
import { closedGate, type Seen } from './decide.ts';
import { beginning, ended, toStep } from './next-state.ts';
import type { Plan } from './plan.ts';
import { isOver, type RolloutState } from './state.ts';
import type { RevisionKind } from './status.ts';

/** What a verb makes of a rollout. */
export type Obeyed =
  | {
      readonly kind: RevisionKind;
      readonly state: RolloutState;
      /** The evidence begins anew, and with it what is remembered of units. */
      readonly isFresh: boolean;
    }
  /** It does not fit how the rollout stands. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What a verb is told beside the rollout. */
export interface Occasion {
  readonly seen: Seen;
  readonly now: number;
  /** The name of a release that begins. */
  readonly newRelease: string;
}

type RolloutVerb = 'pause' | 'resume' | 'promote' | 'abort' | 'switch';

/** Returns what a verb makes of a rollout, or why it does not fit. Changes nothing. */
export function obey(
  plan: Plan,
  state: RolloutState,
  command: Command & { readonly verb: RolloutVerb },
  occasion: Occasion,
): Obeyed {
  return verbs[command.verb](plan, state, command, occasion);
}

type Obey = (plan: Plan, state: RolloutState, command: Command, occasion: Occasion) => Obeyed;

const verbs: Readonly<Record<RolloutVerb, Obey>> = {
  pause: (_plan, state, command) => {
    if (isOver(state)) return refuse(`the rollout is over: ${state.reason}`);
    if (state.phase === 'paused') return refuse('the rollout is paused already');
    const paused = { ...state, phase: 'paused', pausedBy: 'person' } as const;
    return { kind: 'pause', state: { ...paused, reason: said('paused', command) }, isFresh: false };
  },
  resume: (plan, state, command, { now, newRelease }) => {
    const reason = said('resumed', command);
    if (state.phase === 'complete') return refuse('the rollout is complete: nothing is left to do');
    if (isOver(state)) {
      const begun = beginning(plan, newRelease, now, said('begun again', command));
      return { kind: 'begin', state: begun, isFresh: true };
    }
    if (state.phase !== 'paused') return refuse('the rollout is not paused');
    if (state.pausedBy === 'step') return onward(plan, state, command, now, reason);
    const going = { ...state, phase: 'progressing', pausedBy: undefined, reason } as const;
    // Whoever resumes what the judge has stopped has looked: it begins to watch anew.
    const isJudged = state.pausedBy === 'judge';
    const again = isJudged ? { ...going, release: newRelease, stepBeganAt: now } : going;
    return { kind: 'resume', state: again, isFresh: isJudged };
  },
  promote: (plan, state, command, occasion) => {
    if (isOver(state)) return refuse(`the rollout is over: ${state.reason}`);
    const { now } = occasion;
    const reason = said('promoted', command);
    // Its first step has nothing to compare: the switch looks whether the version is ready.
    if (plan.strategy === 'blue-green' && state.share === 0) {
      return switchOver(plan, state, command, occasion, reason);
    }
    if (!command.isForced) return onward(plan, state, command, now, reason);
    return { kind: 'promote', state: ended(state, 'complete', 1, now, reason), isFresh: false };
  },
  abort: (_plan, state, command, { now }) => {
    if (state.phase === 'rolled_back' || state.phase === 'aborted') {
      return refuse(`the rollout is over: ${state.reason}`);
    }
    if (state.phase === 'complete') {
      return refuse('the rollout is complete: `turnout undo` takes it back');
    }
    const reason = said('aborted', command);
    return { kind: 'abort', state: ended(state, 'aborted', 0, now, reason), isFresh: false };
  },
  switch: (plan, state, command, occasion) => {
    if (plan.strategy !== 'blue-green') {
      return refuse(`only blue-green has a switch: this is ${plan.strategy}`);
    }
    const reason = said(`switched to ${command.version ?? plan.to}`, command);
    return command.version === plan.from
      ? switchBack(plan, state, occasion, reason)
      : switchOver(plan, state, command, occasion, reason);
  },
};

function switchOver(
  plan: Plan,
  state: RolloutState,
  command: Command,
  { now, seen, newRelease }: Occasion,
  reason: string,
): Obeyed {
  if (state.share === 1) return refuse(`${plan.to} serves already`);
  if (isOver(state) && !command.isForced) {
    return refuse(
      `${plan.to} was sent back: \`turnout resume\` first, to look whether it is ready`,
    );
  }
  const closed = closedGate(plan.steps[1]?.gates ?? [], plan, seen);
  if (closed !== undefined && !command.isForced) {
    return refuse(`${closed}; --force switches all the same`);
  }
  const going = isOver(state) ? { ...state, release: newRelease, endedAt: undefined } : state;
  const switched = toStep(plan, going, 1, now, reason);
  return { kind: 'switch', state: switched, isFresh: isOver(state) };
}

function switchBack(plan: Plan, state: RolloutState, { now }: Occasion, reason: string): Obeyed {
  if (state.share === 0) return refuse(`${plan.from} serves already`);
  const back = toStep(plan, { ...state, endedAt: undefined }, 0, now, reason);
  return { kind: 'switch', state: back, isFresh: false };
}

/** To the next step, or to the end, whatever the gates say: a person has decided. */
function onward(
  plan: Plan,
  state: RolloutState,
  command: Command,
  now: number,
  reason: string,
): Obeyed {
  const next = state.step + 1;
  if (next >= plan.steps.length) {
    return { kind: 'promote', state: ended(state, 'complete', 1, now, reason), isFresh: false };
  }
  const kind = command.verb === 'resume' ? 'resume' : 'step';
  return { kind, state: toStep(plan, state, next, now, reason), isFresh: false };
}

function said(what: string, { who, reason }: Command): string {
  return `${what} by ${who}${reason === undefined ? '' : `: ${reason}`}`;
}

function refuse(reason: string): Obeyed {
  return { kind: 'refused', reason };
}
