import { spawnSync } from 'node:child_process';
import { test } from 'tap';
import { exposition } from '../../src/telemetry/exposition.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { noRollouts } from '../../src/telemetry/rollout-families.ts';
import { noWatches } from '../../src/telemetry/watch-families.ts';
import { noWorkers } from '../../src/telemetry/worker-families.ts';
import { assignmentTo, exchange, routeIn, snapshotOf } from './snapshots.ts';

const isInstalled = spawnSync('promtool', ['--version']).status === 0;
const skip = isInstalled
  ? false
  : 'not tested: promtool is not installed (Debian: apt-get install prometheus)';

test("Prometheus' own promtool finds nothing to say", { skip }, async (t) => {
  const metrics = new Metrics({ refusals: ['bare_lf'] });
  const sketch = { name: 'shop', versions: { v1: 90, v2: 10 }, audiences: { 'a "b"': 'v2' } };
  const snapshot = snapshotOf([sketch], metrics.rows.rowOf);
  metrics.swapped(snapshot, 'document');
  const route = routeIn(snapshot, 'shop');
  metrics.observe(exchange({ route, assignment: assignmentTo(route, 'v1') }));
  const expose = exposition({
    metrics,
    now: () => performance.now(),
    wallNow: () => Date.now(),
    version: '1.2.3',
    draining: () => false,
    certificates: () => [
      {
        side: 'upstream',
        file: 'a.crt',
        expiresAt: 1,
        refusal: '',
        counts: { applied: 1, refused: 0 },
      },
    ],
    workers: noWorkers,
    rollouts: noRollouts,
    watching: noWatches,
    document: () => ({
      hash: 'a1b2c3d4e5f6',
      source: 'file',
      lastSuccessAt: 1,
      activation: { tookMs: 120, ageMs: 1_500 },
      refusal: undefined,
      counts: { applied: 1, unchanged: 0, refused: 0 },
    }),
  });
  const { body } = await expose(undefined);
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: body,
    encoding: 'utf8',
  });
  const own = `${stdout}${stderr}`.split('\n').filter((line) => /turnout_|error/.test(line));
  t.strictSame(own, []);
  // Status 3: it has advice on a metric of Node's, which are not ours to name.
  t.ok(status === 0 || status === 3, `status ${status}`);
});
