/** Over the rounds. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** What every file of bench/results about load begins with. */
export interface About {
  readonly machine: string;
  readonly node: string;
  readonly rounds: number;
  readonly seconds: number;
}

/** How much work a proxy does when it is asked for as much as it can. */
export interface ThroughputRow {
  readonly name: string;
  readonly version: string;
  readonly requestsPerCpuSecond: Spread;
  /** The same, of each round: contenders of one round are compared with each other. */
  readonly perRound: readonly number[];
  readonly requestsPerSecond: number;
  /** Of the time, the proxy used this much of its core; the rest it waited for the load. */
  readonly proxyCorePercent: number;
  readonly loadCorePercent: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly residentMebibytes: number;
  /** In the worst round. */
  readonly failed: number;
}

/** How long an answer takes at a fixed rate, from the instant at which the request was due. */
export interface LatencyRow {
  readonly name: string;
  readonly version: string;
  readonly ratePerSecond: number;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly p999Ms: Spread;
  /** 99 % of the requests left no later than this after they were due. */
  readonly lateMs: number;
  readonly failed: number;
}

/** How much memory is resident, at the start and after each tenth of the requests. */
export interface MemoryRow {
  readonly name: string;
  readonly version: string;
  readonly requests: number;
  readonly connections: number;
  readonly atStartMebibytes: number;
  readonly mebibytes: readonly number[];
  readonly highestMebibytes: number;
  /** By how much it still grows: least squares over the last eight tenths. */
  readonly mebibytesPerMillion: number;
  readonly failed: number;
}

export interface ThroughputFile extends About {
  readonly rows: readonly ThroughputRow[];
}
export interface LatencyFile extends About {
  readonly rows: readonly LatencyRow[];
}
export interface MemoryFile extends About {
  readonly rows: readonly MemoryRow[];
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/**
 * Returns how many times as much one contender does as another: the middle of what each round says,
 * for both ran in the same ones, whatever else the machine did then.
 */
export function timesAsMuch(one: ThroughputRow, other: ThroughputRow): number {
  return median(
    one.perRound.map((requests, round) => requests / (other.perRound[round] ?? Number.NaN)),
  );
}

export function spread(numbers: readonly number[]): Spread {
  return {
    median: median(numbers),
    lowest: Math.min(...numbers),
    highest: Math.max(...numbers),
  };
}
