import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'tap';
import type { Observed } from '#core/exchange/observed';
import { type ExpositionPorts, exposition, families } from '../../src/telemetry/exposition.ts';
import { Metrics, type MetricsOptions } from '../../src/telemetry/metrics.ts';
import { noRollouts } from '../../src/telemetry/rollout-families.ts';
import { goneAfterMs } from '../../src/telemetry/rows.ts';
import { noWatches } from '../../src/telemetry/watch-families.ts';
import { noWorkers } from '../../src/telemetry/worker-families.ts';
import { type Parsed, parseExposition, valueIn } from './parse-exposition.ts';
import { assignmentTo, exchange, type RouteSketch, routeIn, snapshotOf } from './snapshots.ts';

const openMetricsType = 'application/openmetrics-text';
const shop: RouteSketch = { name: 'shop', versions: { v1: 90, v2: 10 } };

/** A process of which only the counting runs, with a clock of its own. */
function counting(options: Partial<MetricsOptions> = {}, more: Partial<ExpositionPorts> = {}) {
  const clock = { nowMs: 5_000 };
  const now = () => clock.nowMs;
  const metrics = new Metrics({ refusals: ['bare_lf', 'bad_host'], now, ...options });
  const ports: ExpositionPorts = {
    metrics,
    now,
    wallNow: () => 1_700_000_000_000 + clock.nowMs,
    version: '1.2.3',
    draining: () => false,
    certificates: () => [
      {
        side: 'downstream',
        file: 'shop.crt',
        expiresAt: 1_800_000_000_000,
        refusal: 'the key is not that of the certificate',
        counts: { applied: 2, refused: 1 },
      },
      {
        side: 'upstream',
        file: 'ca.pem',
        expiresAt: undefined,
        refusal: undefined,
        counts: { applied: 1, refused: 0 },
      },
    ],
    workers: noWorkers,
    rollouts: noRollouts,
    watching: noWatches,
    document: () => ({
      hash: 'a1b2c3d4e5f6',
      source: 'file',
      lastSuccessAt: 1_700_000_001_000,
      activation: { tookMs: 120, ageMs: 1_500 },
      refusal: undefined,
      counts: { applied: 2, unchanged: 1, refused: 3 },
    }),
    ...more,
  };
  const expose = exposition(ports);
  const swap = (routes: readonly RouteSketch[]) => {
    const snapshot = snapshotOf(routes, metrics.rows.rowOf);
    metrics.swapped(snapshot, 'document');
    return snapshot;
  };
  const scrape = async (accept?: string) =>
    parseExposition((await expose(accept)).body, { openMetrics: accept === openMetricsType });
  return { clock, metrics, ports, expose, swap, scrape };
}

test('an exchange is counted once, under route and version', async (t) => {
  const { metrics, swap, scrape } = counting();
  const route = routeIn(swap([shop]), 'shop');
  metrics.observe(
    exchange({
      route,
      assignment: assignmentTo(route, 'v2'),
      bytesIn: 7,
      bytesOut: 11,
    }),
  );
  const parsed = await scrape();
  const rv = { route: 'shop', version: 'v2' };
  const values = {
    requests: valueIn(parsed, 'turnout_requests_total', { ...rv, method: 'GET', code: '200' }),
    slower: valueIn(parsed, 'turnout_request_duration_seconds_bucket', {
      ...rv,
      code_class: '2xx',
      le: '0.01',
    }),
    faster: valueIn(parsed, 'turnout_request_duration_seconds_bucket', {
      ...rv,
      code_class: '2xx',
      le: '0.025',
    }),
    sum: valueIn(parsed, 'turnout_request_duration_seconds_sum', { ...rv, code_class: '2xx' }),
    upstream: valueIn(parsed, 'turnout_upstream_duration_seconds_sum', rv),
    success: valueIn(parsed, 'turnout_outcomes_total', { ...rv, outcome: 'success' }),
    split: valueIn(parsed, 'turnout_decisions_total', { ...rv, reason: 'split', audience: '' }),
    source: valueIn(parsed, 'turnout_unit_source_total', { route: 'shop', source: 'issue' }),
    in: valueIn(parsed, 'turnout_bytes_total', { ...rv, direction: 'in' }),
    out: valueIn(parsed, 'turnout_bytes_total', { ...rv, direction: 'out' }),
    other: valueIn(parsed, 'turnout_requests_total', {
      route: 'shop',
      version: 'v1',
      method: 'GET',
      code: '200',
    }),
  };
  t.same(values, {
    requests: 1,
    slower: 0,
    faster: 1,
    sum: 0.012,
    upstream: 0.011,
    success: 1,
    split: 1,
    source: 1,
    in: 7,
    out: 11,
    other: 0,
  });
});

