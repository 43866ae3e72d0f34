// How much work does a core of the proxy do, how long does an answer take, and how much memory does
// it need, beside what people use today?
//
// Proxy on one core, origins and load on the other, contenders in turns within each round, medians
// over the rounds. CPU seconds are the proxy's own, read from /proc: wall time on a shared
// machine says more about the neighbours.
import { parseArgs } from 'node:util';
import { about, record } from '../record.ts';
import type { Contender } from './contenders/contender.ts';
import { takeLock } from './lock.ts';
import { stayOnLoadCore } from './process.ts';
import type { LatencyRow, MemoryRow, ThroughputRow } from './result.ts';
import { furtherWorkloads, type Workload, workloads } from './workloads.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    contenders: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    requests: { type: 'string', default: '1000000' },
    write: { type: 'boolean', default: false },
  },
});
const amount = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  requests: Number(values.requests),
};

/** Picks by name: `--only latency,memory`. */
function chosen<Of extends { readonly name: string }>(
  list: readonly Of[],
  names: string | undefined,
): readonly Of[] {
  if (names === undefined) return list;
  const wanted = names.split(',');
  const found = list.filter(({ name }) =>
    wanted.some((each) => name === each || name.startsWith(`${each}, `)),
  );
  return found;
}

const said = new Set<string>();

/** Says of each contender that is not there how it comes there, once. */
function isHere({ name, version, install }: Contender): boolean {
  if (version() !== undefined) return true;
  if (!said.has(name)) process.stderr.write(`${name} is left out: ${install}\n`);
  said.add(name);
  return false;
}

type Row = ThroughputRow | LatencyRow | MemoryRow;

/** One line for the terminal: what is spread over rounds, by its median; rates and times short. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.join(' ');
  if (typeof value === 'number') return Math.round(value * 100) / 100;
  return typeof value === 'object' && value !== null && 'median' in value
    ? shown(value.median)
    : value;
}

function flat(row: Omit<Row, 'name'>): Record<string, unknown> {
  const entries = Object.entries(row).filter(([key]) => key !== 'version' && key !== 'perRound');
  return Object.fromEntries(entries.map(([key, value]) => [key, shown(value)]));
}

async function run({ name, contenders, measure }: Workload): Promise<number> {
  const startedAt = performance.now();
  const present = chosen(contenders, values.contenders).filter(isHere);
  if (present.length === 0) return 0;
  const rows = await measure(present, amount);
  const took = Math.round((performance.now() - startedAt) / 1_000);
  process.stdout.write(`\n${name}, ${took} s\n`);
  console.table(Object.fromEntries(rows.map(({ name: of, ...row }) => [of, flat(row)])));
  record(`load-${name}`, { ...amount, rows });
  const own = rows.filter((row) => row.name.startsWith('turnout'));
  return Math.max(0, ...own.map(({ failed }) => failed));
}

takeLock();
stayOnLoadCore();
const { machine, node } = about();
process.stdout.write(`${amount.rounds} rounds of ${amount.seconds} s; ${machine}, Node ${node}\n`);
const all = values.only === undefined ? workloads : [...workloads, ...furtherWorkloads];
for (const workload of chosen(all, values.only)) {
  const failed = await run(workload);
  if (failed === 0) continue;
  process.stderr.write(`${workload.name}: ${failed} requests to turnout failed\n`);
  process.exitCode = 1;
}
