import { test } from 'tap';
import { countsOf } from '../../src/edge/version-counts.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

test('what is counted of one route of a rule is what is counted of all of them', async (t) => {
  const metrics = new Metrics({ refusals: [], now: () => 0 });
  const { rows, columns } = metrics;
  const row = rows.rowOf('shop/cart#2', 'v2');
  rows.values[row * columns.total + columns.sent] = 7;
  const counts = countsOf(metrics);
  t.equal(counts('shop/cart#2', 'v2').sent, 7);
  t.equal(counts('shop/cart#2:3', 'v2').sent, 7);
  t.equal(counts('shop/cart', 'v2').sent, 0);
});
