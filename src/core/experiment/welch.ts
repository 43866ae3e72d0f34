import { studentQuantile, studentUpperTail } from '#core/judge/student-t';
import type { Effect, Estimate } from './estimate.ts';

/** Which effects would be news: any, those above 0, those below. */
export type Tested = 'two' | 'greater' | 'lesser';

/** An effect with its interval. Good for one look at the end, and no other. */
export interface FixedResult extends Effect {
  readonly interval: readonly [number, number];
  readonly p: number;
}

/** Welch's t-test: the effect against none, with variances that need not be equal. */
export function welch(
  { effect, standardError }: Effect,
  control: Estimate,
  treatment: Estimate,
  { side, alpha }: { readonly side: Tested; readonly alpha: number },
): FixedResult {
  const degrees = satterthwaite(control, treatment);
  const t = effect / standardError;
  const half = (risk: number) => studentQuantile(1 - risk, degrees) * standardError;
  if (side === 'two') {
    const p = 2 * studentUpperTail(Math.abs(t), degrees);
    const width = half(alpha / 2);
    return { effect, standardError, interval: [effect - width, effect + width], p };
  }
  const width = half(alpha);
  return side === 'greater'
    ? {
        effect,
        standardError,
        interval: [effect - width, Number.POSITIVE_INFINITY],
        p: studentUpperTail(t, degrees),
      }
    : {
        effect,
        standardError,
        interval: [Number.NEGATIVE_INFINITY, effect + width],
        p: studentUpperTail(-t, degrees),
      };
}

function satterthwaite(control: Estimate, treatment: Estimate): number {
  const both = (control.variance + treatment.variance) ** 2;
  return (
    both / (control.variance ** 2 / (control.n - 1) + treatment.variance ** 2 / (treatment.n - 1))
  );
}
