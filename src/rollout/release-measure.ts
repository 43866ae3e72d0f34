import { latencyBins } from '#core/judge/latency-bins';
import type {
  Measurement,
  Pair,
  Sighting,
  SliceCounts,
  Term,
  TrafficKind,
} from '#core/judge/measurement';
import { UnitSet } from '#core/judge/unit-set';
import { addDone, addTo } from './counts.ts';
import { origins, places, requestsAt, type TallyIncrement } from './increment.ts';
import { readUnits, UnitWriter } from './kept-units.ts';
import { asIs, marks, rare } from './marks.ts';

const { counts, pairs, slices: sliceCount } = places;
const sides = [0, 1] as const;

/** What one revision of the weights has brought since the last tick. */
interface Sums {
  readonly unit: Float64Array;
  readonly request: Float64Array;
  readonly pair: Float64Array;
  readonly sighted: Float64Array;
  hasUnits: boolean;
  hasPairs: boolean;
}

/** What all processes have counted of one release, as one. */
export class ReleaseMeasure {
  /** Of both versions, from the beginning of the release. */
  readonly histograms = [new Float64Array(latencyBins), new Float64Array(latencyBins)] as const;
  #step = 0;
  readonly #seen = new UnitSet();
  readonly #rare = new UnitSet();
  readonly #paired = new UnitSet();
  readonly #kept = new UnitWriter();
  #sums = new Map<number, Sums>();
  readonly #slices = new Float64Array(2 * sliceCount * counts.size);
  readonly #units = new Float64Array(2);
  #seenUnits = 0;
  #wornUnits = 0;
  #compared = 0;
  #differing = 0;

  add(increment: TallyIncrement): void {
    if (increment.step > this.#step) this.#begin(increment.step);
    const sums = this.#sumsOf(increment.revision);
    this.#addRequests(increment, sums);
    this.#addPairs(increment, sums);
    this.#addRows(increment);
    const isOfStep = increment.step === this.#step;
    for (const [at, key] of increment.units.entries()) {
      const what = increment.marks[at] as number;
      // Late news of an earlier step are none of this one.
      const told = isOfStep ? what : what & ~marks.seenInStep;
      if ((what & asIs.pair) === 0) this.#addUnit(key, told, sums);
      else this.#addPairOf(key, told, sums);
    }
  }

  #begin(step: number): void {
    this.#step = step;
    this.#seen.takeOff(marks.seenInStep);
    this.#paired.takeOff(marks.seenInStep);
    this.#kept.add(step, 0);
  }

  #addRequests({ requests, step }: TallyIncrement, sums: Sums): void {
    for (const side of sides) {
      for (const origin of [origins.minted, origins.none]) {
        const base = requestsAt(side, origin);
        for (let at = 0; at < counts.size; at++) {
          addTo(sums.request, side * counts.size + at, requests[base + at] as number);
        }
      }
      if ((requests[requestsAt(side, origins.unit)] as number) > 0) sums.hasUnits = true;
      const withoutUnit = requests[requestsAt(side, origins.none)] as number;
      if (step === this.#step) addTo(this.#units, side, withoutUnit);
    }
  }

  #addPairs({ pairs: told, step }: TallyIncrement, sums: Sums): void {
    const all = told[pairs.all] as number;
    if (all > 0) sums.hasPairs = true;
    for (const side of sides) {
      for (let at = 0; at < pairs.ofCopy; at++) {
        const amount = told[side * pairs.ofCopy + at] as number;
        addTo(sums.pair, side * counts.size + counts.failures + at, amount);
      }
    }
    // The original is counted among the requests.
    if (step === this.#step) addTo(this.#units, 1, all);
    this.#compared += told[pairs.compared] as number;
    this.#differing += told[pairs.differing] as number;
  }

  #addRows({ slices, sliceCounts, bins, binCounts }: TallyIncrement): void {
    for (const [at, row] of slices.entries()) {
      for (let k = 0; k < counts.size; k++) {
        addTo(this.#slices, row * counts.size + k, sliceCounts[at * counts.size + k] as number);
      }
    }
    for (const [at, bin] of bins.entries()) {
      const [stable, candidate] = this.histograms;
      const histogram = bin < latencyBins ? stable : candidate;
      addTo(histogram, bin % latencyBins, binCounts[at] as number);
    }
  }

  /** A unit counts once in a release for each kind of mark, for the version it had then. */
  #addUnit(key: number, what: number, sums: Sums): void {
    const side = (what & asIs.candidate) === 0 ? 0 : 1;
    const seen = this.#seen.add(key, what & (marks.seen | marks.seenInStep));
    const done = (what & rare) === 0 ? 0 : this.#rare.add(key, what & rare);
    if ((seen | done) !== 0) this.#kept.add(key, seen | done);
    if ((seen & marks.seenInStep) !== 0) addTo(this.#units, side, this.#seen.each);
    if ((seen & marks.seen) !== 0) {
      addTo(sums.sighted, side, 1);
      this.#seenUnits += this.#seen.each;
    }
    if ((done & marks.failed) !== 0) this.#wornUnits += this.#rare.each;
    // One that was minted is counted among the requests.
    if ((what & asIs.minted) === 0) addDone(sums.unit, side * counts.size + counts.failures, done);
  }

