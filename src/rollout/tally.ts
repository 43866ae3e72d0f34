import type { Failure } from '#core/exchange/failure';
import type { Observed } from '#core/exchange/observed';
import { type Outcome, outcomeOf } from '#core/exchange/outcome';
import type { Judged, Route, Version } from '#core/routing/route';
import { sliceOf } from '#core/routing/unit-hash';
import type { Snapshot } from '#core/snapshot/snapshot';
import { type After, atMostEvery } from './at-most-every.ts';
import { addDone, addTo, countDone } from './counts.ts';
import { origins, places, requestsAt, type TallyIncrement } from './increment.ts';
import { asIs, marks } from './marks.ts';
import { RevisionTally } from './revision-tally.ts';
import { ToldUnits } from './told-units.ts';

export interface TallyPorts {
  /** A number in [0, 1), for the slice of a request without a unit. */
  readonly random: () => number;
  readonly after: After;
  /** The candidate of a release has failed: who judges it should look. Never twice in 50 ms. */
  readonly urgent: () => void;
}

/** A request and its copy, when both are over. */
export interface ObservedPair {
  readonly route: Route;
  /** That got the copy. */
  readonly version: Version;
  /** '' where the request has none. */
  readonly unit: string;
  readonly original: Half;
  readonly copy: Half;
  /** Their answers were compared, and differ. */
  readonly isCompared: boolean;
  readonly differs: boolean;
}

export interface Half {
  readonly outcome: Outcome;
  /** To the head of the answer, or to the end without one, in milliseconds. */
  readonly ms: number;
}

const urgentMs = 50;
const { pairs } = places;
const slowest = marks.slow[0] | marks.slow[1] | marks.slow[2];
const sideMark = [0, asIs.candidate] as const;

/** Their clients have waited as long as anybody may. */
const timeouts: ReadonlySet<Failure> = new Set([
  'connect_timeout',
  'response_timeout',
  'idle_timeout',
  'total_timeout',
  'hold_timeout',
]);

/**
 * What the exchanges of this process tell the judge. Routes that nobody judges cost a look; what
 * one that is judged costs shows bench/micro/observe.bench.ts.
 *
 * A request is charged to the version that it was assigned, whoever has served it in the end;
 * those whose version did not come from the split are not counted.
 */
export class Tally {
  readonly #ports: TallyPorts;
  readonly #urgent: () => void;
  /** By what a route of one snapshot has as its judging. */
  readonly #of = new WeakMap<Judged, RevisionTally>();
  /** Of the releases that are judged by the snapshot in force, by route. */
  readonly #units = new Map<string, ToldUnits>();
  #touched: RevisionTally[] = [];

  constructor(ports: TallyPorts) {
    this.#ports = ports;
    this.#urgent = atMostEvery(urgentMs, ports.urgent, ports.after);
  }

  /** Notes the snapshot in force: what it does not judge need not be remembered. */
  swapped({ routes }: Snapshot): void {
    const before = new Map(this.#units);
    this.#units.clear();
    for (const { name, judging } of routes) {
      if (judging === undefined) continue;
      const known = before.get(name);
      const { release, step } = judging;
      const units = known?.release === release ? known : new ToldUnits(release, step);
      units.begin(step);
      this.#units.set(name, units);
    }
  }

  /** Counts an exchange that has ended. Called once for each. */
  observe(o: Observed): void {
    const { route } = o;
    if (route?.judging === undefined) return;
    const side = sideOf(o, route.judging);
    if (side !== -1) this.#count(o, side, this.#tallyOf(route, route.judging));
  }

  #count(o: Observed, side: 0 | 1, tally: RevisionTally): void {
    const done = doneBy(o, tally.judged);
    if (done === -1) return;
    const { unit, minted } = o.assignment;
    const origin = originOf(unit, minted);
    this.#touch(tally);
    countDone(tally.requests, requestsAt(side, origin), done);
    if (o.respondedAt > 0 || isLate(o)) tally.took(side, msOf(o));
    const hash = this.#hashOf(unit, tally);
    tally.inSlice(side, sliceOf(hash), done);
    if (unit !== '') {
      const key = tally.hash.keyOf(unit, hash);
      const news = tally.units.note(key, tally.judged.step, done);
      if (news !== 0) tally.news.add(key, news | sideMark[side] | (minted ? asIs.minted : 0));
    }
    if (side === 1 && (done & marks.failed) !== 0) this.#urgent();
  }

