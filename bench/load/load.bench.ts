// How many requests does a CPU second of the proxy forward, beside what people use today?
//
// Proxy on core 0, origins and load on core 1, contenders in turn within each round, medians
// over the rounds. CPU seconds are the proxy's own, read from /proc: wall time on a shared
// machine says more about the neighbours.
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { record } from '../record.ts';
import { type Contender, contenders, type Ports } from './contenders.ts';
import { cpuSeconds, listening, residentMebibytes, startOn, stop } from './process.ts';
import { load } from './wrk.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
    size: { type: 'string', default: '1024' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = Number(values.connections);
/** Node compiles what is called often: the slower a proxy, the longer that takes. */
const warmUpSeconds = 4;
const ports: Ports = { proxy: 18_080, v1: 18_081, v2: 18_082 };

interface Run {
  readonly perCpuSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMebibytes: number;
  readonly failed: number;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function run(contender: Contender): Promise<Run> {
  // A killed worker of the one before may still hold the port for a moment.
  await listening(ports.proxy, false);
  const child = startOn(0, contender.command, contender.args);
  try {
    await listening(ports.proxy);
    const url = `http://127.0.0.1:${ports.proxy}/`;
    await load(1, { connections, seconds: warmUpSeconds, url });
    const { pid = 0 } = child;
    const before = cpuSeconds(pid);
    const result = await load(1, { connections, seconds, url });
    const used = cpuSeconds(pid) - before;
    return {
      perCpuSecond: result.requests / used,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      residentMebibytes: residentMebibytes(pid),
      failed: result.failed,
    };
  } finally {
    await stop(child);
  }
}

const origin = join(import.meta.dirname, 'origin.ts');
const origins = [
  startOn(1, process.execPath, [origin, String(ports.v1), values.size, 'v1']),
  startOn(1, process.execPath, [origin, String(ports.v2), values.size, 'v2']),
];
const runs = new Map<string, Run[]>();
try {
  await Promise.all([listening(ports.v1), listening(ports.v2)]);
  const list = contenders(ports).filter(({ name }) => !values.only || values.only.includes(name));
  for (let round = 0; round < rounds; round++) {
    for (const contender of list) {
      runs.set(contender.name, [...(runs.get(contender.name) ?? []), await run(contender)]);
    }
  }
} finally {
  await Promise.all(origins.map(stop));
}

const rows = [...runs].map(([name, each]) => ({
  name,
  requestsPerCpuSecond: Math.round(median(each.map((r) => r.perCpuSecond))),
  min: Math.round(Math.min(...each.map((r) => r.perCpuSecond))),
  max: Math.round(Math.max(...each.map((r) => r.perCpuSecond))),
  p50Ms: median(each.map((r) => r.p50Ms)),
  p99Ms: median(each.map((r) => r.p99Ms)),
  residentMebibytes: Math.round(median(each.map((r) => r.residentMebibytes))),
  failed: Math.max(...each.map((r) => r.failed)),
}));
process.stdout.write(
  `GET ${values.size} bytes, ${connections} connections, ${rounds} rounds of ${seconds} s; Node ${process.version}; ${cpus()[0]?.model}\n`,
);
console.table(rows);
record(`load-get-${values.size}-${connections}`, { rounds, seconds, rows });
