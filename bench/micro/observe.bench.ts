// What does counting an exchange cost, at its end?
import { Metrics } from '../../src/telemetry/metrics.ts';
import { assignmentTo, exchange, snapshotOf } from '../../test/telemetry/snapshots.ts';

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

function nanosecondsPer(run: (at: number) => void): number {
  const times: number[] = [];
  for (let round = 0; round < 15; round++) {
    const began = process.hrtime.bigint();
    for (let i = 0; i < 300_000; i++) run(i & 1_023);
    times.push(Number(process.hrtime.bigint() - began) / 300_000);
  }
  return times.sort((a, b) => a - b)[7] ?? 0;
}

let used = 0;
const measured = {
  'baseline: pick an exchange': nanosecondsPer((at) => {
    used += inputs[at]?.status ?? 0;
  }),
  'observe, 20 routes, 40 pairs, all kinds': nanosecondsPer((at) => {
    const input = inputs[at];
    if (input !== undefined) metrics.observe(input);
  }),
  'in flight and out again': nanosecondsPer((at) => {
    metrics.inFlight(at % 40, 1);
    metrics.inFlight(at % 40, -1);
  }),
};
for (const [what, ns] of Object.entries(measured))
  console.log(`${ns.toFixed(1).padStart(7)} ns  ${what}`);
console.log(`(${used > 0 ? 'used' : ''}; Node ${process.version})`);
