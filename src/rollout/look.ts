import type { Asked } from '#core/judge/asked';
import { goalOf } from '#core/judge/goal';
import { beginStep, type Judgement, newJudgement } from '#core/judge/judgement';
import type { Measurement } from '#core/judge/measurement';
import type { Verdict } from '#core/judge/verdict';
import { verdictOf } from '#core/judge/verdict-of';
import { weigh } from '#core/judge/weigh';
import { type Decision, decide, type EndpointsSeen, type Goal } from '#core/rollout/decide';
import { nextState } from '#core/rollout/next-state';
import type { RolloutState } from '#core/rollout/state';
import type { Entry } from './entries.ts';
import type { KeptRollout } from './kept.ts';

/** What one look at a rollout is told. */
export interface LookAt {
  /** Undefined where nothing is judged. */
  readonly measurement: Measurement | undefined;
  readonly endpoints: EndpointsSeen;
  readonly oldInFlight: number;
  readonly quantilesMs: Asked['quantilesMs'];
  readonly now: number;
}

export interface Looked {
  /** With the evidence that the look has brought, and as it stood. */
  readonly rollout: KeptRollout;
  readonly verdict: Verdict | undefined;
  readonly decision: Decision;
  /** How it stands after the decision. */
  readonly state: RolloutState;
}

/** Returns what one look at a rollout brings: evidence, verdict, decision. Changes nothing. */
export function look(entry: Entry, rollout: KeptRollout, at: LookAt): Looked {
  const { plan } = entry;
  const judgement = weighed(entry, rollout, at.measurement);
  const verdict = judgement && verdictNow(entry, rollout, judgement, at);
  const seen = {
    verdict,
    goal: judgement && goalNow(entry, rollout, judgement),
    endpoints: at.endpoints,
    oldInFlight: at.oldInFlight,
  };
  const decision = decide(plan, rollout.state, seen, at.now);
  const state = nextState(plan, rollout.state, decision, at.now);
  return { rollout: { ...rollout, judgement }, verdict, decision, state };
}

/**
 * Returns a rollout at a state that it comes to: a new step counts its units anew, and a new release
 * everything.
 */
export function atState(rollout: KeptRollout, state: RolloutState): KeptRollout {
  const { judgement, stepsBegun } = rollout;
  if (state.release !== rollout.state.release) {
    return { ...rollout, state, judgement: undefined, limitsMs: undefined, stepsBegun: 0 };
  }
  if (state.step === rollout.state.step) return { ...rollout, state };
  const next = { ...rollout, state, stepsBegun: stepsBegun + 1 };
  return judgement === undefined ? next : { ...next, judgement: beginStep(judgement) };
}

function weighed(
  { plan: { judging, steps } }: Entry,
  { judgement }: KeptRollout,
  measurement: Measurement | undefined,
): Judgement | undefined {
  if (judging === undefined || measurement === undefined) return judgement;
  const passMargins = steps.flatMap(({ passMargin }) => passMargin ?? []);
  return weigh(judgement ?? newJudgement(judging.rule, { passMargins }), measurement);
}

function verdictNow(
  { plan }: Entry,
  { state, limitsMs }: KeptRollout,
  judgement: Judgement,
  { now, quantilesMs }: LookAt,
): Verdict | undefined {
  const { judging } = plan;
  const step = plan.steps[state.step];
  if (judging === undefined || step === undefined) return undefined;
  const { end, passMargin } = step;
  return verdictOf(judgement, judging.rule, {
    mode: judging.mode,
    stepAgeMs: now - state.stepBeganAt,
    forMs: 'forMs' in end ? end.forMs : 0,
    passMargin,
    differences: judging.differences,
    quantilesMs,
    limitsMs,
    candidate: plan.to,
  });
}

function goalNow({ plan }: Entry, { state }: KeptRollout, judgement: Judgement): Goal | undefined {
  const end = plan.steps[state.step]?.end;
  return end?.kind === 'goal' ? goalOf(judgement, end.alpha) : undefined;
}