test('endpoints and retries are counted by version, names by what was wrong', async (t) => {
  const { metrics, swap, scrape } = counting();
  const [v1] = routeIn(swap([shop]), 'shop').versions;
  const row = v1?.row ?? -1;
  metrics.endpoints(row, 'healthy', 3);
  metrics.endpoints(row, 'healthy', -1);
  metrics.endpoints(row, 'ejected', 1);
  metrics.ejected(row, 'status');
  metrics.panicking(row, 1);
  metrics.waiting(row, 1);
  metrics.waiting(row, 1);
  metrics.waiting(row, -1);
  metrics.retried(row, 'stale');
  metrics.retried(row, 'stale');
  metrics.retried(row, 'status');
  metrics.retryDenied(row);
  metrics.nameFailed('empty');
  const parsed = await scrape();
  const rv = { route: 'shop', version: 'v1' };
  const value = (name: string, more: Record<string, string> = {}) =>
    valueIn(parsed, `turnout_${name}`, { ...rv, ...more });
  t.same(
    {
      healthy: value('endpoints', { state: 'healthy' }),
      unhealthy: value('endpoints', { state: 'unhealthy' }),
      ejected: value('endpoints', { state: 'ejected' }),
      ejections: value('ejections_total', { reason: 'status' }),
      others: value('ejections_total', { reason: 'unanswered' }),
      panics: value('version_panicking'),
      waiting: value('waiting_requests'),
      stale: value('retries_total', { reason: 'stale' }),
      status: value('retries_total', { reason: 'status' }),
      reset: value('retries_total', { reason: 'reset' }),
      denied: value('retries_denied_total'),
      names: valueIn(parsed, 'turnout_name_lookup_failures_total', { reason: 'empty' }),
    },
    {
      healthy: 2,
      unhealthy: 0,
      ejected: 1,
      ejections: 1,
      others: 0,
      panics: 1,
      waiting: 1,
      stale: 2,
      status: 1,
      reset: 0,
      denied: 1,
      names: 1,
    },
  );
});

test('a duration equal to a bound is within it', async (t) => {
  const { metrics, swap, scrape } = counting();
  const route = routeIn(swap([shop]), 'shop');
  metrics.observe(exchange({ route, assignment: assignmentTo(route, 'v1'), endedAt: 1_010 }));
  const name = 'turnout_request_duration_seconds_bucket';
  const labels = { version: 'v1', code_class: '2xx' };
  const parsed = await scrape();
  t.equal(valueIn(parsed, name, { ...labels, le: '0.005' }), 0);
  t.equal(valueIn(parsed, name, { ...labels, le: '0.01' }), 1);
});

