import type { Asked } from './asked.ts';
import { type Curve, harmLogE } from './curve.ts';
import { combineEvidence } from './evidence.ts';
import type { HarmMetric } from './grids.ts';
import type { Judgement, RequestTally } from './judgement.ts';
import type { Pair } from './measurement.ts';
import { rates } from './pair.ts';
import { type JudgeRule, type Percentile, percentiles } from './rule.ts';

/** One question to one metric: failures, or what is slower than one of the limits. */
export interface Part {
  readonly metric: HarmMetric;
  /** Undefined: failures. */
  readonly percentile: Percentile | undefined;
  readonly ratios: readonly number[];
  readonly margin: number;
  /** Of the release so far, and when the step began. */
  readonly curve: Curve;
  readonly began: Curve;
  /** Of the step. */
  readonly counts: Pair;
  readonly among: Pair;
  readonly rates: Pair;
  /** Of harm beyond the margin. */
  readonly logE: number;
}

/** What the judge looks at: the judgement in the light of the rule and of what is asked. */
export interface View {
  readonly judgement: Judgement;
  readonly rule: JudgeRule;
  readonly asked: Asked;
  /** Of the step. */
  readonly requests: RequestTally;
  readonly units: Pair;
  readonly passMargin: number;
  /** One list for each metric that is judged. */
  readonly metrics: readonly (readonly Part[])[];
}

export function viewOf(judgement: Judgement, rule: JudgeRule, asked: Asked): View {
  const { step } = judgement;
  const isPairs = asked.mode === 'pairs';
  return {
    judgement,
    rule,
    asked,
    requests: step.requests,
    units: step.units,
    passMargin: asked.passMargin ?? rule.pass.margin,
    metrics: metricsOf(judgement, rule, isPairs),
  };
}

function metricsOf(judgement: Judgement, rule: JudgeRule, isPairs: boolean): View['metrics'] {
  const { step, ratios } = judgement;
  const now = isPairs ? judgement.pairs : judgement.traffic;
  const began = isPairs ? step.began.pairs : step.began.traffic;
  const metrics: (readonly Part[])[] = [];
  if (rule.errors !== undefined) {
    const { margin } = rule.errors;
    const curves = { curve: now.errors, began: began.errors, ratios: ratios.errors };
    const counts = { counts: step.requests.failures, among: step.requests.all };
    metrics.push([part({ metric: 'errors', margin, percentile: undefined, ...curves, ...counts })]);
  }
  if (rule.latency !== undefined) {
    const { margin, percentile } = rule.latency;
    const parts = percentiles.flatMap((one, i) => {
      if (percentile !== undefined && percentile !== one) return [];
      const [curve = [], start = []] = [now.slow[i], began.slow[i]];
      const curves = { curve, began: start, ratios: ratios.latency };
      const counts = { counts: step.requests.slow[i] ?? none, among: step.requests.timed };
      const about = { metric: 'latency', percentile: one, margin } as const;
      return [part({ ...about, ...curves, ...counts })];
    });
    metrics.push(parts);
  }
  return metrics;
}

const none: Pair = [0, 0];

type Given = Omit<Part, 'rates' | 'logE'>;

function part(given: Given): Part {
  const { curve, ratios, metric, margin, counts, among } = given;
  const logE = harmLogE(curve, ratios, metric, margin);
  return { ...given, rates: rates(counts, among), logE };
}

/** Returns the logarithm of the evidence of all metrics, or of those among them that are wanted. */
export function combinedLogE(
  metrics: View['metrics'],
  isWanted: (parts: readonly Part[]) => boolean = () => true,
): number {
  const weight = 1 / metrics.length;
  const wanted = metrics.filter(isWanted);
  return combineEvidence(wanted.map((parts) => ({ weight, logEs: parts.map(({ logE }) => logE) })));
}
