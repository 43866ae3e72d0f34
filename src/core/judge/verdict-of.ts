import type { Asked, JudgeMode } from './asked.ts';
import { bernoulliBounds } from './bernoulli-sequence.ts';
import { ratioAtLeast } from './curve.ts';
import { type Harm, harmOf } from './harm.ts';
import type { Judgement } from './judgement.ts';
import { neededOf } from './needed.ts';
import { negligibleLogE } from './negligible.ts';
import { passes } from './passing.ts';
import { failText, nameOf, neededText, riskText, sinceText, standText } from './reasons.ts';
import type { JudgeRule } from './rule.ts';
import { mismatchP, sampleRatioP } from './sample-ratio.ts';
import { leastFailures } from './slo.ts';
import type { MetricVerdict, Needed, Verdict } from './verdict.ts';
import { type Part, type View, viewOf } from './view.ts';
import { durationText, percent, plainPercent, whole } from './words.ts';

interface Looked {
  readonly view: View;
  readonly harm: Harm;
}

type Finding = Pick<Verdict, 'kind' | 'reason'> & Partial<Pick<Verdict, 'needed' | 'trouble'>>;

type Check = (looked: Looked) => Finding | undefined;

/** What is asked of each mode, in this order; the first that has an answer gives the verdict. */
const checks: Readonly<Record<JudgeMode, readonly Check[]>> = {
  compare: [mixed, unplannedSplit, proven, aboveSlo, tooFew, wornOut, goodEnough, undecided],
  slo_only: [aboveSlo, tooFew, lasted, undecidedAlone],
  pairs: [mixed, proven, differs, aboveSlo, tooFew, goodEnough, undecided],
};

/** Says what is known of a release now. Changes nothing: the same counts give the same verdict. */
export function verdictOf(judgement: Judgement, rule: JudgeRule, asked: Asked): Verdict {
  const view = viewOf(judgement, rule, asked);
  const looked = { view, harm: harmOf(view) };
  const finding = firstOf(checks[asked.mode], looked);
  return {
    needed: undefined,
    trouble: undefined,
    ...finding,
    alpha: rule.alpha,
    logE: looked.harm.logE,
    metrics: view.metrics.flatMap((parts) => metricVerdict(parts, view)),
    sampleRatioP: sampleRatioP(judgement.sampleRatio),
    units: view.units,
    requests: view.requests.all,
    failures: view.requests.failures,
    isHarmLikely: looked.harm.isProven,
  };
}

function firstOf(list: readonly Check[], looked: Looked): Finding {
  for (const check of list) {
    const finding = check(looked);
    if (finding !== undefined) return finding;
  }
  throw new Error('the last check of a mode has an answer always');
}

/** Of several percentiles the one with most evidence stands for all. */
function metricVerdict(parts: readonly Part[], view: View): readonly MetricVerdict[] {
  const [part] = parts.toSorted((a, b) => b.logE - a.logE);
  if (part === undefined) return [];
  const { metric, percentile, rates, logE, curve, ratios } = part;
  return [
    {
      name: metric,
      percentile,
      rates,
      logE,
      ratioAtLeast: ratioAtLeast(curve, ratios, metric, view.rule.alpha),
      passes: parts.every((one) => passes(one, view)),
    },
  ];
}

function mixed(looked: Looked): Finding | undefined {
  if (looked.view.judgement.isAgreed) return undefined;
  const cause = 'replicas have been on different revisions of the weights for too long';
  return invalid('mixed_revisions', cause, looked);
}

function unplannedSplit(looked: Looked): Finding | undefined {
  const { view } = looked;
  const { sampleRatio } = view.judgement;
  const p = sampleRatioP(sampleRatio);
  if (p >= mismatchP) return undefined;
  const [stable = 0, candidate = 0] = sampleRatio.seen;
  const [, planned = 0] = sampleRatio.split;
  const seen = `${percent(candidate / (stable + candidate))} of ${whole(stable + candidate)} units`;
  const cause = `${seen} came to ${nameOf(view)}, ${percent(planned)} are planned (p ${p.toPrecision(1)})`;
  return invalid('sample_ratio', cause, looked);
}

function invalid(trouble: Verdict['trouble'], cause: string, { harm }: Looked): Finding {
  const likely = harm.isProven ? ' It looks harmful; that is not proven.' : '';
  return {
    kind: 'invalid',
    trouble,
    reason: `INVALID: ${cause}. Nothing can be concluded.${likely}`,
  };
}

function proven({ view, harm }: Looked): Finding | undefined {
  return harm.isProven ? { kind: 'fail', reason: failText(view, harm) } : undefined;
}