  /** Counts a request and its copy: what both have done says nothing. */
  observePair(pair: ObservedPair): void {
    const { route, version, unit, original, copy } = pair;
    const judged = route.judging;
    if (judged === undefined || judged.candidate !== version) return;
    if (original.outcome === 'ignored' || copy.outcome === 'ignored') return;
    const tally = this.#tallyOf(route, judged);
    this.#touch(tally);
    if (pair.isCompared) addTo(tally.pairs, pairs.compared, 1);
    if (pair.differs) addTo(tally.pairs, pairs.differing, 1);
    const ofOriginal = doneByHalf(original, judged);
    const ofCopy = doneByHalf(copy, judged);
    const hash = this.#hashOf(unit, tally);
    // The original is counted where it ends, as any other request.
    tally.inSlice(1, sliceOf(hash), ofCopy);
    tally.took(1, copy.ms);
    const key = unit === '' ? undefined : tally.hash.keyOf(unit, hash);
    if (key === undefined) addTo(tally.pairs, pairs.all, 1);
    this.#onlyOne(tally, key, ofOriginal & ~ofCopy, 0);
    this.#onlyOne(tally, key, ofCopy & ~ofOriginal, 1);
    if (copy.outcome === 'failure') this.#urgent();
  }

  /** Counts what only one of a pair has done: of a unit when it happens for the first time. */
  #onlyOne(tally: RevisionTally, key: number | undefined, done: number, side: 0 | 1): void {
    if (key === undefined) {
      addDone(tally.pairs, side === 0 ? 0 : pairs.ofCopy, done);
      return;
    }
    const news = tally.units.notePair(key, tally.judged.step, done);
    if (news !== 0) tally.news.add(key, news | sideMark[side] | asIs.pair);
  }

  /** Returns what was counted since the last call. */
  take(): readonly TallyIncrement[] {
    const touched = this.#touched;
    this.#touched = [];
    return touched.map((tally) => tally.take());
  }

  #touch(tally: RevisionTally): void {
    if (tally.isTouched) return;
    tally.isTouched = true;
    this.#touched.push(tally);
  }

  #hashOf(unit: string, { hash }: RevisionTally): number {
    return unit === '' ? this.#ports.random() * 0x1_0000_0000 : hash.of(unit);
  }

  #tallyOf(route: Route, judged: Judged): RevisionTally {
    const known = this.#of.get(judged);
    if (known !== undefined) return known;
    const inForce = this.#units.get(route.name);
    const { release, step } = judged;
    // An exchange of an older snapshot may be the last of its release.
    const units = inForce?.release === release ? inForce : new ToldUnits(release, step);
    const tally = new RevisionTally(judged, route.salt, units);
    this.#of.set(judged, tally);
    return tally;
  }
}

/** Returns whose it is: 0 the stable version's, 1 the candidate's, -1 nobody's. */
function sideOf({ assignment }: Observed, { stable, candidate }: Judged): -1 | 0 | 1 {
  const { assigned, assignedBy } = assignment;
  if (assignedBy !== 'split') return -1;
  if (assigned === stable) return 0;
  return assigned === candidate ? 1 : -1;
}

/** Returns what an exchange has done, as marks; -1: nothing that could be counted. */
function doneBy(o: Observed, judged: Judged): number {
  const outcome = o.hasStumbled ? 'failure' : outcomeOf(o.failure, o.status);
  const slow = isLate(o) ? slowestOf(judged) : slowOf(judged, msOf(o));
  // A client that leaves says nothing of a version, unless that has let it wait.
  if (outcome === 'ignored' && (slow === 0 || o.failure !== 'client_disconnect')) return -1;
  const failed = outcome === 'failure' ? marks.failed : 0;
  return failed | slow | (o.hasReachedGoal ? marks.goal : 0);
}

function doneByHalf({ outcome, ms }: Half, judged: Judged): number {
  return (outcome === 'failure' ? marks.failed : 0) | slowOf(judged, ms);
}

/** To the head of the answer; to the end where there was none. */
function msOf({ startedAt, respondedAt, endedAt }: Observed): number {
  return (respondedAt === 0 ? endedAt : respondedAt) - startedAt;
}

function isLate({ failure }: Observed): boolean {
  return failure !== undefined && timeouts.has(failure);
}

/** Returns the marks of a latency: what is over a limit is over the lower ones too. */
function slowOf({ limitsMs }: Judged, ms: number): number {
  if (limitsMs === undefined || ms <= limitsMs[0]) return 0;
  if (ms <= limitsMs[1]) return marks.slow[0];
  return ms <= limitsMs[2] ? marks.slow[0] | marks.slow[1] : slowest;
}

function slowestOf({ limitsMs }: Judged): number {
  return limitsMs === undefined ? 0 : slowest;
}

function originOf(unit: string, minted: boolean): number {
  if (unit === '') return origins.none;
  return minted ? origins.minted : origins.unit;
}
