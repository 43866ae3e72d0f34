import type { JudgeMode } from '#core/judge/asked';
import { defaultJudge, type JudgeRule } from '#core/judge/rule';
import { percentText } from './percent-text.ts';
import type { RolloutRule, StepRule, Strategy } from './rule.ts';
import { spanText } from './span-text.ts';

/** What a rollout does, step by step: the same shape for every strategy. */
export interface Plan {
  readonly strategy: Strategy;
  readonly from: string;
  readonly to: string;
  /** At least one. */
  readonly steps: readonly Step[];
  /** What must hold before the rollout is complete. */
  readonly gates: readonly Gate[];
  /** How verdicts come about; undefined: nothing is judged. */
  readonly judging: PlannedJudging | undefined;
  readonly onFail: 'rollback' | 'pause';
  readonly onUndecided: 'pause' | 'promote' | 'rollback';
}

export interface PlannedJudging {
  readonly rule: JudgeRule;
  readonly mode: JudgeMode;
  /** Share of answers to copies that may differ, 0 to 1; undefined: none are compared. */
  readonly differences: number | undefined;
}

export interface Step {
  /** Share of the traffic of both that the new version has, 0 to 1. */
  readonly share: number;
  /** Requests wait for a version. */
  readonly isHeld: boolean;
  /** Copies are sent to the new version. */
  readonly isMirrored: boolean;
  /** What must hold before it begins. */
  readonly gates: readonly Gate[];
  readonly end: StepEnd;
  /** How much worse the new version may be for this step to pass; undefined: as the judge says. */
  readonly passMargin: number | undefined;
  /** What it does, in words: `10 % for at least 5 min`. */
  readonly text: string;
}

/** When a step is over. */
export type StepEnd =
  /** With the verdict, not before `forMs`; after `atMostMs` without one, `onUndecided` acts. */
  | { readonly kind: 'verdict'; readonly forMs: number; readonly atMostMs: number }
  | { readonly kind: 'time'; readonly forMs: number }
  | { readonly kind: 'person' }
  /** When a goal says which version is better. */
  | { readonly kind: 'goal'; readonly alpha: number; readonly atMostMs: number | undefined }
  /** As soon as the gates of the next one are open. */
  | { readonly kind: 'gates' }
  /** When all endpoints are those of the new version; until then its share follows theirs. */
  | { readonly kind: 'endpoints' };

/** What must be so before a step begins. */
export type Gate =
  /** The new version has so many endpoints ready. */
  | { readonly kind: 'ready'; readonly endpoints: number }
  /** The new version has this part of its endpoints ready, and at least one. */
  | { readonly kind: 'ready_part'; readonly part: number }
  /** The new version has as many endpoints ready as the old one. */
  | { readonly kind: 'ready_as_old' }
  /** An endpoint of the old version is gone. */
  | { readonly kind: 'old_goes' }
  /** The old version has no request any more. */
  | { readonly kind: 'old_idle' };

/** Returns the plan of a rule. `written` is the share of `to` that the document itself gives it. */
export function planOf(rule: RolloutRule, written: number): Plan {
  const { strategy, from, to, onFail, onUndecided } = rule;
  const plan = { strategy, from, to, onFail, onUndecided };
  switch (rule.strategy) {
    case 'recreate':
      return { ...plan, ...recreateSteps(rule), judging: sloOnly(rule.judge) };
    case 'ramped':
      return { ...plan, ...rampedSteps(rule.by, rule.judge), judging: compare(rule.judge) };
    case 'blue-green':
      return { ...plan, ...blueGreenSteps(rule), judging: sloOnly(rule.judge) };
    case 'canary':
      return { ...plan, ...canarySteps(rule.steps, rule.judge), judging: compare(rule.judge) };
    case 'ab':
      return { ...plan, ...abSteps(rule, written) };
    case 'shadow':
      return { ...plan, ...shadowSteps(rule), judging: pairs(rule) };
  }
}

type Steps = Pick<Plan, 'steps' | 'gates'>;

const still = { share: 0, isHeld: false, isMirrored: false, gates: [], passMargin: undefined };

/** How long a version that has replaced another one is judged by its SLO. */
const watchedMs = 10 * 60_000;

function recreateSteps({ from, to, judge }: Extract<RolloutRule, { strategy: 'recreate' }>): Steps {
  const serving: Step = {
    ...still,
    end: { kind: 'gates' },
    text: `${from} serves until one of its endpoints goes`,
  };
  const gap: Step = {
    ...still,
    share: 1,
    isHeld: true,
    gates: [{ kind: 'old_goes' }],
    end: { kind: 'gates' },
    text: `requests wait for the end of ${from}, and for ${to}`,
  };
  const over: readonly Gate[] = [{ kind: 'old_idle' }, { kind: 'ready', endpoints: 1 }];
  if (judge?.slo === undefined) return { steps: [serving, gap], gates: over };
  const watched: Step = {
    ...still,
    share: 1,
    gates: over,
    end: { kind: 'time', forMs: watchedMs },
    text: `${to} serves, and is judged for ${spanText(watchedMs)}`,
  };
  return { steps: [serving, gap, watched], gates: [] };
}

