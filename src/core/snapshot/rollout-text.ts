import type { GoalRule, RolloutRule, StepRule } from '#core/rollout/rule';
import { durationText } from './amount-text.ts';

type JudgeRule = NonNullable<RolloutRule['judge']>;

/** What a route wishes for, in one line; conditions are left out. */
export function rolloutText(rule: RolloutRule): string {
  const parts = [
    `${rule.strategy} ${rule.from} → ${rule.to}`,
    ...ownText(rule),
    rule.judge === undefined ? 'not judged' : judgeText(rule.judge),
    `${rule.onFail} on fail`,
    `${rule.onUndecided} where undecided`,
  ];
  return parts.join(', ');
}

function ownText(rule: RolloutRule): readonly string[] {
  switch (rule.strategy) {
    case 'recreate':
      return [`requests wait up to ${durationText(rule.holdMs)}`];
    case 'ramped':
      return rule.by.kind === 'endpoints'
        ? ['follows the endpoints']
        : [`in ${rule.by.batches} parts, one each ${durationText(rule.by.everyMs)}`];
    case 'blue-green':
      return [
        ...(rule.group === undefined ? [] : [`in the group ${rule.group}`]),
        `keeps ${rule.from} for ${durationText(rule.keepMs)}`,
      ];
    case 'canary':
      return rule.steps.map(stepText);
    case 'ab':
      return rule.goal === undefined ? [] : [goalText(rule.goal)];
    case 'shadow':
      return [
        `for ${timesText(rule.forMs, rule.atMostMs)}`,
        `${percentOf(rule.differences)} may differ`,
        `${rule.onPass} on pass`,
      ];
  }
}

/** What a step does: `10% for 10m`. */
export function stepText(step: StepRule): string {
  if (step.kind === 'pause') return 'a pause';
  const ready = step.ready === 1 ? '' : ` with ${step.ready} ready endpoints`;
  const pass = step.passMargin === undefined ? '' : `, passes below ${step.passMargin} times`;
  return `${step.percent}% for ${timesText(step.forMs, step.atMostMs)}${ready}${pass}`;
}

function timesText(forMs: number, atMostMs: number): string {
  return `${durationText(forMs)} to ${durationText(atMostMs)}`;
}

function goalText(goal: GoalRule): string {
  const time = goal.atMostMs === undefined ? '' : ` within ${durationText(goal.atMostMs)}`;
  return `a goal of status ${goal.statuses.join('-')}, alpha ${goal.alpha}${time}`;
}

function judgeText(judge: JudgeRule): string {
  const { errors, latency, slo } = judge;
  const by = [
    ...(errors === undefined ? [] : [`errors ×${errors.margin} from ${percentOf(errors.min)}`]),
    ...(latency === undefined
      ? []
      : [
          `latency of ${latency.percentile ?? 'all percentiles'} ×${latency.margin} from ${durationText(latency.minMs)}`,
        ]),
    ...(slo === undefined ? [] : [`at most ${percentOf(slo)} failures`]),
  ];
  const so = [
    `alpha ${judge.alpha}`,
    `beta ${judge.beta}`,
    `at least ${judge.minUnits} users`,
    `warm after ${durationText(judge.warmUpMs)}`,
    `passes below ${judge.pass.margin} times or ${percentOf(judge.pass.negligible)}`,
    ...(judge.dryRun ? ['dry run'] : []),
  ];
  return `judged by ${by.join(' and ')} (${so.join(', ')})`;
}

/** Shares of a document have at most 5 decimals. */
function percentOf(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`;
}