test('a failure is counted by its word, and the version that was chosen bears it', async (t) => {
  const { metrics, swap, scrape } = counting();
  const route = routeIn(swap([shop]), 'shop');
  const chosen = assignmentTo(route, 'v2');
  metrics.observe(exchange({ route, assignment: chosen, failure: 'connect_failure', status: 502 }));
  metrics.observe(
    exchange({
      route,
      // No endpoint of the version was usable: it was assigned, but nothing serves.
      assignment: { ...chosen, version: undefined },
      failure: 'no_endpoint',
      status: 503,
      respondedAt: 0,
    }),
  );
  const parsed = await scrape();
  const errors = 'turnout_errors_total';
  t.equal(valueIn(parsed, errors, { version: 'v2', reason: 'connect_failure' }), 1);
  t.equal(valueIn(parsed, errors, { version: 'v2', reason: 'no_endpoint' }), 1);
  t.equal(valueIn(parsed, 'turnout_outcomes_total', { version: 'v2', outcome: 'failure' }), 2);
  t.equal(valueIn(parsed, 'turnout_upstream_duration_seconds_count', { version: 'v2' }), 1);
});

test('what no route took has empty labels', async (t) => {
  const { metrics, swap, scrape } = counting();
  swap([shop]);
  metrics.observe(exchange({ status: 404, failure: 'no_route', respondedAt: 0 }));
  const parsed = await scrape();
  const nowhere = { route: '', version: '' };
  t.equal(valueIn(parsed, 'turnout_errors_total', { ...nowhere, reason: 'no_route' }), 1);
  t.equal(valueIn(parsed, 'turnout_requests_total', { ...nowhere, code: '404' }), 1);
});

test('methods and codes come from closed lists', async (t) => {
  const { metrics, swap, scrape } = counting();
  const route = routeIn(swap([shop]), 'shop');
  const assignment = assignmentTo(route, 'v1');
  for (const method of ['GET', 'PROPFIND', 'get', 'X'.repeat(24)]) {
    metrics.observe(exchange({ route, assignment, method }));
  }
  for (let status = 0; status < 1_000; status++) {
    metrics.observe(exchange({ route, assignment, status }));
  }
  const labels = (await scrape()).lines.map((line) => line.labels);
  const methods = new Set(labels.flatMap(({ method }) => method ?? []));
  const codes = new Set(labels.flatMap(({ code }) => code ?? []));
  t.same([...methods].sort(), ['GET', '_OTHER']);
  t.ok(codes.size <= 64, `${codes.size} codes`);
  t.ok(codes.has('other') && codes.has('0') && codes.has('503'));
  const classes = new Set(labels.flatMap(({ code_class }) => code_class ?? []));
  t.same([...classes].sort(), ['1xx', '2xx', '3xx', '4xx', '5xx', 'none']);
});

test('audiences keep their counters when a reload moves them', async (t) => {
  const { metrics, swap, scrape } = counting();
  const before = routeIn(swap([{ ...shop, audiences: { testers: 'v2', phones: 'v1' } }]), 'shop');
  const [testers, phones] = before.audiences;
  t.equal(
    valueIn(await scrape(), 'turnout_decisions_total', { audience: 'phones' }),
    0,
    'the series is there before the first request',
  );
  const byPhone = assignmentTo(before, 'v1', { reason: 'audience', audience: phones });
  metrics.observe(exchange({ route: before, assignment: byPhone }));
  const after = routeIn(swap([{ ...shop, audiences: { phones: 'v1', testers: 'v2' } }]), 'shop');
  metrics.observe(
    exchange({ route: after, assignment: { ...byPhone, audience: after.audiences[0] } }),
  );
  // One that began before the reload ends after it.
  metrics.observe(
    exchange({
      route: before,
      assignment: assignmentTo(before, 'v2', { reason: 'audience', audience: testers }),
    }),
  );
  const parsed = await scrape();
  const decisions = 'turnout_decisions_total';
  t.equal(valueIn(parsed, decisions, { version: 'v1', reason: 'audience', audience: 'phones' }), 2);
  t.equal(valueIn(parsed, decisions, { version: 'v2', audience: 'testers' }), 1);
});

