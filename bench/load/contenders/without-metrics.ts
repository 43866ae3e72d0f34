// For the benchmark alone: node --import ./bench/load/contenders/without-metrics.ts dist/main.js …
// Nothing is counted. There is no such setting, because counting is nearly free: this shows it.
import type { Metrics as MetricsClass } from '../../../src/telemetry/metrics.ts';

const built = '../../../dist/telemetry/metrics.js';
const { Metrics } = (await import(built)) as { Metrics: typeof MetricsClass };

for (const name of ['observe', 'inFlight', 'held', 'refused', 'connection'] as const) {
  if (!(name in Metrics.prototype)) throw new Error(`Metrics has no ${name} any more`);
  Metrics.prototype[name] = () => {};
}
