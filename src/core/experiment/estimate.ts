/** What was counted of one variant: a share, or the sum of a value over units. */
export type VariantCounts =
  | { readonly successes: number; readonly n: number }
  | { readonly sum: number; readonly sumSquares: number; readonly n: number };

export interface Estimate {
  readonly mean: number;
  /** Of the mean, not of one unit. */
  readonly variance: number;
  readonly n: number;
}

/** Returns the mean per unit; the variance of a share is p(1-p), that of a value is with n - 1. */
export function estimate(counts: VariantCounts): Estimate {
  const { n } = counts;
  if ('successes' in counts) {
    const mean = counts.successes / n;
    return { mean, variance: (mean * (1 - mean)) / n, n };
  }
  const mean = counts.sum / n;
  const variance = (counts.sumSquares - counts.sum * mean) / (n - 1);
  return { mean, variance: variance / n, n };
}

/** A difference between two variants, and how far it may be off. */
export interface Effect {
  readonly effect: number;
  readonly standardError: number;
}

type Uncertain = Pick<Estimate, 'mean' | 'variance'>;

/** Returns treatment minus control. */
export function difference(control: Uncertain, treatment: Uncertain): Effect {
  const standardError = Math.sqrt(control.variance + treatment.variance);
  return { effect: treatment.mean - control.mean, standardError };
}

/** Returns the difference as a part of the control, by the delta method. */
export function lift(control: Uncertain, treatment: Uncertain): Effect {
  const effect = (treatment.mean - control.mean) / Math.abs(control.mean);
  const variance =
    treatment.variance / control.mean ** 2 +
    (control.variance * treatment.mean ** 2) / control.mean ** 4;
  return { effect, standardError: Math.sqrt(variance) };
}
