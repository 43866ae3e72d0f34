import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { test } from 'tap';
import type { Snapshot } from '#core/snapshot/snapshot';
import { Adding } from '../../src/telemetry/adding.ts';
import { type ExpositionPorts, families } from '../../src/telemetry/exposition.ts';
import { Telling } from '../../src/telemetry/increments.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { noRollouts } from '../../src/telemetry/rollout-families.ts';
import { noWatches } from '../../src/telemetry/watch-families.ts';
import { noWorkers } from '../../src/telemetry/worker-families.ts';
import { assignmentTo, exchange, type RouteSketch, routeIn, snapshotOf } from './snapshots.ts';

const documents: readonly (readonly RouteSketch[])[] = [
  [{ name: 'shop', versions: { v1: 90, v2: 10 }, audiences: { testers: 'v2', phones: 'v1' } }],
  [
    { name: 'api', versions: { v1: 1, v3: 1 }, unit: ['header:x-user-id', 'issue'] },
    { name: 'shop', versions: { v2: 1, v1: 1 }, audiences: { phones: 'v1' } },
  ],
];

function newMetrics(): Metrics {
  return new Metrics({ refusals: ['bare_lf', 'bad_host'], now: () => 0 });
}

/** Puts a document in force; with the rows of the primary, if it is a worker that does. */
function swap(metrics: Metrics, document: number, primary?: Metrics): Snapshot {
  if (primary !== undefined) metrics.rows.take(primary.rows.pairs());
  const snapshot = snapshotOf(documents[document] ?? [], metrics.rows.rowOf);
  metrics.swapped(snapshot, 'document');
  return snapshot;
}

/** Something that happens in a process, at an instant. */
type Event = (metrics: Metrics, at: number) => void;

const status = fc.constantFrom(0, 200, 201, 299, 404, 418, 500, 503, 599);
const anExchange = fc
  .record({
    status,
    method: fc.constantFrom('GET', 'POST', 'BREW'),
    failure: fc.constantFrom(undefined, 'connect_failure' as const, 'client_disconnect' as const),
    bytesIn: fc.nat(9),
    bytesOut: fc.nat(9),
    retries: fc.nat(1),
    version: fc.constantFrom('v1', 'v2', undefined),
    unitSource: fc.constantFrom(-1, 0),
    byAudience: fc.boolean(),
  })
  .map(({ version, unitSource, byAudience, ...observed }): Event => {
    return (metrics, endedAt) => {
      const { snapshot } = metrics.inForce();
      if (snapshot === undefined || version === undefined) {
        metrics.observe(exchange({ ...observed, endedAt }));
        return;
      }
      const route = routeIn(snapshot, 'shop');
      const audience = byAudience ? route.audiences[0] : undefined;
      const reason = audience === undefined ? 'split' : 'audience';
      const assignment = assignmentTo(route, version, { unitSource, reason, audience });
      const row = metrics.rowFor(route, assignment);
      metrics.inFlight(row, 1);
      metrics.observe(exchange({ ...observed, endedAt, route, assignment }));
      metrics.inFlight(row, -1);
    };
  });
const anEvent = fc.oneof(
  { weight: 5, arbitrary: anExchange },
  fc.constantFrom<Event>(
    (metrics) => metrics.inFlight(2, 1),
    (metrics) => metrics.held(3, 1),
    (metrics, at) => metrics.sent(2, at),
    (metrics, at) => metrics.sent(3, at),
    (metrics) => metrics.tunnelOpened(2),
    (metrics) => metrics.tunnelled(3, 1, 2),
    (metrics, at) => metrics.tunnelEnded(2, 'drained', at),
    (metrics) => metrics.connection('downstream', 1),
    (metrics) => metrics.connection('upstream', 1),
    (metrics) => metrics.connection('upstream', -1),
    (metrics) => metrics.refused('bad_host'),
    (metrics) => metrics.bug(),
    (metrics) => metrics.handshakeFailed('timeout'),
    (metrics) => metrics.shedding('keep-alive'),
  ),
);

