import { lnBeta } from '#core/judge/log-gamma';

interface Shares {
  readonly successes: number;
  readonly n: number;
}

/**
 * Returns the chance that the treatment's share is above the control's, with uniform priors.
 * Source: Evan Miller, Formulas for Bayesian A/B Testing.
 */
export function chanceToBeat(control: Shares, treatment: Shares): number {
  const [alphaA, betaA] = [control.successes + 1, control.n - control.successes + 1];
  const [alphaB, betaB] = [treatment.successes + 1, treatment.n - treatment.successes + 1];
  let sum = 0;
  for (let i = 0; i < alphaB; i += 1) {
    const log = lnBeta(alphaA + i, betaA + betaB) - lnBeta(1 + i, betaB) - lnBeta(alphaA, betaA);
    sum += Math.exp(log) / (betaB + i);
  }
  return sum;
}