test('sources of the unit keep their counters when a reload moves them', async (t) => {
  const { metrics, swap, scrape } = counting();
  const before = routeIn(swap([{ ...shop, unit: ['header:x-user-id', 'issue'] }]), 'shop');
  const after = routeIn(swap([{ ...shop, unit: ['issue', 'header:x-user-id'] }]), 'shop');
  for (const [route, unitSource] of [
    [before, 0],
    [after, 1],
    [after, -1],
  ] as const) {
    metrics.observe(exchange({ route, assignment: assignmentTo(route, 'v1', { unitSource }) }));
  }
  const parsed = await scrape();
  const name = 'turnout_unit_source_total';
  t.equal(valueIn(parsed, name, { source: 'header:x-user-id' }), 2);
  t.equal(valueIn(parsed, name, { source: 'issue' }), 0);
  t.equal(valueIn(parsed, name, { source: 'none' }), 1);
});

test('weights and states are those of the snapshot in force', async (t) => {
  const { swap, scrape } = counting();
  swap([{ name: 'shop', versions: { v1: 3, v2: 1, v3: [5, 'disabled'] } }]);
  const parsed = await scrape();
  const ratio = (version: string) =>
    valueIn(parsed, 'turnout_version_weight_ratio', { route: 'shop', version });
  t.same(['v1', 'v2', 'v3'].map(ratio), [0.75, 0.25, 0]);
  const state = 'turnout_version_state';
  t.equal(valueIn(parsed, state, { version: 'v3', state: 'disabled' }), 1);
  t.equal(valueIn(parsed, state, { version: 'v3', state: 'active' }), 0);
  t.equal(valueIn(parsed, 'turnout_snapshot_generation'), 1);
  t.equal(valueIn(parsed, 'turnout_snapshot_swaps_total', { cause: 'document' }), 1);
});

test('the last request of a version is told by wall clock, once there was one', async (t) => {
  const { metrics, swap, scrape, clock } = counting();
  const route = routeIn(swap([shop]), 'shop');
  const name = 'turnout_version_last_request_timestamp_seconds';
  t.equal(valueIn(await scrape(), name, { version: 'v1' }), undefined);
  metrics.observe(exchange({ route, assignment: assignmentTo(route, 'v1'), endedAt: 4_000 }));
  clock.nowMs = 9_000;
  t.equal(valueIn(await scrape(), name, { version: 'v1' }), 1_700_000_004);
});

test('what a version was sent, and when it was last, is told apart from what has ended', async (t) => {
  const { metrics, swap, scrape } = counting();
  const route = routeIn(swap([shop]), 'shop');
  const sent = 'turnout_version_requests_sent_total';
  const lastSent = 'turnout_version_last_sent_timestamp_seconds';
  t.equal(valueIn(await scrape(), sent, { version: 'v1' }), 0);
  t.equal(valueIn(await scrape(), lastSent, { version: 'v1' }), undefined);
  const row = metrics.rowFor(route, assignmentTo(route, 'v1'));
  metrics.sent(row, 3_000);
  metrics.sent(row, 4_000);
  const parsed = await scrape();
  t.equal(valueIn(parsed, sent, { version: 'v1' }), 2);
  t.equal(valueIn(parsed, lastSent, { version: 'v1' }), 1_700_000_004);
  t.equal(valueIn(parsed, lastSent, { version: 'v2' }), undefined);
});