/** All series with their values, in an order of their own. */
function seriesOf(metrics: Metrics): Map<string, number> {
  const ports: ExpositionPorts = {
    metrics,
    now: () => 60_000,
    wallNow: () => 1_700_000_060_000,
    version: '1.2.3',
    draining: () => false,
    certificates: () => [],
    workers: noWorkers,
    rollouts: noRollouts,
    watching: noWatches,
    document: () => ({
      hash: 'a1b2c3d4e5f6',
      source: 'file',
      lastSuccessAt: undefined,
      activation: { tookMs: 120, ageMs: 1_500 },
      refusal: undefined,
      counts: { applied: 1, unchanged: 0, refused: 0 },
    }),
  };
  const series = new Map<string, number>();
  for (const { name, read } of families(ports)) {
    for (const samples of read()) {
      for (const { value, labels, sharedLabels, metricName } of samples) {
        const all = Object.entries({ ...sharedLabels, ...labels }).sort();
        series.set(`${metricName ?? name} ${JSON.stringify(all)}`, value);
      }
    }
  }
  return new Map([...series].sort());
}

/** As sums of floating point are: not to the last bit. */
function rounded(series: Map<string, number>): Map<string, number> {
  return new Map([...series].map(([name, value]) => [name, Math.round(value * 1e6) / 1e6]));
}

/** A worker as its primary has it. */
class Worker {
  readonly metrics = newMetrics();
  readonly #telling = new Telling(this.metrics);
  readonly #adding: Adding;

  constructor(primary: Metrics) {
    this.#adding = new Adding(primary);
  }

  /** What it tells goes to the primary as it would go through a channel. */
  tell(): void {
    this.#adding.add(structuredClone(this.#telling.take()));
  }

  die(): void {
    this.#adding.drop();
  }
}

/** A primary with three workers, and beside them one process that does all of it alone. */
class Crew {
  readonly alone = newMetrics();
  readonly primary = newMetrics();
  readonly workers: Worker[] = [];
  #document = 0;
  #now = 1_012;

  constructor() {
    this.swap(0);
    for (const at of [0, 1, 2]) this.beginAnew(at);
  }

  swap(document: number): void {
    this.#document = document;
    swap(this.alone, document);
    swap(this.primary, document);
    for (const { metrics } of this.workers) swap(metrics, document, this.primary);
  }

  beginAnew(at: number): void {
    const worker = new Worker(this.primary);
    swap(worker.metrics, this.#document, this.primary);
    this.workers[at] = worker;
  }

  happens(at: number, event: Event): void {
    this.#now += 7;
    event(this.alone, this.#now);
    for (const { metrics } of this.workers.slice(at, at + 1)) event(metrics, this.#now);
  }
}

const happens = fc.record({ at: fc.nat(2), event: anEvent });
const happening = fc.oneof(
  {
    weight: 9,
    arbitrary: happens.map(
      ({ at, event }) =>
        (crew: Crew) =>
          crew.happens(at, event),
    ),
  },
  { weight: 2, arbitrary: fc.nat(2).map((at) => (crew: Crew) => crew.workers[at]?.tell()) },
  { weight: 1, arbitrary: fc.nat(1).map((document) => (crew: Crew) => crew.swap(document)) },
);

test('what workers count adds up to what one process would have counted', async () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const crew = new Crew();
      for (const happen of happenings) happen(crew);
      for (const worker of crew.workers) worker.tell();
      const [together, whole] = [seriesOf(crew.primary), seriesOf(crew.alone)].map(rounded);
      return isDeepStrictEqual(together, whole);
    }),
  );
});

test('no counter falls when a worker dies, and of how things stood with it nothing stays', async () => {
  const counter = /^\w+_(total|bucket|sum|count|timestamp_seconds) /;
  const gauge = /^turnout_(in_flight_requests|held_requests|connections) /;
  const dies = fc.nat(2).map((at) => (crew: Crew) => {
    crew.workers[at]?.die();
    crew.beginAnew(at);
  });
  const any = fc.oneof({ weight: 5, arbitrary: happening }, { weight: 1, arbitrary: dies });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 60 }), (happenings) => {
      const crew = new Crew();
      let before = seriesOf(crew.primary);
      for (const happen of happenings) {
        happen(crew);
        const after = seriesOf(crew.primary);
        const counters = [...before].filter(([name]) => counter.test(name));
        const fallen = counters.filter(([name, value]) => !((after.get(name) ?? -1) >= value));
        if (fallen.length > 0) throw new Error(`fell: ${JSON.stringify(fallen)}`);
        before = after;
      }
      for (const worker of crew.workers) worker.die();
      const left = [...seriesOf(crew.primary)].filter(([name, value]) => gauge.test(name) && value);
      if (left.length > 0) throw new Error(`stayed: ${JSON.stringify(left)}`);
    }),
  );
});

