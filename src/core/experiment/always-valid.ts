import {
  halfWidth,
  halfWidthOneSided,
  sequenceP,
  sequencePOneSided,
} from '#core/judge/confidence-sequence';
import type { Effect } from './estimate.ts';
import type { FixedResult, Tested } from './welch.ts';

export interface Looking {
  readonly side: Tested;
  readonly alpha: number;
  /** Units of both variants. */
  readonly units: number;
  /** Units at which one expects to decide. */
  readonly horizon: number;
}

/** Returns an effect with an interval and a p that hold however often one looks. */
export function alwaysValid(
  { effect, standardError }: Effect,
  { side, alpha, units, horizon }: Looking,
): FixedResult {
  const sequence = { standardError, units, horizon, alpha };
  if (side === 'two') {
    const half = halfWidth(sequence);
    const interval = [effect - half, effect + half] as const;
    return { effect, standardError, interval, p: sequenceP(effect, sequence) };
  }
  const half = halfWidthOneSided(sequence);
  return side === 'greater'
    ? {
        effect,
        standardError,
        interval: [effect - half, Number.POSITIVE_INFINITY],
        p: sequencePOneSided(effect, sequence),
      }
    : {
        effect,
        standardError,
        interval: [Number.NEGATIVE_INFINITY, effect + half],
        p: sequencePOneSided(-effect, sequence),
      };
}
