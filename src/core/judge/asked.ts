import type { Pair } from './measurement.ts';

/**
 * What is compared. Compare: two versions that share the traffic. SLO only: nothing, as one of them
 * has all of it. Pairs: answers to the same requests, of the original and of its copy.
 */
export type JudgeMode = 'compare' | 'slo_only' | 'pairs';

/** What the judge is asked at one moment; the counts do not have it. */
export interface Asked {
  readonly mode: JudgeMode;
  /** How old the step is, and how old it must be to pass. */
  readonly stepAgeMs: number;
  readonly forMs: number;
  /** How many times as bad the candidate may be for the step to pass; else as the rule says. */
  readonly passMargin?: number | undefined;
  /** Pairs: the share of answers that may differ; else none is asked for. */
  readonly differences?: number | undefined;
  /** T90, T95, T99 of both versions as measured: whether a difference is large enough to matter. */
  readonly quantilesMs?: readonly [Pair, Pair, Pair] | undefined;
  /** What counts as slow, for the words. */
  readonly limitsMs?: readonly [number, number, number] | undefined;
  /** The candidate's name, for the words. */
  readonly candidate?: string | undefined;
}