test('what is open and under way in a worker is gone with it', async (t) => {
  const crew = new Crew();
  const [first, second] = crew.workers;
  for (const worker of [first, second]) {
    worker?.metrics.inFlight(2, 1);
    worker?.metrics.held(2, 1);
    worker?.metrics.connection('downstream', 1);
    worker?.tell();
  }
  const standing = () =>
    [...seriesOf(crew.primary)].filter(([name, value]) => !name.includes('version_') && value > 0);
  const before = standing();
  first?.die();
  const gauges = before.filter(([name]) => /(requests|connections) /.test(name));
  t.same(
    gauges.map(([, value]) => value),
    [2, 2, 2],
  );
  const after = new Map(standing());
  t.same(
    gauges.map(([name]) => after.get(name)),
    [1, 1, 1],
  );
});

test('what is so in any worker is so once', async (t) => {
  const crew = new Crew();
  for (const worker of crew.workers) {
    worker.metrics.panicking(2, 1);
    worker.tell();
  }
  const panicking = () =>
    [...seriesOf(crew.primary)].filter(([name]) => /panicking .*"shop".*"v1"/.test(name));
  t.match(panicking(), [[String, 1]]);
});

test('a code has the same label, whoever saw it first', async (t) => {
  const primary = newMetrics();
  const workers = [new Worker(primary), new Worker(primary)];
  workers[0]?.metrics.observe(exchange({ status: 418 }));
  workers[1]?.metrics.observe(exchange({ status: 299 }));
  workers[1]?.metrics.observe(exchange({ status: 418 }));
  for (const worker of workers) worker.tell();
  const requests = [...seriesOf(primary)].filter(([name]) => name.includes('requests_total'));
  t.same(
    requests.map(([name, value]) => [/"code","(\d+)"/.exec(name)?.[1], value]),
    [
      ['299', 1],
      ['418', 2],
    ],
  );
});

test('a worker that starts late has the rows that its primary has', async (t) => {
  const primary = newMetrics();
  swap(primary, 0);
  swap(primary, 1);
  const late = newMetrics();
  swap(late, 1, primary);
  t.same(late.rows.pairs(), primary.rows.pairs());
  const other = newMetrics();
  swap(other, 1);
  t.throws(() => other.rows.take(primary.rows.pairs()), /is row \d+, not \d+/);
});

test('every counter there is moves when workers count', async (t) => {
  const primary = newMetrics();
  swap(primary, 0);
  const before = seriesOf(primary);
  const worker = new Worker(primary);
  const route = routeIn(swap(worker.metrics, 0, primary), 'shop');
  const assignment = assignmentTo(route, 'v1');
  worker.metrics.observe(
    exchange({ route, assignment, bytesIn: 1, retries: 1, failure: 'upstream_reset' }),
  );
  worker.metrics.sent(2, 4);
  worker.metrics.connection('upstream', 1);
  worker.metrics.refused('bare_lf');
  worker.metrics.bug();
  worker.metrics.handshakeFailed('timeout');
  worker.metrics.shedding('requests');
  worker.metrics.retried(2, 'stale');
  worker.metrics.retryDenied(2);
  worker.metrics.ejected(2, 'status');
  worker.metrics.endpoints(2, 'healthy', 1);
  worker.metrics.panicking(2, 1);
  worker.metrics.waiting(2, 1);
  worker.metrics.tunnelOpened(2);
  worker.metrics.tunnelOpened(2);
  worker.metrics.tunnelled(2, 1, 1);
  worker.metrics.tunnelEnded(2, 'closed', 5);
  worker.metrics.nameFailed('empty');
  worker.tell();
  const after = seriesOf(primary);
  /** What a worker doesn't count: the primary has the document. */
  const ofThePrimary =
    /^turnout_(document|snapshot|draining|build|version_(state|weight)|series|worker)/;
  const moved = new Set(
    [...after]
      .filter(([name, value]) => before.get(name) !== value)
      .map(([name]) => name.split(' ')[0]),
  );
  const names = new Set([...after.keys()].map((name) => name.split(' ')[0] ?? ''));
  const still = [...names].filter((name) => !ofThePrimary.test(name) && !moved.has(name));
  t.same(still, ['turnout_held_requests', 'turnout_in_flight_requests']);
});
