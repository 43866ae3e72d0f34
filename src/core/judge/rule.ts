/** How a rollout is judged, after the schema: everything filled in. Shares are 0 to 1. */
export interface JudgeRule {
  /** The chance at which a good version may be called bad, over a whole release. */
  readonly alpha: number;
  /** The chance at which a version that is too bad may pass, at each step. */
  readonly beta: number;
  /** Units that the candidate must have had in a step before silence counts as anything. */
  readonly minUnits: number;
  /** How young an endpoint is left out of the judging of latency. */
  readonly warmUpMs: number;
  /** The share of failures that is never accepted, whatever the stable version does. */
  readonly slo: number | undefined;
  /** Verdicts are told, and nothing acts on them. */
  readonly dryRun: boolean;
  /** Undefined: errors are not judged. */
  readonly errors: { readonly margin: number; readonly min: number } | undefined;
  /** Undefined: latency is not judged. */
  readonly latency: LatencyRule | undefined;
  readonly pass: { readonly margin: number; readonly negligible: number };
}

export interface LatencyRule {
  /** Undefined: the mean of all three. */
  readonly percentile: Percentile | undefined;
  readonly margin: number;
  /** By how much the percentile must be higher to matter. */
  readonly minMs: number;
}

/** Limits of slowness are these percentiles of the stable version. */
export const percentiles = [90, 95, 99] as const;
export type Percentile = (typeof percentiles)[number];

export const defaultJudge: JudgeRule = {
  alpha: 0.01,
  beta: 0.05,
  minUnits: 50,
  warmUpMs: 60_000,
  slo: undefined,
  dryRun: false,
  errors: { margin: 1.25, min: 0.001 },
  latency: { percentile: undefined, margin: 1.25, minMs: 5 },
  pass: { margin: 2, negligible: 0.001 },
};
