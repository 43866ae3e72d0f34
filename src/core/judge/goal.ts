import { goalRatios } from './grids.ts';
import type { Judgement } from './judgement.ts';
import { logMeanExp } from './log-sum-exp.ts';
import type { Pair } from './measurement.ts';
import { mismatchP, sampleRatioP } from './sample-ratio.ts';
import { plainPercent, whole } from './words.ts';

/** Whether a goal is reached more often with the candidate. */
export interface GoalVerdict {
  readonly kind: 'better' | 'worse' | 'undecided';
  /** Natural logarithms of the evidence for each; it is proven at ln(2/alpha). */
  readonly logEBetter: number;
  readonly logEWorse: number;
  /** Units that reached it. */
  readonly reached: Pair;
  readonly reason: string;
}

/**
 * Compares the units that reached the goal for the first time, at any time: it is wrong with chance
 * alpha at most over the whole experiment, half of it on each side. No conclusion where the split
 * is not as planned.
 */
export function goalOf(judgement: Judgement, alpha: number): GoalVerdict {
  const { curve, reached } = judgement.goals;
  const half = goalRatios.length / 2;
  const logEWorse = logMeanExp(curve.slice(0, half));
  const logEBetter = logMeanExp(curve.slice(half));
  const counts = `${whole(reached[1])} units reached the goal with the new version, ${whole(reached[0])} with the stable one`;
  const found = { logEBetter, logEWorse, reached };
  if (sampleRatioP(judgement.sampleRatio) < mismatchP) {
    const reason = `INVALID: ${counts}, but the units are not split as planned: nothing can be concluded`;
    return { ...found, kind: 'undecided', reason };
  }
  const kind = kindOf(logEBetter, logEWorse, Math.log(2 / alpha));
  if (kind === 'undecided') {
    const reason = `UNDECIDED: ${counts}; for their shares of the traffic that is no proof of a difference`;
    return { ...found, kind, reason };
  }
  const risk = `This rule is wrong in at most ${plainPercent(alpha)} of experiments.`;
  return { ...found, kind, reason: `${kind.toUpperCase()}: ${counts}. ${risk}` };
}

function kindOf(better: number, worse: number, enough: number): GoalVerdict['kind'] {
  if (better >= enough) return 'better';
  return worse >= enough ? 'worse' : 'undecided';
}
