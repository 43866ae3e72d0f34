import { type Curve, curveRatios, newCurve } from './curve.ts';
import { goalRatios } from './grids.ts';
import type { Pair } from './measurement.ts';
import type { JudgeRule } from './rule.ts';
import { newSampleRatio, type SampleRatio } from './sample-ratio.ts';

/** All that the judge keeps of a release: a value, as JSON text the same again. */
export interface Judgement {
  /** Where the curves are kept, for the margins that the rule had at the beginning. */
  readonly ratios: Ratios;
  /** Of units and requests that the split has sent; of originals and their copies. */
  readonly traffic: Evidence;
  readonly pairs: Evidence;
  /** At the ratios of `goalRatios`. */
  readonly goals: { readonly curve: Curve; readonly reached: Pair };
  readonly sampleRatio: SampleRatio;
  /** How much larger the candidate's share of failures is: the mean over ticks, and its weight. */
  readonly excess: { readonly sum: number; readonly weight: number };
  /** Units of the release, and those of them that have failed. */
  readonly seen: number;
  readonly worn: number;
  /** As the last tick has it. */
  readonly isAgreed: boolean;
  readonly ticks: number;
  /** From 1. */
  readonly steps: number;
  readonly step: StepTally;
}

export interface Ratios {
  readonly errors: readonly number[];
  readonly latency: readonly number[];
}

export interface Evidence {
  readonly errors: Curve;
  /** Of T90, T95 and T99. */
  readonly slow: readonly [Curve, Curve, Curve];
}

/** What one step has brought. */
export interface StepTally {
  /** The evidence that the step began with. */
  readonly began: { readonly traffic: Evidence; readonly pairs: Evidence };
  readonly units: Pair;
  readonly hasUnits: boolean;
  readonly requests: RequestTally;
  /** Of the candidate: units that failed for the first time, and requests without a unit. */
  readonly firstFailures: number;
  /** Requests by slice of the units, those only that have any. */
  readonly slices: readonly SliceTally[];
  /** Of originals and copies: that failed, or were slow, when the other did not. */
  readonly pairs: Pick<RequestTally, 'failures' | 'slow'>;
  readonly compared: number;
  readonly differing: number;
}

/** Requests of both versions. */
export interface RequestTally {
  readonly all: Pair;
  readonly failures: Pair;
  /** Those whose latency counts. */
  readonly timed: Pair;
  readonly slow: readonly [Pair, Pair, Pair];
}

/** Requests of one version from one slice of the units. */
export interface SliceTally {
  readonly side: 0 | 1;
  readonly slice: number;
  readonly requests: number;
  readonly failures: number;
  readonly timed: number;
  readonly slow: readonly [number, number, number];
}

export interface JudgementOptions {
  /** Those that steps have for themselves, beside the rule's own. */
  readonly passMargins?: readonly number[];
}

/** Margins at which a step may pass that had not been told before are taken for the next smaller. */
const usualPassMargins = [1.25, 1.5, 2, 3, 5];

/** Begins a release: no evidence, and its first step. */
export function newJudgement(rule: JudgeRule, options: JudgementOptions = {}): Judgement {
  const passMargins = [...usualPassMargins, rule.pass.margin, ...(options.passMargins ?? [])];
  const ratios = {
    errors: curveRatios('errors', rule.errors?.margin ?? 1, passMargins),
    latency: curveRatios('latency', rule.latency?.margin ?? 1, passMargins),
  };
  const nothing = newEvidence(ratios);
  return {
    ratios,
    traffic: nothing,
    pairs: nothing,
    goals: { curve: newCurve(goalRatios), reached: [0, 0] },
    sampleRatio: newSampleRatio,
    excess: { sum: 0, weight: 0 },
    seen: 0,
    worn: 0,
    isAgreed: true,
    ticks: 0,
    steps: 1,
    step: newStep({ traffic: nothing, pairs: nothing }),
  };
}

/** Begins a step: it counts from 0, and the evidence of harm and of the split goes on. */
export function beginStep(judgement: Judgement): Judgement {
  const { traffic, pairs, steps } = judgement;
  return { ...judgement, steps: steps + 1, step: newStep({ traffic, pairs }) };
}

function newEvidence({ errors, latency }: Ratios): Evidence {
  const slow = newCurve(latency);
  return { errors: newCurve(errors), slow: [slow, slow, slow] };
}

export const noRequests: RequestTally = {
  all: [0, 0],
  failures: [0, 0],
  timed: [0, 0],
  slow: [
    [0, 0],
    [0, 0],
    [0, 0],
  ],
};

function newStep(began: StepTally['began']): StepTally {
  return {
    began,
    units: [0, 0],
    hasUnits: false,
    requests: noRequests,
    firstFailures: 0,
    slices: [],
    pairs: noRequests,
    compared: 0,
    differing: 0,
  };
}
