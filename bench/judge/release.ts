import type { Asked } from '#core/judge/asked';
import { beginStep, type Judgement, newJudgement } from '#core/judge/judgement';
import type { Measurement } from '#core/judge/measurement';
import { passes } from '#core/judge/passing';
import type { JudgeRule } from '#core/judge/rule';
import { verdictOf } from '#core/judge/verdict-of';
import { combinedLogE, viewOf } from '#core/judge/view';
import { weigh } from '#core/judge/weigh';

/** What a release is watched for. */
export interface Watched {
  readonly rule: JudgeRule;
  readonly ticks: number;
  readonly measure: (tick: number) => Measurement;
  /** Ticks, counted from 0, before which a step begins. */
  readonly stepsAt?: readonly number[];
  readonly onStep?: () => void;
  /** Whether to stop at the first FAIL, or at what else would end a step well. */
  readonly until: 'fail' | 'pass';
  /** Every verdict in words, not only where it may have changed: slow, and the same. */
  readonly isWhole?: boolean;
}

/** When it happened. */
export interface Happened {
  /** From 1. */
  readonly tick: number;
  /** Requests of the candidate until then; of units where nothing else is counted. */
  readonly requests: number;
}

const asked: Asked = { mode: 'compare', stepAgeMs: 1, forMs: 0 };

/** Runs one release through the judge; undefined: it did not happen in time. */
export function watch(watched: Watched): Happened | undefined {
  const { rule, ticks, measure, stepsAt = [], onStep } = watched;
  let judgement = newJudgement(rule);
  let requests = 0;
  for (let tick = 0; tick < ticks; tick += 1) {
    if (tick > 0 && stepsAt.includes(tick)) {
      judgement = beginStep(judgement);
      onStep?.();
    }
    const measured = measure(tick);
    judgement = weigh(judgement, measured);
    requests += requestsIn(measured);
    if (hasHappened(judgement, watched)) return { tick: tick + 1, requests };
  }
  return undefined;
}

/**
 * Asks for the verdict only where it may be the one: no FAIL is without evidence, no PASS without
 * each of its parts. That it is the same as asking always is a test.
 */
function hasHappened(judgement: Judgement, { rule, until, isWhole = false }: Watched): boolean {
  const view = viewOf(judgement, rule, asked);
  const mayBe =
    until === 'fail'
      ? combinedLogE(view.metrics) >= -Math.log(rule.alpha)
      : view.metrics.flat().every((part) => passes(part, view));
  return (mayBe || isWhole) && verdictOf(judgement, rule, asked).kind === until;
}

function requestsIn({ slices, terms }: Measurement): number {
  const ofSlices = slices.reduce((sum, { side, requests }) => sum + (side === 1 ? requests : 0), 0);
  const ofTerms = terms.reduce(
    (sum, { kind, sizes }) => sum + (kind === 'request' ? sizes[1] : 0),
    0,
  );
  return slices.length > 0 ? ofSlices : ofTerms;
}