  #addPairOf(key: number, what: number, sums: Sums): void {
    const side = (what & asIs.candidate) === 0 ? 0 : 1;
    const news = this.#paired.add(key, what & asIs.marks);
    if (news !== 0) this.#kept.add(key, news | asIs.pair);
    if ((news & marks.seenInStep) !== 0) addTo(this.#units, 1, this.#paired.each);
    sums.hasPairs = true;
    addDone(sums.pair, side * counts.size + counts.failures, news);
  }

  /** Returns what was added since the last call. */
  take(
    at: number,
    sharesOf: (revision: number) => Pair,
    { isWarm, isAgreed }: Pick<Measurement, 'isWarm' | 'isAgreed'>,
  ): Measurement {
    const sums = [...this.#sums];
    this.#sums = new Map();
    const [ofStable = 0, ofCandidate = 0] = this.#units;
    const measurement: Measurement = {
      at,
      terms: sums.flatMap(([revision, sum]) => termsOf(revision, sum, sharesOf(revision))),
      slices: [...this.#slicesTold()],
      sightings: sums.flatMap(([revision, { sighted }]) => sightingOf(sighted, sharesOf(revision))),
      units: [ofStable, ofCandidate],
      seen: this.#seenUnits,
      worn: this.#wornUnits,
      hasUnits: sums.some(([, { hasUnits }]) => hasUnits),
      compared: this.#compared,
      differing: this.#differing,
      isWarm,
      isAgreed,
    };
    this.#slices.fill(0);
    this.#units.fill(0);
    this.#seenUnits = this.#wornUnits = this.#compared = this.#differing = 0;
    return measurement;
  }

  *#slicesTold(): Iterable<SliceCounts> {
    for (let row = 0; row < 2 * sliceCount; row++) {
      const [requests = 0, failures = 0, ...slow] = this.#slices.subarray(
        row * counts.size,
        (row + 1) * counts.size,
      );
      if (requests === 0) continue;
      const [first = 0, second = 0, third = 0] = slow;
      const side = row < sliceCount ? 0 : 1;
      yield { side, slice: row % sliceCount, requests, failures, slow: [first, second, third] };
    }
  }

  /** Returns the units and marks that were new since the last call: see `restore`. */
  newUnits(): Uint8Array {
    return this.#kept.take();
  }

  /** Takes over what was known of units before a restart, in the order in which it was kept. */
  restore(kept: Uint8Array): void {
    for (const { key, what } of readUnits(kept)) {
      if (what === 0) this.#restoreStep(key);
      else if ((what & asIs.pair) !== 0) this.#paired.add(key, what & asIs.marks);
      else {
        const seen = what & (marks.seen | marks.seenInStep);
        if (seen !== 0) this.#seen.add(key, seen);
        if ((what & rare) !== 0) this.#rare.add(key, what & rare);
      }
    }
  }

  #restoreStep(step: number): void {
    this.#step = step;
    this.#seen.takeOff(marks.seenInStep);
    this.#paired.takeOff(marks.seenInStep);
  }

  #sumsOf(revision: number): Sums {
    const known = this.#sums.get(revision);
    if (known !== undefined) return known;
    const both = () => new Float64Array(2 * counts.size);
    const sums: Sums = {
      unit: both(),
      request: both(),
      pair: both(),
      sighted: new Float64Array(2),
      hasUnits: false,
      hasPairs: false,
    };
    this.#sums.set(revision, sums);
    return sums;
  }
}

function termsOf(revision: number, sums: Sums, shares: Pair): readonly Term[] {
  const terms: Term[] = [];
  if (sums.hasUnits) terms.push(termOf('unit', revision, shares, sums.unit));
  const requests = pairAt(sums.request, counts.all);
  // Each was drawn on its own by these shares. How many have come in this tick is no measure: a
  // tick may end because the candidate has just failed.
  if (requests[0] + requests[1] > 0) terms.push(termOf('request', revision, shares, sums.request));
  if (sums.hasPairs) terms.push(termOf('pair', revision, [1, 1], sums.pair));
  return terms;
}

function termOf(kind: TrafficKind, revision: number, sizes: Pair, sums: Float64Array): Term {
  const slow = (limit: number) => pairAt(sums, counts.slow + limit);
  return {
    kind,
    revision,
    sizes,
    failures: pairAt(sums, counts.failures),
    slow: [slow(0), slow(1), slow(2)],
    goals: pairAt(sums, counts.goals),
  };
}

function pairAt(sums: Float64Array, at: number): Pair {
  return [sums[at] as number, sums[counts.size + at] as number];
}

/** Shares of a split that neither of them has any of tell nothing. */
function sightingOf(sighted: Float64Array, [stable, candidate]: Pair): readonly Sighting[] {
  const [ofStable = 0, ofCandidate = 0] = sighted;
  const both = stable + candidate;
  if (ofStable + ofCandidate === 0 || both === 0) return [];
  return [{ split: [stable / both, candidate / both], units: [ofStable, ofCandidate] }];
}
