import { type HandshakeFailure, handshakeFailures } from '#core/exchange/handshake-failure';
import {
  decisionReasons,
  type EndpointState,
  endpointStates,
  type FaultKind,
  faultKinds,
  foreseenCodes,
  type MirrorFinding,
  type MirrorResult,
  mirrorFindings,
  mirrorResults,
  type NameTrouble,
  nameTroubles,
  type RetryReason,
  retryReasons,
  type Trouble,
  type TunnelEnd,
  troubles,
  tunnelEnds,
} from '#core/exchange/labels';
import type { Observed } from '#core/exchange/observed';
import { outcomeOf, outcomes } from '#core/exchange/outcome';
import { type ShedLevel, shedLevels } from '#core/overload/shed-level';
import type { Assignment, Reason } from '#core/routing/assignment';
import type { Route } from '#core/routing/route';
import type { Snapshot } from '#core/snapshot/snapshot';
import {
  type Columns,
  codeColumns,
  columnsFor,
  defaultBoundsMs,
  errorReasons,
  methods,
} from './columns.ts';
import { MirrorSamples } from './mirror-samples.ts';
import { NamedCounters } from './named-counters.ts';
import { noRouteRow, Rows } from './rows.ts';
import { type ConnectionSide, Totals } from './totals.ts';

export interface MetricsOptions {
  /** The closed list of reasons for which the scanner refuses a message. */
  readonly refusals: readonly string[];
  /** Upper bounds of the histograms, in milliseconds. */
  readonly boundsMs?: readonly number[];
  readonly maxNamedPairs?: number;
  /** The monotonic clock, in milliseconds: the one of `Observed`. */
  readonly now?: () => number;
}

/** What makes a snapshot: a document; a rollout's step, or somebody's word; endpoints in the cluster. */
export const causes = ['document', 'rollout', 'endpoints'] as const;
export type Cause = (typeof causes)[number];

const otherMethod = methods.length - 1;
const otherCode = codeColumns - 1;
function indexOf<T extends string>(names: readonly T[]): ReadonlyMap<T, number> {
  return new Map(names.map((name, index) => [name, index]));
}

const methodIndex: ReadonlyMap<string, number> = indexOf(methods.slice(0, otherMethod));
const successAt = outcomes.indexOf('success');
const failureAt = outcomes.indexOf('failure');
const decisionAt: ReadonlyMap<Reason, number> = indexOf(decisionReasons);
const splitAt = decisionReasons.indexOf('split');

/**
 * All counts of the process, as numbers in typed arrays: nothing here makes an object or text
 * for an exchange. `bench/micro/observe.bench.ts` shows what one costs.
 */
export class Metrics {
  readonly rows: Rows;
  readonly columns: Columns;
  readonly boundsMs: Float64Array;
  readonly audiences = new NamedCounters();
  readonly unitSources = new NamedCounters();
  readonly mirrorSamples = new MirrorSamples();
  /** Rows of versions that get copies by the snapshot in force. */
  readonly mirrored = new Set<number>();
  /** Rows of versions whose route has a fault. */
  readonly faulty = new Set<number>();
  /** By the row of a route: its object in the snapshot in force, and its unit's counters. */
  readonly #sourcesOf: ({ route: Route; places: Int32Array } | undefined)[] = [];
  /** Status code to column; 0 where none has been given yet. */
  readonly #codeColumn = new Uint8Array(1_000);
  /** The code of each column, as its label says it. */
  readonly codes: string[] = ['0'];
  readonly #now: () => number;
  readonly #refusedIndex: ReadonlyMap<string, number>;
  readonly refusals: readonly string[];
  /** What is counted beside exchanges. */
  readonly totals: Totals;
  /** Snapshots put in force, by cause. */
  readonly swaps = new Float64Array(causes.length);
  #shedLevel: ShedLevel = 'nothing';
  #snapshot: Snapshot | undefined;
  #number = 0;

