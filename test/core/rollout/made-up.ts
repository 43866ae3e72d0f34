import { defaultJudge } from '../../../src/core/judge/rule.ts';
import type { Verdict, VerdictKind } from '../../../src/core/judge/verdict.ts';
import type { Command, Verb } from '../../../src/core/rollout/command.ts';
import type { EndpointsSeen, Seen } from '../../../src/core/rollout/decide.ts';
import { type Plan, planOf } from '../../../src/core/rollout/plan.ts';
import type { RolloutRule, StepRule, Strategy } from '../../../src/core/rollout/rule.ts';

const common = {
  from: 'v1',
  to: 'v2',
  judge: defaultJudge,
  onFail: 'rollback',
  onUndecided: 'pause',
} as const;

export function share(percent: number, more: Partial<StepRule> = {}): StepRule {
  const step = { kind: 'share', percent, forMs: 60_000, atMostMs: 240_000, ready: 0 } as const;
  return { ...step, passMargin: undefined, ...more } as StepRule;
}

const rules = {
  recreate: { ...common, strategy: 'recreate', holdMs: 30_000, judge: undefined },
  ramped: {
    ...common,
    strategy: 'ramped',
    by: { kind: 'batches', batches: 4, everyMs: 30_000 },
    judge: undefined,
  },
  'blue-green': { ...common, strategy: 'blue-green', group: undefined, keepMs: 600_000 },
  canary: {
    ...common,
    strategy: 'canary',
    steps: [share(1), share(10), { kind: 'pause' }, share(50)],
  },
  ab: { ...common, strategy: 'ab', goal: undefined },
  shadow: {
    ...common,
    strategy: 'shadow',
    forMs: 60_000,
    atMostMs: 240_000,
    differences: 0.01,
    onPass: 'pause',
  },
} as const satisfies Record<Strategy, RolloutRule>;

/** Returns a rule of a strategy, with what a test wants otherwise. */
export function ruleOf(strategy: Strategy, more: object = {}): RolloutRule {
  return { ...rules[strategy], ...more };
}

export function planFor(strategy: Strategy, more: object = {}): Plan {
  return planOf(ruleOf(strategy, more), 0);
}

export function verdict(kind: VerdictKind, more: Partial<Verdict> = {}): Verdict {
  return {
    kind,
    reason: `the judge says ${kind}`,
    alpha: 0.01,
    isHarmLikely: false,
    logE: 0,
    metrics: [],
    sampleRatioP: 1,
    units: [0, 0],
    requests: [0, 0],
    failures: [0, 0],
    needed: undefined,
    trouble: undefined,
    ...more,
  };
}

export type SeenPart = Partial<Omit<Seen, 'endpoints'>> & {
  readonly endpoints?: Partial<EndpointsSeen>;
};

export function seen({ endpoints, ...more }: SeenPart = {}): Seen {
  const all = { old: 1, oldReady: 1, oldDown: 0, new: 1, newReady: 1, ...endpoints };
  return { verdict: undefined, goal: undefined, oldInFlight: 0, ...more, endpoints: all };
}

export function command(verb: Verb, more: Partial<Command> = {}): Command {
  const nothing = { version: undefined, toRevision: undefined, isForced: false, reason: undefined };
  return { verb, route: 'shop', who: 'ann', ...nothing, ...more };
}