test('what happens beside exchanges is counted', async (t) => {
  const { metrics, swap, scrape } = counting();
  const route = routeIn(swap([shop]), 'shop');
  const row = metrics.rowFor(route, assignmentTo(route, 'v1'));
  metrics.inFlight(row, 1);
  metrics.inFlight(row, 1);
  metrics.inFlight(row, -1);
  metrics.held(row, 1);
  metrics.connection('upstream', 1);
  metrics.connection('upstream', 1);
  metrics.connection('upstream', -1);
  metrics.refused('bare_lf');
  metrics.refused('never heard of');
  metrics.bug();
  const parsed = await scrape();
  t.equal(valueIn(parsed, 'turnout_in_flight_requests', { route: 'shop', version: 'v1' }), 1);
  t.equal(valueIn(parsed, 'turnout_held_requests', { route: 'shop', version: 'v1' }), 1);
  t.equal(valueIn(parsed, 'turnout_connections', { side: 'upstream' }), 1);
  t.equal(valueIn(parsed, 'turnout_connections_opened_total', { side: 'upstream' }), 2);
  t.equal(valueIn(parsed, 'turnout_refused_messages_total', { reason: 'bare_lf' }), 1);
  t.equal(valueIn(parsed, 'turnout_refused_messages_total', { reason: 'other' }), 1);
  t.equal(valueIn(parsed, 'turnout_refused_messages_total', { reason: 'bad_host' }), 0);
  t.equal(valueIn(parsed, 'turnout_bugs_total'), 1);
  t.equal(valueIn(parsed, 'turnout_document_reloads_total', { result: 'refused' }), 3);
  t.equal(valueIn(parsed, 'turnout_document_last_reload_successful'), 1);
  t.equal(valueIn(parsed, 'turnout_document_last_success_timestamp_seconds'), 1_700_000_001);
  t.equal(valueIn(parsed, 'turnout_document_info', { hash: 'a1b2c3d4e5f6', source: 'file' }), 1);
  t.equal(valueIn(parsed, 'turnout_build_info', { version: '1.2.3' }), 1);
});

test('certificates and handshakes that failed are told', async (t) => {
  const { metrics, scrape } = counting();
  metrics.handshakeFailed('plain_http');
  metrics.handshakeFailed('plain_http');
  const parsed = await scrape();
  const failures = 'turnout_tls_handshake_failures_total';
  t.equal(valueIn(parsed, failures, { reason: 'plain_http' }), 2);
  t.equal(valueIn(parsed, failures, { reason: 'timeout' }), 0);
  const shown = { side: 'downstream', certificate: 'shop.crt' };
  const expiry = 'turnout_tls_certificate_expiry_timestamp_seconds';
  t.equal(valueIn(parsed, expiry, shown), 1_800_000_000);
  t.equal(valueIn(parsed, expiry, { side: 'upstream', certificate: 'ca.pem' }), undefined);
  const reloads = 'turnout_tls_certificate_reloads_total';
  t.equal(valueIn(parsed, reloads, { ...shown, result: 'refused' }), 1);
  const successful = 'turnout_tls_certificate_last_reload_successful';
  t.equal(valueIn(parsed, successful, shown), 0);
  t.equal(valueIn(parsed, successful, { side: 'upstream', certificate: 'ca.pem' }), 1);
});

test('the series of a pair are there before its first request', async (t) => {
  const { swap, scrape } = counting();
  swap([shop]);
  const parsed = await scrape();
  const rv = { route: 'shop', version: 'v2' };
  for (const code of ['200', '500', '502', '503', '504']) {
    t.equal(valueIn(parsed, 'turnout_requests_total', { ...rv, method: 'GET', code }), 0, code);
  }
  for (const outcome of ['success', 'failure', 'ignored']) {
    t.equal(valueIn(parsed, 'turnout_outcomes_total', { ...rv, outcome }), 0, outcome);
  }
  for (const code_class of ['none', '2xx', '5xx']) {
    const count = 'turnout_request_duration_seconds_count';
    t.equal(valueIn(parsed, count, { ...rv, code_class }), 0, code_class);
  }
  t.equal(valueIn(parsed, 'turnout_decisions_total', { ...rv, reason: 'sticky' }), 0);
  t.equal(valueIn(parsed, 'turnout_errors_total', { ...rv, reason: 'connect_timeout' }), 0);
});

