import type { Asked } from '#core/judge/asked';
import { countIn, quantileOf } from '#core/judge/latency-bins';
import type { Measurement, Pair } from '#core/judge/measurement';
import { percentiles } from '#core/judge/rule';
import type { Ages } from './ages.ts';
import type { Entry } from './entries.ts';
import type { KeptRollout } from './kept.ts';
import type { Measures } from './measures.ts';

/** Requests of the stable version that its percentiles are taken from. */
const enoughRequests = 500;

/** What was counted of a rollout since the last look. */
export interface Measured {
  /** With the limits of slowness, once they are known. */
  readonly rollout: KeptRollout;
  /** Undefined where nothing is judged. */
  readonly measurement: Measurement | undefined;
  readonly quantilesMs: Asked['quantilesMs'];
}

/**
 * Returns what was counted since the last look.
 *
 * What is slow is what only one in ten, twenty, hundred requests to the stable version was in the
 * beginning of the release. It is fixed before anything is counted as slow, so that no answer
 * that is counted has a part in it.
 */
export function measured(
  { plan, routes, rule }: Entry,
  rollout: KeptRollout,
  measures: Measures,
  ages: Ages,
  { now, isAgreed }: { readonly now: number; readonly isAgreed: boolean },
): Measured {
  const { judging } = plan;
  if (judging === undefined) return { rollout, measurement: undefined, quantilesMs: undefined };
  const { release } = rollout.state;
  const { latency, warmUpMs } = judging.rule;
  const shares = new Map(rollout.shares);
  const sharesOf = (weights: number): Pair => {
    const share = shares.get(weights) ?? rollout.state.share;
    return [1 - share, share];
  };
  const isWarm = ages.isWarm(routes, [rule.from, rule.to], warmUpMs, now);
  const measurement = measures.measure(release, now, sharesOf, { isWarm, isAgreed });
  if (latency === undefined) return { rollout, measurement, quantilesMs: undefined };
  const [stable, candidate] = measures.histograms(release);
  const [t90, t95, t99] = percentiles.map((percentile): Pair | undefined => {
    const ofStable = quantileOf(stable, percentile / 100);
    const ofCandidate = quantileOf(candidate, percentile / 100);
    if (ofStable === undefined || ofCandidate === undefined) return undefined;
    return [ofStable, ofCandidate];
  });
  const isKnown = t90 !== undefined && t95 !== undefined && t99 !== undefined;
  const limitsMs = rollout.limitsMs ?? limitsOf(stable);
  const quantilesMs: Asked['quantilesMs'] = isKnown ? [t90, t95, t99] : undefined;
  return { rollout: { ...rollout, limitsMs }, measurement, quantilesMs };
}

function limitsOf(stable: Float64Array): KeptRollout['limitsMs'] {
  if (countIn(stable) < enoughRequests) return undefined;
  const [t90, t95, t99] = percentiles.map((percentile) => quantileOf(stable, percentile / 100));
  return t90 === undefined || t95 === undefined || t99 === undefined ? undefined : [t90, t95, t99];
}
