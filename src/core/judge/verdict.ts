import type { Pair } from './measurement.ts';
import type { Percentile } from './rule.ts';

/**
 * What the judge says. `undecided`: there is evidence, and not enough. `no_data`: there is none.
 * `invalid`: the split is not as planned, so that nothing can be concluded.
 */
export const verdicts = ['pass', 'fail', 'undecided', 'no_data', 'invalid'] as const;
export type VerdictKind = (typeof verdicts)[number];

/** One metric of a verdict. */
export interface MetricVerdict {
  readonly name: 'errors' | 'latency';
  /** Of latency: the one with most evidence of harm; undefined: errors. */
  readonly percentile: Percentile | undefined;
  /** Share of requests of this step that failed, or were slow. */
  readonly rates: Pair;
  /** Natural logarithm of the evidence of harm; it is proven at ln(1/alpha). */
  readonly logE: number;
  /** The ratio of the rates is at least this, as far as is proven; undefined: nothing is. */
  readonly ratioAtLeast: number | undefined;
  /** Whether the step's requests show that it is not too much worse. */
  readonly passes: boolean;
}

/** How much more it takes until there is a verdict, as things go now. */
export interface Needed {
  readonly verdict: 'fail' | 'pass';
  /** Requests of the candidate. */
  readonly requests: number;
  /** About how long that takes; undefined where there is no traffic to tell by. */
  readonly ms: number | undefined;
}

export interface Verdict {
  readonly kind: VerdictKind;
  /** In words with numbers, as it is shown everywhere. */
  readonly reason: string;
  readonly alpha: number;
  /** Natural logarithm of the combined evidence of harm. */
  readonly logE: number;
  readonly metrics: readonly MetricVerdict[];
  /** The smallest p of the sample ratio so far. */
  readonly sampleRatioP: number;
  /** Units of the step, and requests. */
  readonly units: Pair;
  readonly requests: Pair;
  readonly failures: Pair;
  /** Undefined where it is decided, or nothing can be foreseen. */
  readonly needed: Needed | undefined;
  /** Whether something must be set right by a person first: worn out, shared incident, mixed. */
  readonly trouble: 'worn_out' | 'shared_incident' | 'mixed_revisions' | 'sample_ratio' | undefined;
  /** Whether the evidence of harm is enough; where the verdict is invalid it proves nothing. */
  readonly isHarmLikely: boolean;
}