test('the series of a pair that left go after a while, and count on when it returns', async (t) => {
  const { metrics, swap, scrape, clock } = counting();
  const route = routeIn(swap([shop]), 'shop');
  metrics.observe(exchange({ route, assignment: assignmentTo(route, 'v2') }));
  const name = 'turnout_outcomes_total';
  const labels = { version: 'v2', outcome: 'success' };
  swap([{ name: 'shop', versions: { v1: 1 } }]);
  t.equal(valueIn(await scrape(), name, labels), 1, 'still there');
  clock.nowMs += goneAfterMs;
  t.equal(valueIn(await scrape(), name, labels), undefined, 'gone');
  const back = routeIn(swap([shop]), 'shop');
  metrics.observe(exchange({ route: back, assignment: assignmentTo(back, 'v2') }));
  t.equal(valueIn(await scrape(), name, labels), 2, 'counts on');
});

test('pairs beyond the limit are shown together', async (t) => {
  const { metrics, swap, scrape } = counting({ maxNamedPairs: 1 });
  const route = routeIn(swap([{ name: 'shop', versions: { v1: 1, v2: 1, v3: 1 } }]), 'shop');
  for (const version of ['v1', 'v2', 'v3']) {
    metrics.observe(exchange({ route, assignment: assignmentTo(route, version) }));
  }
  const parsed = await scrape();
  const name = 'turnout_outcomes_total';
  t.equal(valueIn(parsed, name, { version: 'v1', outcome: 'success' }), 1);
  t.equal(
    valueIn(parsed, name, { route: '_overflow', version: '_overflow', outcome: 'success' }),
    2,
  );
  t.equal(valueIn(parsed, name, { version: 'v2', outcome: 'success' }), undefined);
  t.equal(valueIn(parsed, 'turnout_series_overflow_pairs'), 2);
});

test('names are escaped', async (t) => {
  const { swap, scrape } = counting();
  const name = 'a"b\\c\nd';
  swap([{ name, versions: { v1: 1 } }]);
  t.equal(valueIn(await scrape(), 'turnout_version_weight_ratio', { route: name }), 1);
});

/** Throws if a counter is less than it was. */
function checkRising({ types, lines }: Parsed, last: Map<string, number>): void {
  const counts = lines.filter(({ name }) => {
    const type = types.get(name.replace(/_(bucket|sum|count)$/, ''));
    return name.startsWith('turnout_') && type !== 'gauge';
  });
  for (const { name, labels, value } of counts) {
    const series = name + JSON.stringify(labels);
    if (value < (last.get(series) ?? 0)) throw new Error(`${series} fell to ${value}`);
    last.set(series, value);
  }
}

test('no counter ever falls, whatever comes, leaves and returns', async () => {
  const versions = fc.uniqueArray(fc.constantFrom('v1', 'v2', 'v3', 'v4'), { minLength: 1 });
  const step = fc.record({ versions, requests: fc.nat(5), minutes: fc.constantFrom(0, 20) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), async (steps) => {
      const { metrics, swap, scrape, clock } = counting({ maxNamedPairs: 3 });
      const last = new Map<string, number>();
      for (const { versions: present, requests, minutes } of steps) {
        clock.nowMs += minutes * 60_000;
        const weights = Object.fromEntries(present.map((version) => [version, 1]));
        const route = routeIn(swap([{ name: 'shop', versions: weights }]), 'shop');
        for (let i = 0; i < requests; i++) {
          const version = present[i % present.length] ?? '';
          metrics.observe(exchange({ route, assignment: assignmentTo(route, version) }));
        }
        checkRising(await scrape(), last);
      }
    }),
    { numRuns: 20 },
  );
});

