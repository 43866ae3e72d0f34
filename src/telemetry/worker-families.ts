import type { Family, Sample } from './family.ts';

/** What is told of one worker. */
export interface WorkerFact {
  /** Its place, from 1: whoever replaces it has the same. */
  readonly worker: number;
  readonly state: 'starting' | 'serving' | 'leaving';
  /** Number of the snapshot that it serves. */
  readonly generation: number | undefined;
  /** Undefined until it has told for the first time. */
  readonly vitals:
    | {
        readonly residentBytes: number;
        readonly busyShare: number;
        readonly connections: number;
      }
    | undefined;
}

/** What a primary knows of its workers; a process that serves alone has none. */
export interface WorkerFacts {
  readonly status: () => readonly WorkerFact[];
  /** How often one was replaced, by reason. */
  readonly replaced: () => Readonly<Record<string, number>>;
  /** By place, of all workers that have had it. */
  readonly cpuSeconds: () => ReadonlyMap<number, number>;
}

/** One process serves alone. */
export const noWorkers: WorkerFacts = {
  status: () => [],
  replaced: () => ({}),
  cpuSeconds: () => new Map(),
};

/** Returns the metrics of the workers. Beside `process_*`, which are those of the primary. */
export function workerFamilies({ status, replaced, cpuSeconds }: WorkerFacts): readonly Family[] {
  const each = (read: (fact: WorkerFact) => number | undefined) => {
    const samples: Sample[] = [];
    for (const fact of status()) {
      const value = read(fact);
      // One that has a bug and leaves has the place of the one that has come.
      if (value === undefined || fact.state === 'leaving') continue;
      samples.push({ value, labels: { worker: String(fact.worker) } });
    }
    return [samples];
  };
  return [
    {
      name: 'turnout_workers',
      help: 'Workers that accept connections; 0: one process serves alone.',
      type: 'gauge',
      labels: [],
      read: () => [[{ value: status().filter(({ state }) => state === 'serving').length }]],
    },
    {
      name: 'turnout_worker_restarts_total',
      help: 'Workers that were replaced, by reason.',
      type: 'counter',
      labels: ['reason'],
      read: () => [
        Object.entries(replaced()).map(([reason, value]) => ({ value, labels: { reason } })),
      ],
    },
    {
      name: 'turnout_worker_snapshot_generation',
      help: 'Number of the snapshot that a worker serves.',
      type: 'gauge',
      labels: ['worker'],
      read: () => each(({ generation }) => generation),
    },
    {
      name: 'turnout_worker_connections',
      help: 'Connections of clients that a worker has open.',
      type: 'gauge',
      labels: ['worker'],
      read: () => each(({ vitals }) => vitals?.connections),
    },
    {
      name: 'turnout_worker_busy_ratio',
      help: 'Share of the last second in which the event loop of a worker was busy, 0 to 1.',
      type: 'gauge',
      labels: ['worker'],
      read: () => each(({ vitals }) => vitals?.busyShare),
    },
    {
      name: 'turnout_worker_cpu_seconds_total',
      help: 'Processor time of a worker and of those that had its place before.',
      type: 'counter',
      labels: ['worker'],
      // Of an empty place too: a counter must not go away.
      read: () => [
        Array.from(cpuSeconds(), ([worker, value]) => ({
          value,
          labels: { worker: String(worker) },
        })),
      ],
    },
    {
      name: 'turnout_worker_resident_memory_bytes',
      help: 'Resident memory of a worker.',
      type: 'gauge',
      labels: ['worker'],
      read: () => each(({ vitals }) => vitals?.residentBytes),
    },
  ];
}
