import { addToCurve, type Curve } from './curve.ts';
import { goalRatios } from './grids.ts';
import {
  type Evidence,
  type Judgement,
  noRequests,
  type Ratios,
  type RequestTally,
  type SliceTally,
  type StepTally,
} from './judgement.ts';
import type { Measurement, Pair, Sighting, SliceCounts, Term } from './measurement.ts';
import { hasRequests, mergeSightings, mergeSlices, mergeTerms } from './merge-measurements.ts';
import { addPairs, addThree, addThreePairs } from './pair.ts';
import { addSighting, type SampleRatio } from './sample-ratio.ts';

/**
 * Adds one tick: a term for each kind of traffic and revision of the weights. The order within the
 * tick does not matter to the last bit.
 */
export function weigh(judgement: Judgement, measurement: Measurement): Judgement {
  const tick = inOrder(measurement);
  const requests = requestsOf(tick);
  const goals = tick.terms.filter(({ goals: [a, b] }) => a + b > 0);
  return {
    ...judgement,
    traffic: addTerms(judgement.traffic, judgement.ratios, tick, (kind) => kind !== 'pair'),
    pairs: addTerms(judgement.pairs, judgement.ratios, tick, (kind) => kind === 'pair'),
    goals: goals.reduce(addGoals, judgement.goals),
    sampleRatio: tick.sightings.reduce(addUnits, judgement.sampleRatio),
    excess: addExcess(judgement.excess, requests),
    seen: judgement.seen + tick.seen,
    worn: judgement.worn + tick.worn,
    isAgreed: tick.isAgreed,
    ticks: judgement.ticks + 1,
    step: addToStep(judgement.step, tick, requests),
  };
}

function inOrder(tick: Measurement): Measurement {
  return {
    ...tick,
    terms: mergeTerms(tick.terms),
    slices: mergeSlices(tick.slices),
    sightings: mergeSightings(tick.sightings),
  };
}

function addTerms(
  evidence: Evidence,
  ratios: Ratios,
  { terms, isWarm }: Measurement,
  isOurs: (kind: Term['kind']) => boolean,
): Evidence {
  return terms.reduce((all, { kind, sizes, failures, slow }) => {
    if (!isOurs(kind)) return all;
    const add = (curve: Curve, some: Pair) => addToCurve(curve, ratios.latency, some, sizes);
    return {
      errors: addToCurve(all.errors, ratios.errors, failures, sizes),
      slow: isWarm
        ? [add(all.slow[0], slow[0]), add(all.slow[1], slow[1]), add(all.slow[2], slow[2])]
        : all.slow,
    };
  }, evidence);
}

function addGoals({ curve, reached }: Judgement['goals'], { goals, sizes }: Term) {
  return {
    curve: addToCurve(curve, goalRatios, goals, sizes),
    reached: addPairs(reached, goals),
  };
}

/** Where one of them has no share there is no split that could be wrong. */
function addUnits(ratio: SampleRatio, { split, units }: Sighting): SampleRatio {
  const isSplit = split[0] > 0 && split[1] > 0;
  return isSplit && units[0] + units[1] > 0 ? addSighting(ratio, split, units) : ratio;
}

/** Slices have every request, by chance those without a unit; who has none counts by terms. */
function requestsOf({ slices, terms, isWarm }: Measurement): RequestTally {
  const tallies =
    slices.length > 0 ? slices.map(ofSlice) : terms.filter(hasRequests).map(ofRequests);
  const sum = tallies.reduce(addTallies, noRequests);
  return isWarm ? sum : { ...sum, timed: noRequests.timed, slow: noRequests.slow };
}

function ofSlice({ side, requests, failures, slow }: SliceCounts): RequestTally {
  const at = (count: number): Pair => (side === 0 ? [count, 0] : [0, count]);
  return {
    all: at(requests),
    failures: at(failures),
    timed: at(requests),
    slow: [at(slow[0]), at(slow[1]), at(slow[2])],
  };
}

function ofRequests({ sizes, failures, slow }: Term): RequestTally {
  return { all: sizes, failures, timed: sizes, slow };
}

function addTallies(a: RequestTally, b: RequestTally): RequestTally {
  return {
    all: addPairs(a.all, b.all),
    failures: addPairs(a.failures, b.failures),
    timed: addPairs(a.timed, b.timed),
    slow: addThreePairs(a.slow, b.slow),
  };
}

/**
 * Adds the difference of the shares of failures within one tick, weighed as Mantel and Haenszel
 * do: what both share, as an hour of trouble, does not come in.
 */
function addExcess({ sum, weight }: Judgement['excess'], { all, failures }: RequestTally) {
  const both = all[0] + all[1];
  if (both === 0) return { sum, weight };
  return {
    sum: sum + (failures[1] * all[0] - failures[0] * all[1]) / both,
    weight: weight + (all[0] * all[1]) / both,
  };
}

function addToStep(step: StepTally, tick: Measurement, requests: RequestTally): StepTally {
  return {
    ...step,
    units: addPairs(step.units, tick.units),
    hasUnits: step.hasUnits || tick.hasUnits,
    requests: addTallies(step.requests, requests),
    firstFailures: step.firstFailures + firstFailures(tick.terms),
    slices: addSlices(step.slices, tick),
    pairs: addPairTerms(step.pairs, tick),
    compared: step.compared + tick.compared,
    differing: step.differing + tick.differing,
  };
}

function firstFailures(terms: readonly Term[]): number {
  return terms.reduce((sum, { kind, failures }) => (kind === 'pair' ? sum : sum + failures[1]), 0);
}

function addPairTerms(
  pairs: StepTally['pairs'],
  { terms, isWarm }: Measurement,
): StepTally['pairs'] {
  return terms.reduce((sum, { kind, failures, slow }) => {
    if (kind !== 'pair') return sum;
    return {
      failures: addPairs(sum.failures, failures),
      slow: isWarm ? addThreePairs(sum.slow, slow) : sum.slow,
    };
  }, pairs);
}

function addSlices(
  tallies: readonly SliceTally[],
  { slices, isWarm }: Measurement,
): readonly SliceTally[] {
  if (slices.length === 0) return tallies;
  const place = ({ side, slice }: Pick<SliceTally, 'side' | 'slice'>) => side * 100 + slice;
  const all = new Map(tallies.map((tally) => [place(tally), tally]));
  for (const counts of slices) {
    const { side, slice, requests, failures, slow } = counts;
    const before = all.get(place(counts)) ?? none;
    all.set(place(counts), {
      side,
      slice,
      requests: before.requests + requests,
      failures: before.failures + failures,
      timed: before.timed + (isWarm ? requests : 0),
      slow: isWarm ? addThree(before.slow, slow) : before.slow,
    });
  }
  return [...all.values()].sort((a, b) => place(a) - place(b));
}

const none = { requests: 0, failures: 0, timed: 0, slow: [0, 0, 0] } as const;