function rampedSteps(
  by: Extract<RolloutRule, { strategy: 'ramped' }>['by'],
  judge: JudgeRule | undefined,
): Steps {
  if (by.kind === 'endpoints') {
    const text = 'shares follow the endpoints that are ready';
    return { steps: [{ ...still, end: { kind: 'endpoints' }, text }], gates: [] };
  }
  const { batches, everyMs } = by;
  const steps = Array.from({ length: batches - 1 }, (_, index): Step => {
    const share = (index + 1) / batches;
    const end = endOf(everyMs, 4 * everyMs, judge);
    const gates: Gate[] = [{ kind: 'ready_part', part: share }];
    return { ...still, share, gates, end, text: `${percentText(share)} for ${spanText(everyMs)}` };
  });
  return { steps, gates: [{ kind: 'ready_part', part: 1 }] };
}

function blueGreenSteps({ from, to, keepMs }: Extract<RolloutRule, { strategy: 'blue-green' }>) {
  const preview: Step = {
    ...still,
    end: { kind: 'person' },
    text: `${to} waits for the switch`,
  };
  const kept: Step = {
    ...still,
    share: 1,
    gates: [{ kind: 'ready_as_old' }],
    end: { kind: 'time', forMs: keepMs },
    text: `${to} serves, ${from} is kept for ${spanText(keepMs)}`,
  };
  return { steps: [preview, kept], gates: [] };
}

function canarySteps(rules: readonly StepRule[], judge: JudgeRule | undefined): Steps {
  const steps: Step[] = [];
  let share = 0;
  for (const rule of rules) {
    if (rule.kind === 'pause') {
      const text = `${percentText(share)} until somebody resumes it`;
      steps.push({ ...still, share, end: { kind: 'person' }, text });
      continue;
    }
    share = rule.percent / 100;
    const { forMs, atMostMs, ready, passMargin } = rule;
    // A share of nothing would be lost.
    const gates: Gate[] = [{ kind: 'ready', endpoints: Math.max(1, ready) }];
    const text = `${percentText(share)} for at least ${spanText(forMs)}`;
    steps.push({ ...still, share, gates, end: endOf(forMs, atMostMs, judge), passMargin, text });
  }
  return { steps, gates: [] };
}

/** A goal is counted whether versions are judged beside it or not. */
const goalOnly: JudgeRule = { ...defaultJudge, errors: undefined, latency: undefined };

function abSteps(
  { goal, judge }: Extract<RolloutRule, { strategy: 'ab' }>,
  written: number,
): Steps & Pick<Plan, 'judging'> {
  const judging = compare(judge ?? (goal === undefined ? undefined : goalOnly));
  return { steps: [abStep(goal, written)], gates: [], judging };
}

function abStep(goal: Extract<RolloutRule, { strategy: 'ab' }>['goal'], share: number): Step {
  if (goal === undefined) {
    return { ...still, share, end: { kind: 'person' }, text: 'both until somebody decides' };
  }
  const { alpha, atMostMs } = goal;
  const end: StepEnd = { kind: 'goal', alpha, atMostMs };
  return { ...still, share, end, text: 'both until the goal tells which is better' };
}

function shadowSteps(rule: Extract<RolloutRule, { strategy: 'shadow' }>): Steps {
  const { forMs, atMostMs, judge, onPass, to } = rule;
  const mirrored: Step = {
    ...still,
    isMirrored: true,
    gates: [{ kind: 'ready', endpoints: 1 }],
    end: endOf(forMs, atMostMs, judge),
    text: `copies to ${to} for at least ${spanText(forMs)}`,
  };
  const seen: Step = {
    ...still,
    isMirrored: true,
    end: { kind: 'person' },
    text: `copies to ${to} until somebody promotes it`,
  };
  return { steps: onPass === 'pause' ? [mirrored, seen] : [mirrored], gates: [] };
}

/** Without a judge, or with one that only tells, a step lasts as long as it is written. */
function endOf(forMs: number, atMostMs: number, judge: JudgeRule | undefined): StepEnd {
  const isJudged = judge !== undefined && !judge.dryRun;
  return isJudged ? { kind: 'verdict', forMs, atMostMs } : { kind: 'time', forMs };
}

function compare(rule: JudgeRule | undefined): Plan['judging'] {
  return rule && { rule, mode: 'compare', differences: undefined };
}

function sloOnly(rule: JudgeRule | undefined): Plan['judging'] {
  if (rule?.slo === undefined) return undefined;
  return { rule, mode: 'slo_only', differences: undefined };
}

function pairs({
  judge,
  differences,
}: Extract<RolloutRule, { strategy: 'shadow' }>): Plan['judging'] {
  return judge && { rule: judge, mode: 'pairs', differences };
}