  constructor(options: MetricsOptions) {
    this.boundsMs = Float64Array.from(options.boundsMs ?? defaultBoundsMs);
    this.columns = columnsFor(this.boundsMs.length);
    this.rows = new Rows({
      columns: this.columns.total,
      ...(options.maxNamedPairs === undefined ? {} : { maxNamedPairs: options.maxNamedPairs }),
    });
    this.#now = options.now ?? (() => performance.now());
    this.refusals = [...new Set([...options.refusals, 'other'])];
    this.#refusedIndex = indexOf(this.refusals);
    this.totals = new Totals(this.refusals.length);
    this.#codeColumn.fill(otherCode, 1, 100);
    this.#codeColumn.fill(otherCode, 600);
    for (const code of foreseenCodes) this.#nameCode(code);
  }

  /** Returns the row an exchange is counted in: its version's, else its route's, else none's. */
  rowFor(route: Route | undefined, assignment: Assignment): number {
    const version = assignment.version ?? assignment.assigned;
    if (version !== undefined) return version.row;
    return route === undefined ? noRouteRow : route.row;
  }

  /** Counts an exchange that has ended. Called once for each. */
  observe(o: Observed): void {
    const { columns } = this;
    const { assignment } = o;
    const row = this.rowFor(o.route, assignment);
    const values = this.rows.values;
    const base = row * columns.total;
    const { status, failure } = o;

    const method = o.method === 'GET' ? 0 : (methodIndex.get(o.method) ?? otherMethod);
    add(values, base + columns.requests + method * codeColumns + this.columnOf(status), 1);
    const klass = status >= 100 && status < 600 ? Math.floor(status / 100) : 0;
    this.#time(
      values,
      base + columns.durations + klass * columns.histogram,
      o.endedAt - o.startedAt,
    );
    if (o.respondedAt > 0) this.#time(values, base + columns.upstream, o.respondedAt - o.startedAt);
    if (failure === undefined) {
      // Here the outcome follows from the status alone; a look-up by name costs 8 ns.
      add(values, base + columns.outcomes + (status >= 500 ? failureAt : successAt), 1);
    } else {
      add(values, base + columns.outcomes + outcomes.indexOf(outcomeOf(failure, status)), 1);
      add(values, base + columns.errors + errorReasons.indexOf(failure), 1);
    }
    add(values, base + columns.bytes, o.bytesIn);
    add(values, base + columns.bytes + 1, o.bytesOut);
    values[base + columns.lastEndedAt] = o.endedAt;
    if (assignment.version !== undefined) this.#decided(values, row, base, o.route, assignment);
  }

  /** Counts an exchange in (+1) or out (-1) of flight on a row. */
  inFlight(row: number, change: 1 | -1): void {
    add(this.rows.values, row * this.columns.total + this.columns.inFlight, change);
  }

  /** Counts an exchange that waits for its version (+1), or no longer does (-1). */
  held(row: number, change: 1 | -1): void {
    add(this.rows.values, row * this.columns.total + this.columns.held, change);
  }

  /** Counts an exchange that waits for a connection (+1), or no longer does (-1). */
  waiting(row: number, change: 1 | -1): void {
    add(this.rows.values, row * this.columns.total + this.columns.waiting, change);
  }

  /** Counts a request that a connection to its version was given, at this instant. */
  sent(row: number, sentAt: number): void {
    const { values } = this.rows;
    const base = row * this.columns.total;
    add(values, base + this.columns.sent, 1);
    values[base + this.columns.lastSentAt] = sentAt;
  }

  /** Counts a request that is sent again. */
  retried(row: number, reason: RetryReason): void {
    this.#addTo(row, this.columns.retries + retryReasons.indexOf(reason), 1);
  }

  /** Counts a request that is not sent again, for want of budget. */
  retryDenied(row: number): void {
    this.#addTo(row, this.columns.retriesDenied, 1);
  }

  /** Counts an endpoint that is left out. */
  ejected(row: number, trouble: Trouble): void {
    this.#addTo(row, this.columns.ejections + troubles.indexOf(trouble), 1);
  }

  /** Counts endpoints into a state, or out of it. */
  endpoints(row: number, state: EndpointState, change: number): void {
    this.#addTo(row, this.columns.endpoints + endpointStates.indexOf(state), change);
  }

  /** Counts a version that uses all its endpoints because too few are well (+1), or no longer (-1). */
  panicking(row: number, change: 1 | -1): void {
    this.#addTo(row, this.columns.panicking, change);
  }

  /** Counts the copy of a request that is over. */
  mirroredAs(row: number, result: MirrorResult): void {
    this.#addTo(row, this.columns.mirrorResults + mirrorResults.indexOf(result), 1);
  }

  /** Counts what comparing two answers has brought. */
  mirrorFound(row: number, finding: MirrorFinding): void {
    this.#addTo(row, this.columns.mirrorFindings + mirrorFindings.indexOf(finding), 1);
  }

  /** Counts how long an original and its copy took to the heads of their answers. */
  mirrorTimed(row: number, originalMs: number, copyMs: number): void {
    const { values } = this.rows;
    const base = row * this.columns.total + this.columns.mirrorDurations;
    this.#time(values, base, originalMs);
    this.#time(values, base + this.columns.histogram, copyMs);
  }

  /** Counts trouble that was made on purpose. */
  faultInjected(row: number, kind: FaultKind): void {
    this.#addTo(row, this.columns.faults + faultKinds.indexOf(kind), 1);
  }

  #addTo(row: number, column: number, amount: number): void {
    add(this.rows.values, row * this.columns.total + column, amount);
  }

  /** Counts a look at a name that brought no addresses. */
  nameFailed(trouble: NameTrouble): void {
    add(this.totals.nameFailures, nameTroubles.indexOf(trouble), 1);
  }

  /** Counts a tunnel that was opened. */
  tunnelOpened(row: number): void {
    add(this.rows.values, row * this.columns.total + this.columns.tunnels, 1);
  }

  /** Counts bytes that a tunnel has passed. */
  tunnelled(row: number, bytesIn: number, bytesOut: number): void {
    const at = row * this.columns.total + this.columns.tunnelBytes;
    add(this.rows.values, at, bytesIn);
    add(this.rows.values, at + 1, bytesOut);
  }

  /** Counts a tunnel that has ended. Only now has the version nothing to do with its request. */
  tunnelEnded(row: number, end: TunnelEnd, endedAt: number): void {
    const { values } = this.rows;
    const base = row * this.columns.total;
    add(values, base + this.columns.tunnels, -1);
    add(values, base + this.columns.tunnelEnds + tunnelEnds.indexOf(end), 1);
    values[base + this.columns.lastEndedAt] = endedAt;
  }

  /** Counts a connection that was opened (+1) or closed (-1). */
  connection(side: ConnectionSide, change: 1 | -1): void {
    const at = side === 'downstream' ? 0 : 1;
    add(this.totals.connections, at, change);
    if (change === 1) add(this.totals.connectionsTotal, at, 1);
  }

  /** Counts a message the scanner refused. A reason that is not in the list counts as `other`. */
  refused(reason: string): void {
    const at = this.#refusedIndex.get(reason) ?? this.refusals.indexOf('other');
    add(this.totals.refused, at, 1);
  }

  /** Counts a client that did not agree with us on TLS. */
  handshakeFailed(reason: HandshakeFailure): void {
    add(this.totals.handshakes, handshakeFailures.indexOf(reason), 1);
  }

  /** Counts a throw that was caught on the data path. */
  bug(): void {
    add(this.totals.bugs, 0, 1);
  }

  /** Notes what is shed from now on. */
  shedding(level: ShedLevel): void {
    if (this.#shedLevel !== 'nothing')
      add(this.totals.shedding, shedLevels.indexOf(this.#shedLevel), -1);
    if (level !== 'nothing') add(this.totals.shedding, shedLevels.indexOf(level), 1);
    this.#shedLevel = level;
  }

  /** Notes the snapshot that is in force from now on; makes the series of its pairs, at 0. */
  swapped(snapshot: Snapshot, cause: Cause): void {
    this.#snapshot = snapshot;
    this.#number++;
    add(this.swaps, causes.indexOf(cause), 1);
    const rows = new Set<number>();
    this.#noteRehearsals(snapshot);
    for (const route of snapshot.routes) {
      rows.add(route.row);
      for (const version of route.versions) rows.add(version.row);
      for (const { split, name } of route.audiences) {
        for (const version of split?.versions ?? []) this.audiences.create(version.row, name);
      }
      this.#sourcesOf[route.row] = { route, places: this.#placesOf(route) };
    }
    this.rows.inForce(rows, this.#now());
  }

  /** Notes who gets copies, and whose route has a fault. */
  #noteRehearsals({ routes }: Snapshot): void {
    this.mirrorSamples.clear();
    this.mirrored.clear();
    this.faulty.clear();
    for (const { mirror, fault, versions } of routes) {
      if (mirror !== undefined) this.mirrored.add(mirror.version.row);
      if (fault !== undefined) for (const { row } of versions) this.faulty.add(row);
    }
  }

  /** Returns the snapshot in force and its number: the count of swaps of this process. */
  inForce(): { readonly snapshot: Snapshot | undefined; readonly number: number } {
    return { snapshot: this.#snapshot, number: this.#number };
  }

  #decided(
    values: Float64Array,
    row: number,
    base: number,
    route: Route | undefined,
    assignment: Assignment,
  ): void {
    const { reason, audience } = assignment;
    if (reason === 'audience' && audience !== undefined) this.audiences.add(row, audience.name);
    else {
      const at = reason === 'split' ? splitAt : decisionAt.get(reason);
      if (at !== undefined) add(values, base + this.columns.decisions + at, 1);
    }
    if (route !== undefined) this.#foundUnit(route, assignment.unitSource);
  }

  #foundUnit(route: Route, source: number): void {
    const known = this.#sourcesOf[route.row];
    // An exchange of an older snapshot has another route object: its places have moved.
    const places = known?.route === route ? known.places : this.#placesOf(route);
    this.unitSources.addAt(places[source + 1] as number);
  }

  /** Returns where the counters of a route's sources are; the first one: of requests without. */
  #placesOf(route: Route): Int32Array {
    const names = [route.unit.length === 0 ? 'request' : 'none', ...route.unit.map((u) => u.text)];
    return Int32Array.from(names, (name) => this.unitSources.create(route.row, name));
  }

  #time(values: Float64Array, base: number, durationMs: number): void {
    const { boundsMs } = this;
    const { length } = boundsMs;
    let bucket = 0;
    while (bucket < length && durationMs > (boundsMs[bucket] as number)) bucket++;
    add(values, base + bucket, 1);
    add(values, base + length + 1, durationMs);
  }

  /** Returns the column of a status code. */
  columnOf(status: number): number {
    const column = this.#codeColumn[status] ?? otherCode;
    return column === 0 && status !== 0 ? this.#nameCode(status) : column;
  }

  /** Gives a code its column, at first sight and for ever; those that come too late are `other`. */
  #nameCode(status: number): number {
    const column = this.codes.length < otherCode ? this.codes.length : otherCode;
    this.#codeColumn[status] = column;
    if (column < otherCode) this.codes.push(String(status));
    return column;
  }
}

/** Adds in place. The caller's index is inside by construction: typed arrays have no holes. */
function add(values: Float64Array, at: number, amount: number): void {
  values[at] = (values[at] as number) + amount;
}
