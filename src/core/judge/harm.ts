import { combinedLogE, type Part, type View } from './view.ts';

/** Whether the candidate is worse than it may be, as far as is known. */
export interface Harm {
  /** Of all metrics together. */
  readonly logE: number;
  readonly isProven: boolean;
  /** The parts that say so, the strongest first. */
  readonly by: readonly Part[];
}

/**
 * Harm is proven where the evidence reaches 1/alpha, which for a version that is as good happens
 * with chance alpha at most, however often one looks (Ville's inequality). Only metrics whose
 * difference is large enough to matter count, which can but lower that chance.
 */
export function harmOf(view: View): Harm {
  const { metrics, rule } = view;
  const enough = -Math.log(rule.alpha);
  const logE = combinedLogE(metrics);
  if (!(logE >= enough)) return { logE, isProven: false, by: [] };
  const matters = (parts: readonly Part[]) => parts.some((part) => isLarge(part, view));
  const by = metrics
    .filter(matters)
    .flat()
    .filter((part) => part.logE > 0)
    .toSorted((a, b) => b.logE - a.logE);
  return { logE, isProven: combinedLogE(metrics, matters) >= enough, by };
}

function isLarge(part: Part, view: View): boolean {
  return part.metric === 'errors' ? hasMoreErrors(part, view) : isSlower(part, view);
}

/** By the mean over ticks, or in this step; where no requests are counted at all nobody can tell. */
function hasMoreErrors({ rates, among }: Part, { judgement, rule, asked }: View): boolean {
  const least = rule.errors?.min ?? 0;
  if (rates[1] - rates[0] >= least) return true;
  if (asked.mode === 'pairs') return among[1] === 0;
  const { sum, weight } = judgement.excess;
  return weight === 0 || sum / weight >= least;
}

function isSlower({ percentile }: Part, { rule, asked }: View): boolean {
  const [p90, p95, p99] = asked.quantilesMs ?? [];
  const measured = percentile === 90 ? p90 : percentile === 95 ? p95 : p99;
  if (measured === undefined) return true;
  return measured[1] - measured[0] >= (rule.latency?.minMs ?? 0);
}
