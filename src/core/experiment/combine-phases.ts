/** A difference as one phase shows it, under one split. */
export interface PhaseDifference {
  readonly difference: number;
  readonly variance: number;
}

/**
 * Returns the difference over all phases, each by its precision. Never pool counts over a change of
 * the split: who came when then looks like who got what (Crook et al., KDD 2009).
 */
export function combinePhases(phases: readonly PhaseDifference[]): PhaseDifference {
  const precision = phases.reduce((sum, { variance }) => sum + 1 / variance, 0);
  const weighed = phases.reduce((sum, { difference, variance }) => sum + difference / variance, 0);
  return { difference: weighed / precision, variance: 1 / precision };
}
