import type { Contender } from './contenders/contender.ts';
import {
  contenders,
  fiveRoutes,
  fiveThousandRoutes,
  metricsOff,
  roomy,
} from './contenders/list.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { uploadBytes } from './origin.ts';
import type { LatencyRow, MemoryRow, ThroughputRow } from './result.ts';
import { type Effort, measureThroughput, type ThroughputWork } from './throughput.ts';

/** How much is measured. */
export interface Amount extends Effort {
  /** For memory. */
  readonly requests: number;
}

/** One thing that is measured of some contenders: a file in bench/results, `load-<name>.json`. */
export interface Workload {
  readonly name: string;
  readonly contenders: readonly Contender[];
  /** What the connections do, where they do as much as they can. */
  readonly work?: ThroughputWork;
  readonly measure: (
    contenders: readonly Contender[],
    amount: Amount,
  ) => Promise<readonly (ThroughputRow | LatencyRow | MemoryRow)[]>;
}

const [turnout] = contenders;
const main = contenders.filter(({ name }) =>
  ['turnout', 'nginx', 'haproxy', '@fastify/http-proxy'].includes(name),
);

function throughput(
  name: string,
  work: ThroughputWork,
  among: readonly Contender[] = main,
): Workload {
  const measure: Workload['measure'] = (list, amount) => measureThroughput(work, list, amount);
  return { name, contenders: among, work, measure };
}

const get1K = { size: 1_024, connections: 64 };

const own = turnout === undefined ? [] : [turnout];

export const workloads: readonly Workload[] = [
  throughput('get-1k-64', get1K, contenders),
  throughput('get-1k-512', { ...get1K, connections: 512 }),
  throughput('get-100k', { size: 102_400, connections: 64 }),
  throughput('post-10k', { ...get1K, method: 'POST', bodyBytes: uploadBytes }),
  throughput('new-connections', { ...get1K, closing: true }),
  { name: 'latency', contenders: main, measure: measureLatency },
  throughput('routes', get1K, [fiveRoutes, fiveThousandRoutes]),
  throughput('metrics', get1K, [...own, metricsOff]),
  {
    name: 'memory',
    contenders: main,
    measure: (list, { requests }) => measureMemory(list, requests),
  },
];

/** What only those ask who change something: by their names. */
export const furtherWorkloads: readonly Workload[] = [
  throughput('garbage-64', get1K, [...own, roomy]),
  throughput('garbage-512', { ...get1K, connections: 512 }, [...own, roomy]),
  {
    name: 'garbage-memory',
    contenders: [...own, roomy],
    measure: (list, { requests }) => measureMemory(list, requests),
  },
];
