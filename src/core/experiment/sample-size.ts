import { normalQuantile } from '#core/judge/normal';

interface Planned {
  readonly power: number;
  readonly alpha: number;
  readonly isTwoSided?: boolean;
}

/** Returns the units that each variant needs to tell two shares apart; as R's power.prop.test. */
export function sampleSize(p1: number, p2: number, planned: Planned): number {
  const mean = (p1 + p2) / 2;
  return sizeWith(mean * (1 - mean), p1, p2, planned);
}

/** The same as Evan Miller has it, who takes the baseline for the mean. */
export function sampleSizeFromBaseline(baseline: number, effect: number, planned: Planned): number {
  return sizeWith(baseline * (1 - baseline), baseline, baseline + effect, planned);
}

function sizeWith(equal: number, p1: number, p2: number, planned: Planned): number {
  const { power, alpha, isTwoSided = true } = planned;
  const noise = normalQuantile(1 - (isTwoSided ? alpha / 2 : alpha)) * Math.sqrt(2 * equal);
  const signal = normalQuantile(power) * Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2));
  return ((noise + signal) / (p1 - p2)) ** 2;
}