for (const { accept, openMetrics, because } of [
  { accept: undefined, openMetrics: false, because: 'nothing is asked for' },
  { accept: '*/*', openMetrics: false, because: 'curl takes anything' },
  { accept: 'text/html,*/*;q=0.8', openMetrics: false, because: 'a browser asks' },
  { accept: openMetricsType, openMetrics: true, because: 'it is asked for' },
  {
    // What Prometheus 2.53 sends.
    accept:
      'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    openMetrics: true,
    because: 'Prometheus prefers it',
  },
  {
    accept: 'application/openmetrics-text;q=0.1, text/plain',
    openMetrics: false,
    because: 'text is preferred',
  },
  { accept: 'application/openmetrics-text;q=0', openMetrics: false, because: 'it is refused' },
]) {
  test(`answers as ${openMetrics ? 'OpenMetrics' : 'text'}: ${because}`, async (t) => {
    const { contentType, body } = await counting().expose(accept);
    t.match(
      contentType,
      openMetrics ? /^application\/openmetrics-text; version=1/ : /^text\/plain/,
    );
    t.doesNotThrow(() => parseExposition(body, { openMetrics }));
  });
}

test('both formats say the same, in any order of scrapes', async (t) => {
  const { metrics, swap, scrape } = counting();
  const route = routeIn(swap([{ ...shop, audiences: { testers: 'v2' } }]), 'shop');
  metrics.observe(exchange({ route, assignment: assignmentTo(route, 'v1') }));
  const own = (lines: Awaited<ReturnType<typeof scrape>>['lines']) =>
    lines.filter((line) => line.name.startsWith('turnout_'));
  const first = own((await scrape()).lines);
  const open = own((await scrape(openMetricsType)).lines);
  const again = own((await scrape()).lines);
  t.same(again, first, 'an OpenMetrics scrape leaves the text as it was');
  t.same(open, first);
});

test('a scrape of many series leaves the traffic its turns', async (t) => {
  const { swap, expose } = counting();
  swap(Array.from({ length: 40 }, (_, i) => ({ ...shop, name: `route-${i}` })));
  let turns = 0;
  let scraping = true;
  const turn = () => {
    turns++;
    if (scraping) setImmediate(turn);
  };
  setImmediate(turn);
  await expose(undefined);
  scraping = false;
  t.ok(turns > 5, `${turns} turns of the event loop`);
});

test('nothing that is not a number is shown', async (t) => {
  const { body } = await counting().expose(undefined);
  t.notMatch(body, / nan$/im);
});

test('labels are those of the list, and none that a Prometheus attaches', async (t) => {
  const { swap, scrape, ports } = counting();
  swap([{ ...shop, audiences: { testers: 'v2' } }]);
  const { lines, types } = await scrape();
  const reserved = ['namespace', 'pod', 'service', 'job', 'instance', 'container', 'endpoint'];
  for (const { name, labels } of families(ports)) {
    t.ok(types.has(name), `${name} is shown`);
    t.notOk(
      labels.some((label) => reserved.includes(label)),
      `${name} has no reserved label`,
    );
    const own = lines.filter((line) => line.name.replace(/_(bucket|sum|count)$/, '') === name);
    for (const line of own) {
      const found = Object.keys(line.labels).filter((label) => label !== 'le');
      t.strictSame(found.sort(), [...labels].sort(), line.name);
    }
  }
});

test('the reference has a row for each metric, with type and labels', async (t) => {
  const reference = readFileSync(
    new URL('../../docs/reference/metrics.md', import.meta.url),
    'utf8',
  );
  const rows = reference.split('\n').filter((line) => line.startsWith('| `turnout_'));
  const { ports } = counting();
  t.strictSame(
    rows.map((row) =>
      row
        .split('|')
        .slice(1, 4)
        .map((cell) => cell.trim()),
    ),
    families(ports).map(({ name, type, labels }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(' '),
    ]),
  );
});

test('an exchange that begins before a reload and ends after it is counted', async (t) => {
  const { metrics, swap, scrape } = counting();
  const before = routeIn(swap([shop]), 'shop');
  const observed: Observed = exchange({ route: before, assignment: assignmentTo(before, 'v2') });
  swap(Array.from({ length: 50 }, (_, i) => ({ ...shop, name: `route-${i}` })));
  metrics.observe(observed);
  const labels = { route: 'shop', version: 'v2', outcome: 'success' };
  t.equal(valueIn(await scrape(), 'turnout_outcomes_total', labels), 1);
});
