/** Units at which one expects to decide, where nothing better is known. */
export const usualHorizon = 5_000;

interface Sequence {
  readonly standardError: number;
  /** Units of both versions. */
  readonly units: number;
  /** Units at which the interval is to be narrowest. */
  readonly horizon: number;
  readonly alpha: number;
}

/** Source of all three: Waudby-Smith et al., arXiv 2103.06476, as in GrowthBook's gbstats. */
function tuning({ alpha, horizon }: Pick<Sequence, 'alpha' | 'horizon'>): number {
  return (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / horizon;
}

/** Returns half the width of an interval that holds at any time, however often one looks. */
export function halfWidth({ standardError, units, horizon, alpha }: Sequence): number {
  const t = units * tuning({ alpha, horizon });
  return standardError * Math.sqrt(((2 * (t + 1)) / t) * Math.log(Math.sqrt(t + 1) / alpha));
}

/** The same for a bound on one side. */
export function halfWidthOneSided({ standardError, units, horizon, alpha }: Sequence): number {
  const t = units * tuning({ alpha: 2 * alpha, horizon });
  const log = Math.log(1 + Math.sqrt(t + 1) / (2 * alpha));
  return standardError * Math.sqrt(((2 * (t + 1)) / t) * log);
}

/** Returns the logarithm of the evidence that the effect is not 0. */
export function sequenceLogE(effect: number, sequence: Sequence): number {
  const t = sequence.units * tuning(sequence);
  const z = effect / sequence.standardError;
  return (t * z * z) / (2 * (t + 1)) - 0.5 * Math.log(t + 1);
}

/** Returns the p of it, which may be looked at any time. */
export function sequenceP(effect: number, sequence: Sequence): number {
  return Math.min(1, Math.exp(-sequenceLogE(effect, sequence)));
}

/** Returns the p of an effect above 0, against none or one below; never above .4999. */
export function sequencePOneSided(effect: number, sequence: Sequence): number {
  const { alpha, horizon } = sequence;
  const t = sequence.units * tuning({ alpha: 2 * alpha, horizon });
  const z = effect / sequence.standardError;
  if (z <= 0) return 0.4999;
  const p = Math.sqrt(t + 1) / (2 * Math.expm1((t * z * z) / (2 * (t + 1))));
  return Math.min(p, 0.4999);
}
