// What does counting an exchange cost, at its end?
import type { Observed } from '#core/exchange/observed';
import { Tally } from '../../src/rollout/tally.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { judgedRoute, of } from '../../test/rollout/judged.ts';
import { assignmentTo, exchange, snapshotOf } from '../../test/telemetry/snapshots.ts';
import { measure, report } from '../harness.ts';

const metrics = new Metrics({ refusals: [] });
const names = Array.from({ length: 20 }, (_, i) => `route-${i}`);
const snapshot = snapshotOf(
  names.map((name) => ({
    name,
    versions: { v1: 90, v2: 10 },
    audiences: { phones: 'v1', testers: 'v2' },
    unit: ['header:x-user-id', 'issue'],
  })),
  metrics.rows.rowOf,
);
metrics.swapped(snapshot, 'document');

const methods = ['GET', 'GET', 'GET', 'POST', 'HEAD', 'PUT'];
const statuses = [200, 200, 200, 200, 204, 304, 404, 503];
/** Exchanges of all kinds: the branches of the data path are taken as in traffic. */
const inputs = Array.from({ length: 1_024 }, (_, i) => {
  const route = snapshot.routes[i % snapshot.routes.length];
  if (route === undefined) throw new Error('no route');
  const audience = i % 5 === 0 ? route.audiences[i % 2] : undefined;
  return exchange({
    route,
    assignment: assignmentTo(route, i % 10 === 0 ? 'v2' : 'v1', {
      reason: audience === undefined ? 'split' : 'audience',
      audience,
      unitSource: (i % 3) - 1,
    }),
    // A new text each, as a scanner cuts it out of the bytes.
    method: Buffer.from(methods[i % methods.length] ?? 'GET').toString('latin1'),
    status: statuses[i % statuses.length] ?? 200,
    failure: i % 50 === 0 ? 'upstream_reset' : undefined,
    endedAt: 1_000 + ((i * 7) % 60),
    respondedAt: 1_000 + ((i * 5) % 50),
  });
});

function input(i: number): Observed {
  // Inside the list by construction.
  return inputs[i & 1_023] as Observed;
}

const tally = new Tally({ random: Math.random, after: () => {}, urgent: () => {} });
/** Of a route that is judged: each unit comes again and again, as people do. */
const judged = judgedRoute();
const units = Array.from({ length: 4_096 }, (_, i) => {
  const unit = `8c5b2f${i}e0a94d7b91c3d2f6a7b8c9d0`;
  const failed = i % 100 === 0 ? 500 : 200;
  const version = i % 10 === 0 ? 'v2' : 'v1';
  return of(judged, { unit, version, status: failed, ms: 5 + ((i * 7) % 120) });
});
const withoutUnit = units.map((observed) => ({
  ...observed,
  assignment: { ...observed.assignment, unit: '' },
}));

function tallied(list: readonly Observed[]): (i: number) => number {
  return (i) => {
    // Inside the list by construction.
    const observed = list[i & 4_095] as Observed;
    tally.observe(observed);
    return observed.status;
  };
}

report('What does counting an exchange cost, at its end?', [
  measure('baseline: pick an exchange', (i) => input(i).status),
  measure('observe, 20 routes, 40 pairs, all kinds', (i) => {
    const observed = input(i);
    metrics.observe(observed);
    return observed.status;
  }),
  measure('for the judge, 20 routes that nobody judges', (i) => {
    const observed = input(i);
    tally.observe(observed);
    return observed.status;
  }),
  measure('for the judge, a judged route without units', tallied(withoutUnit)),
  measure('for the judge, a judged route, 4,096 units', tallied(units)),
  measure('sent to a version', (i) => {
    metrics.sent(i % 40, i);
    return i;
  }),
  measure('into flight and out again', (i) => {
    metrics.inFlight(i % 40, 1);
    metrics.inFlight(i % 40, -1);
    return i;
  }),
]);
