import type { Measurement, Term } from '#core/judge/measurement';

/** Returns a measurement of which only what matters is told. */
export function measured(part: Partial<Measurement> = {}): Measurement {
  return {
    at: 0,
    terms: [],
    slices: [],
    sightings: [],
    units: [0, 0],
    seen: 0,
    worn: 0,
    hasUnits: false,
    compared: 0,
    differing: 0,
    isWarm: true,
    isAgreed: true,
    ...part,
  };
}

/** Returns a term of requests; of which only what matters is told. */
export function termOf(part: Partial<Term> = {}): Term {
  return {
    kind: 'request',
    revision: 1,
    sizes: [900, 100],
    failures: [0, 0],
    slow: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    goals: [0, 0],
    ...part,
  };
}
