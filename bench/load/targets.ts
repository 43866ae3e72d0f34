import {
  type LatencyFile,
  type MemoryFile,
  type ThroughputFile,
  type ThroughputRow,
  timesAsMuch,
} from './result.ts';

/** One figure that Turnout is to reach, and whether it does. */
export interface Target {
  readonly work: string;
  /** What is compared, and with what bound, in words. */
  readonly wish: string;
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
  /** Undefined where it was not measured. */
  readonly measured: number | undefined;
}

/** Returns what is in bench/results under a name. */
export type Results = (name: string) => unknown;

/** In the order of the table: work, file, times nginx, times @fastify/http-proxy. */
const throughputs = [
  ['GET 1 KB, 64 connections', 'load-get-1k-64', 1, 5],
  ['GET 1 KB, 512 connections', 'load-get-1k-512', 1, 4],
  ['GET 100 KB', 'load-get-100k', 1, 2],
  ['POST 10 KB', 'load-post-10k', 1, 4],
  ['new connection for each request', 'load-new-connections', 0.5, 3],
] as const;

export function targets(results: Results): readonly Target[] {
  return [
    ...throughputs.flatMap(([work, file, ofNginx, ofFastify]) => {
      // Written by load.bench.ts, one shape for each name.
      const rows = (results(file) as ThroughputFile | undefined)?.rows;
      return [
        against(work, rows, 'nginx', ofNginx),
        against(work, rows, '@fastify/http-proxy', ofFastify),
      ];
    }),
    ...latencyTargets(results('load-latency') as LatencyFile | undefined),
    itself(
      '5,000 routes instead of 5',
      (results('load-routes') as ThroughputFile | undefined)?.rows,
      ['turnout, 5 routes', 'turnout, 5,000 routes'],
      0.95,
    ),
    itself(
      'metrics on, against metrics off',
      (results('load-metrics') as ThroughputFile | undefined)?.rows,
      ['turnout, metrics off', 'turnout'],
      0.97,
    ),
    ...memoryTargets(results('load-memory') as MemoryFile | undefined),
  ];
}

/** Returns by which part the bound is missed; 0 where it is reached. */
export function missedBy({ bound, measured = Number.NaN }: Target): number {
  if ('atLeast' in bound) return Math.max(0, 1 - measured / bound.atLeast);
  return Math.max(0, measured / bound.atMost - 1);
}

interface Named {
  readonly name: string;
}

function find<Row extends Named>(rows: readonly Row[] | undefined, name: string): Row | undefined {
  return rows?.find((row) => row.name === name);
}

function against(
  work: string,
  rows: readonly ThroughputRow[] | undefined,
  other: string,
  atLeast: number,
): Target {
  const measured = compared(rows, 'turnout', other);
  return { work, wish: `≥ ${atLeast} × ${other}`, bound: { atLeast }, measured };
}

function compared(
  rows: readonly ThroughputRow[] | undefined,
  one: string,
  other: string,
): number | undefined {
  const own = find(rows, one);
  const its = find(rows, other);
  return own === undefined || its === undefined ? undefined : timesAsMuch(own, its);
}

/** Turnout against itself. */
function itself(
  work: string,
  rows: readonly ThroughputRow[] | undefined,
  [from, to]: readonly [string, string],
  atLeast: number,
): Target {
  const measured = compared(rows, to, from);
  return { work, wish: `≥ ${atLeast} of its own throughput`, bound: { atLeast }, measured };
}

function latencyTargets(file: LatencyFile | undefined): readonly Target[] {
  const own = find(file?.rows, 'turnout')?.p99Ms.median;
  const bounds = [
    ['nginx', 1.5],
    ['@fastify/http-proxy', 1],
  ] as const;
  return bounds.map(([other, atMost]) => {
    const its = find(file?.rows, other)?.p99Ms.median;
    return {
      work: 'p99 at half of the saturating rate',
      wish: `≤ ${atMost} × ${other}`,
      bound: { atMost },
      measured: own === undefined || its === undefined ? undefined : own / its,
    };
  });
}

/** The smallest object left behind by each of a million requests would be 16 MiB. */
const flatMebibytes = 4;
const megabytesPerMebibyte = 2 ** 20 / 1e6;

function megabytes(mebibytes: number | undefined): number | undefined {
  return mebibytes === undefined ? undefined : mebibytes * megabytesPerMebibyte;
}

function memoryTargets(file: MemoryFile | undefined): readonly Target[] {
  const own = find(file?.rows, 'turnout');
  const fastify = find(file?.rows, '@fastify/http-proxy')?.highestMebibytes;
  const work = 'resident memory, 512 connections, 1,000,000 requests';
  const ratio =
    own === undefined || fastify === undefined ? undefined : own.highestMebibytes / fastify;
  return [
    { work, wish: '≤ 120 MB', bound: { atMost: 120 }, measured: megabytes(own?.highestMebibytes) },
    {
      work,
      wish: `flat: ≤ ${flatMebibytes} MiB more with a million more`,
      bound: { atMost: flatMebibytes },
      measured: own?.mebibytesPerMillion,
    },
    { work, wish: '≤ 1 × @fastify/http-proxy', bound: { atMost: 1 }, measured: ratio },
  ];
}
