import type { Decision } from './decide.ts';
import type { Plan, Step } from './plan.ts';
import type { RolloutState } from './state.ts';

/** Returns how a release stands that begins: before its first step, where that has gates. */
export function beginning(plan: Plan, release: string, now: number, reason: string): RolloutState {
  const [first] = plan.steps;
  const isOpen = first !== undefined && first.gates.length === 0;
  return {
    release,
    phase: 'progressing',
    step: isOpen ? 0 : -1,
    beganAt: now,
    stepBeganAt: now,
    pausedBy: undefined,
    ...inStep(isOpen ? first : undefined),
    reason,
    endedAt: undefined,
  };
}

/** Returns how a rollout stands after a decision. */
export function nextState(
  plan: Plan,
  state: RolloutState,
  decision: Decision,
  now: number,
): RolloutState {
  const { reason } = decision;
  switch (decision.kind) {
    case 'wait':
      return state;
    case 'share':
      return { ...state, share: decision.share, reason };
    case 'step':
      return toStep(plan, state, decision.step, now, reason);
    case 'pause':
      return { ...state, phase: 'paused', pausedBy: decision.by, reason };
    case 'promote':
      return ended(state, 'complete', 1, now, reason);
    case 'rollback':
      return ended(state, 'rolled_back', 0, now, reason);
  }
}

/** Returns how a rollout stands at the beginning of a step. */
export function toStep(
  plan: Plan,
  state: RolloutState,
  step: number,
  now: number,
  reason: string,
): RolloutState {
  return {
    ...state,
    phase: 'progressing',
    step,
    stepBeganAt: now,
    pausedBy: undefined,
    ...inStep(plan.steps[step]),
    reason,
  };
}

/** Returns how a rollout stands that is over. */
export function ended(
  state: RolloutState,
  phase: 'complete' | 'rolled_back' | 'aborted',
  share: 0 | 1,
  now: number,
  reason: string,
): RolloutState {
  const still = { isHeld: false, isMirrored: false, pausedBy: undefined };
  return { ...state, phase, share, ...still, reason, endedAt: now };
}

function inStep(step: Step | undefined): Pick<RolloutState, 'share' | 'isHeld' | 'isMirrored'> {
  const { share = 0, isHeld = false, isMirrored = false } = step ?? {};
  return { share, isHeld, isMirrored };
}