function aboveSlo({ view }: Looked): Finding | undefined {
  const { slo } = view.rule;
  if (slo === undefined) return undefined;
  const least = leastFailures(view, 1);
  if (least <= slo) return undefined;
  const limit = `more than the ${plainPercent(slo)} that are accepted`;
  if (view.asked.mode === 'compare' && leastFailures(view, 0) > slo) {
    const reason = `UNDECIDED ${sinceText(view)}: both versions fail ${limit}, a shared incident`;
    return { kind: 'undecided', trouble: 'shared_incident', reason };
  }
  const told = `at least ${percent(least)} of the requests of ${nameOf(view)} fail, ${limit}`;
  return { kind: 'fail', reason: `FAIL ${sinceText(view)}: ${told}. ${riskText(view)}` };
}

function differs({ view }: Looked): Finding | undefined {
  const { differences } = view.asked;
  if (differences === undefined) return undefined;
  const { compared, differing } = view.judgement.step;
  const [least] = differenceBounds(view, view.rule.alpha);
  // Where none may differ, the first that does is proof.
  const isTooMuch = differences === 0 ? differing > 0 : least > differences;
  if (!isTooMuch) return undefined;
  const told = `${whole(differing)} of ${whole(compared)} answers differ, at least ${percent(least)}`;
  const limit = `${plainPercent(differences)} may`;
  return { kind: 'fail', reason: `FAIL ${sinceText(view)}: ${told}; ${limit}. ${riskText(view)}` };
}

function differenceBounds({ judgement }: View, alpha: number): readonly [number, number] {
  const { compared, differing } = judgement.step;
  return bernoulliBounds({ successes: differing, n: compared, alpha, bestN: 1_000 });
}

function differLittle(view: View): boolean {
  const { differences } = view.asked;
  if (differences === undefined) return true;
  const { beta, pass } = view.rule;
  const { compared, differing } = view.judgement.step;
  if (differenceBounds(view, beta)[1] <= differences) return true;
  if (differing > 0 && pass.negligible > differences) return false;
  return negligibleLogE(differing, compared, pass.negligible) >= -Math.log(beta);
}

/** Silence is not success. */
function tooFew({ view }: Looked): Finding | undefined {
  const [, had] = view.units;
  const { minUnits } = view.rule;
  if (had >= minUnits) return undefined;
  const reason = `NODATA: ${nameOf(view)} has had ${whole(had)} of the ${whole(minUnits)} units that are needed`;
  return { kind: 'no_data', reason };
}

/** Who has failed once is not asked again: when these are most, too few are left to learn from. */
function wornOut({ view }: Looked): Finding | undefined {
  const { seen, worn } = view.judgement;
  if (worn * 2 <= seen) return undefined;
  const cause = `${whole(worn)} of ${whole(seen)} units have failed already, too few are left to learn from`;
  return {
    kind: 'undecided',
    trouble: 'worn_out',
    reason: `UNDECIDED ${sinceText(view)}: ${cause}`,
  };
}

function goodEnough({ view }: Looked): Finding | undefined {
  const { asked, rule, metrics } = view;
  const isGood = metrics.flat().every((part) => passes(part, view)) && differLittle(view);
  if (!isGood) return undefined;
  const leftMs = asked.forMs - asked.stepAgeMs;
  const told = `${standText(view)}, shown to be less than ${view.passMargin} times as bad or negligible`;
  if (leftMs > 0) {
    const needed: Needed = { verdict: 'pass', requests: 0, ms: leftMs };
    const reason = `UNDECIDED ${sinceText(view)}: ${told}; the step has ${durationText(leftMs)} to go`;
    return { kind: 'undecided', needed, reason };
  }
  const risk = `This rule passes a version that is too bad in at most ${plainPercent(rule.beta)} of steps.`;
  return { kind: 'pass', reason: `PASS ${sinceText(view)}: ${told}. ${risk}` };
}

function undecided({ view, harm }: Looked): Finding {
  const needed = neededOf(view, harm);
  const reason = `UNDECIDED ${sinceText(view)}: ${standText(view)}; ${neededText(view, needed)}`;
  return { kind: 'undecided', needed, reason };
}

function lasted({ view }: Looked): Finding | undefined {
  const { asked, rule } = view;
  if (rule.slo === undefined || asked.stepAgeMs < asked.forMs) return undefined;
  const told = `${failuresAlone(view)}, not proven to be more than the ${plainPercent(rule.slo)} that are accepted`;
  return { kind: 'pass', reason: `PASS ${sinceText(view)}: ${told}` };
}

function undecidedAlone({ view }: Looked): Finding {
  const told = failuresAlone(view);
  const why =
    view.rule.slo === undefined
      ? 'there is nothing to compare with, and no slo'
      : `the step has ${durationText(view.asked.forMs - view.asked.stepAgeMs)} to go`;
  return { kind: 'undecided', reason: `UNDECIDED ${sinceText(view)}: ${told}; ${why}` };
}

function failuresAlone({ requests }: View): string {
  const [, all] = requests.all;
  return `failures ${percent(all === 0 ? 0 : requests.failures[1] / all)}`;
}
