import type { Measurement, Sighting, SliceCounts, Term } from './measurement.ts';
import { addPairs, addThree, addThreePairs } from './pair.ts';

/**
 * Returns what several have counted in the same tick as if one had: the same bits in whatever
 * order they come. Counts are whole numbers, so that their sums are exact; what is listed stands in
 * an order of its own afterwards.
 */
export function mergeMeasurements(list: readonly Measurement[]): Measurement {
  const sum = (part: (one: Measurement) => number) => list.reduce((all, one) => all + part(one), 0);
  return {
    at: Math.max(...list.map(({ at }) => at)),
    terms: mergeTerms(list.flatMap(({ terms }) => terms)),
    slices: mergeSlices(list.flatMap(({ slices }) => slices)),
    sightings: mergeSightings(list.flatMap(({ sightings }) => sightings)),
    units: list.map(({ units }) => units).reduce(addPairs, [0, 0]),
    seen: sum(({ seen }) => seen),
    worn: sum(({ worn }) => worn),
    hasUnits: list.some(({ hasUnits }) => hasUnits),
    compared: sum(({ compared }) => compared),
    differing: sum(({ differing }) => differing),
    isWarm: list.every(({ isWarm }) => isWarm),
    isAgreed: list.every(({ isAgreed }) => isAgreed),
  };
}

/**
 * Sizes are requests, which add up, or shares, which are the same for all of a revision: added to
 * each other they would say the same, and not to the last bit.
 */
export function mergeTerms(terms: readonly Term[]): readonly Term[] {
  const key = (term: Term) => {
    const { kind, revision, sizes } = term;
    return hasRequests(term) ? `${kind} ${revision}` : `${kind} ${revision} ${sizes.join(' ')}`;
  };
  return mergeBy(terms, key, (a, b) => ({
    ...a,
    sizes: hasRequests(a) ? addPairs(a.sizes, b.sizes) : a.sizes,
    failures: addPairs(a.failures, b.failures),
    slow: addThreePairs(a.slow, b.slow),
    goals: addPairs(a.goals, b.goals),
  }));
}

/** Tells whether the sizes of a term are numbers of requests. */
export function hasRequests({ kind, sizes }: Term): boolean {
  return kind === 'request' && sizes.every(Number.isInteger);
}

export function mergeSlices(slices: readonly SliceCounts[]): readonly SliceCounts[] {
  const key = ({ side, slice }: SliceCounts) => `${side} ${slice}`;
  return mergeBy(slices, key, (a, b) => ({
    ...a,
    requests: a.requests + b.requests,
    failures: a.failures + b.failures,
    slow: addThree(a.slow, b.slow),
  }));
}

export function mergeSightings(sightings: readonly Sighting[]): readonly Sighting[] {
  const key = ({ split }: Sighting) => split.join(' ');
  return mergeBy(sightings, key, (a, b) => ({ ...a, units: addPairs(a.units, b.units) }));
}

/** Returns one value for each key, in the order of the keys. */
function mergeBy<Value>(
  values: readonly Value[],
  key: (value: Value) => string,
  add: (a: Value, b: Value) => Value,
): readonly Value[] {
  if (values.length < 2) return values;
  const merged = new Map<string, Value>();
  for (const value of values) {
    const name = key(value);
    const before = merged.get(name);
    merged.set(name, before === undefined ? value : add(before, value));
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
