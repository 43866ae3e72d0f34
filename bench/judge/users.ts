import type { Measurement, Pair, SliceCounts, Term } from '#core/judge/measurement';
import { normal, type Random } from './random.ts';

/** Users of a service, of whom few make most of the requests, and few have most of the failures. */
export interface Crowd {
  readonly users: number;
  /** Share of all requests that fail. */
  readonly failing: number;
  /** How many times as often those of the candidate do. */
  readonly ratio: number;
  readonly perTick: number;
  /** Share of users that carry all failures: 1 for everybody alike. */
  readonly prone: number;
  /** Logarithmic spread of how much users use it; 0 for all the same. */
  readonly spread: number;
  /** What the set of units that have failed is kept for: releases, or, wrongly, each version. */
  readonly setPer?: 'release' | 'version';
}

export interface Moment {
  readonly share: number;
  readonly revision: number;
  /** How much more fails than usual, of both: a factor, and points on top. */
  readonly times?: number;
  readonly points?: number;
}

/** One release before such users: who they are is drawn anew for each. */
export class Users {
  readonly #crowd: Crowd;
  readonly #random: Random;
  /** Where a user stands in [0, 1): those below the candidate's share are on it. */
  readonly #place: Float64Array;
  readonly #slice: Uint8Array;
  readonly #failing: Float64Array;
  readonly #slow: Float64Array;
  /** Bits by what has been seen of a user: 1 at all, 2 in this step, 4 failed, 8 and on slow. */
  readonly #marks: Uint8Array;
  readonly #pick: () => number;

  constructor(random: Random, crowd: Crowd) {
    const { users, spread, prone, failing } = crowd;
    this.#crowd = crowd;
    this.#random = random;
    this.#place = Float64Array.from({ length: users }, random);
    this.#slice = Uint8Array.from({ length: users }, () => Math.floor(100 * random()));
    this.#failing = Float64Array.from({ length: users }, () => {
      return random() < prone ? failing / prone : 0;
    });
    this.#slow = Float64Array.from({ length: users }, () =>
      Math.min(0.9, 0.06 * Math.exp(normal(random))),
    );
    this.#marks = new Uint8Array(2 * users);
    this.#pick = pickerOf(
      random,
      Float64Array.from({ length: users }, () => Math.exp(spread * normal(random))),
    );
  }

  beginStep(): void {
    for (let i = 0; i < this.#marks.length; i += 1) this.#marks[i] = (this.#marks[i] ?? 0) & ~2;
  }

  tick({ share, revision, times = 1, points = 0 }: Moment): Measurement {
    const sums = newSums();
    const { perTick, users, ratio, setPer } = this.#crowd;
    for (let i = 0; i < perTick; i += 1) {
      const user = this.#pick();
      const side = (this.#place[user] ?? 0) < share ? 1 : 0;
      const chance = (this.#failing[user] ?? 0) * times * (side === 1 ? ratio : 1) + points;
      const hasFailed = this.#random() < chance;
      const slow = this.#slowness(user);
      const at = setPer === 'version' ? side * users + user : user;
      const news = this.#note(user, 3) | this.#note(at, marksOf(hasFailed, slow));
      addRequest(sums, side, this.#slice[user] ?? 0, hasFailed, slow, news);
    }
    return measurementOf(sums, [1 - share, share], revision);
  }

  /** Returns the marks that are new, and keeps them. */
  #note(at: number, marks: number): number {
    const before = this.#marks[at] ?? 0;
    this.#marks[at] = before | marks;
    return marks & ~before;
  }

  /** 0: not slow; 1 to 3: above T90, T95, T99. */
  #slowness(user: number): number {
    const draw = this.#random() / (this.#slow[user] ?? 1);
    if (draw >= 1) return 0;
    return draw < 0.1 ? 3 : draw < 0.5 ? 2 : 1;
  }
}

function marksOf(hasFailed: boolean, slow: number): number {
  return (hasFailed ? 4 : 0) | (((1 << slow) - 1) << 3);
}

interface Sums {
  readonly failures: [number, number];
  readonly slow: readonly [[number, number], [number, number], [number, number]];
  readonly seen: [number, number];
  readonly inStep: [number, number];
  /** By version and slice: requests, failures, and slow ones. */
  readonly slices: Float64Array;
}

function newSums(): Sums {
  return {
    failures: [0, 0],
    slow: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    seen: [0, 0],
    inStep: [0, 0],
    slices: new Float64Array(2 * 100 * 5),
  };
}

function addRequest(
  sums: Sums,
  side: 0 | 1,
  slice: number,
  hasFailed: boolean,
  slow: number,
  news: number,
): void {
  const base = (side * 100 + slice) * 5;
  const { slices } = sums;
  slices[base] = (slices[base] ?? 0) + 1;
  if (hasFailed) slices[base + 1] = (slices[base + 1] ?? 0) + 1;
  for (let i = 0; i < slow; i += 1) slices[base + 2 + i] = (slices[base + 2 + i] ?? 0) + 1;
  if (news === 0) return;
  if ((news & 1) !== 0) sums.seen[side] += 1;
  if ((news & 2) !== 0) sums.inStep[side] += 1;
  if ((news & 4) !== 0) sums.failures[side] += 1;
  for (const [i, pair] of sums.slow.entries()) if ((news & (8 << i)) !== 0) pair[side] += 1;
}

function measurementOf(sums: Sums, split: Pair, revision: number): Measurement {
  const { failures, slow, seen, inStep } = sums;
  const term: Term = { kind: 'unit', revision, sizes: split, failures, slow, goals: [0, 0] };
  return {
    at: 0,
    terms: [term],
    slices: slicesOf(sums.slices),
    sightings: [{ split, units: seen }],
    units: inStep,
    seen: seen[0] + seen[1],
    worn: failures[0] + failures[1],
    hasUnits: true,
    compared: 0,
    differing: 0,
    isWarm: true,
    isAgreed: true,
  };
}

function slicesOf(counts: Float64Array): readonly SliceCounts[] {
  const list: SliceCounts[] = [];
  for (let place = 0; place < 200; place += 1) {
    const [requests = 0, failures = 0, a = 0, b = 0, c = 0] = counts.subarray(
      place * 5,
      place * 5 + 5,
    );
    if (requests === 0) continue;
    const side = place < 100 ? 0 : 1;
    list.push({ side, slice: place % 100, requests, failures, slow: [a, b, c] });
  }
  return list;
}

/** Returns a function that draws places by their weights, in constant time (Walker, Vose). */
function pickerOf(random: Random, weights: Float64Array): () => number {
  const n = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const chance = weights.map((weight) => (weight * n) / total);
  const alias = new Int32Array(n);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < n; i += 1) ((chance[i] ?? 0) < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const [less = 0, more = 0] = [small.pop(), large.pop()];
    alias[less] = more;
    const left = (chance[more] ?? 0) - 1 + (chance[less] ?? 0);
    chance[more] = left;
    (left < 1 ? small : large).push(more);
  }
  for (const i of [...small, ...large]) chance[i] = 1;
  return () => {
    const place = random() * n;
    const i = Math.floor(place);
    return place - i < (chance[i] ?? 0) ? i : (alias[i] ?? 0);
  };
}
