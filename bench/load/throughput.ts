import type { Contender } from './contenders/contender.ts';
import { type Running, withContenders, withOrigins } from './field.ts';
import { busySeconds, cores, cpuSeconds, residentMebibytes } from './process.ts';
import { median, spread, type ThroughputRow } from './result.ts';
import { type Load, type LoadResult, load } from './wrk.ts';

/** What the connections do. */
export interface ThroughputWork {
  readonly size: number;
  readonly connections: number;
  readonly method?: 'GET' | 'POST';
  readonly bodyBytes?: number;
  readonly closing?: boolean;
}

export interface Effort {
  readonly rounds: number;
  /** For which each contender is measured in a round. */
  readonly seconds: number;
}

/** What was measured of one contender in one go. */
interface Slice extends LoadResult {
  readonly cpuSeconds: number;
  readonly loadCoreSeconds: number;
  /** The start and the end of wrk included, as in the seconds of the cores. */
  readonly wallSeconds: number;
  readonly residentMebibytes: number;
}

type Round = ReadonlyMap<Contender, readonly Slice[]>;

/**
 * Measures contenders in turns: within each round one after the other and then back again, so that
 * a busy moment of the machine hits all of them.
 */
export async function measureThroughput(
  work: ThroughputWork,
  contenders: readonly Contender[],
  { rounds, seconds }: Effort,
): Promise<ThroughputRow[]> {
  const measured: Round[] = [];
  await withOrigins(work.size, async () => {
    for (let i = 0; i < rounds; i++) {
      await withContenders(contenders, work.size, async (running) => {
        measured.push(await measureRound(running, work, seconds));
      });
    }
  });
  return contenders.map((contender) => {
    return rowOf(
      contender,
      measured.map((round) => round.get(contender) ?? []),
    );
  });
}

async function measureRound(
  running: readonly Running[],
  work: ThroughputWork,
  seconds: number,
): Promise<Round> {
  const round = new Map<Contender, Slice[]>(running.map(({ contender }) => [contender, []]));
  for (const each of running) await warmUp(each, work, seconds);
  for (const { each, length } of thereAndBack(running, seconds)) {
    round.get(each.contender)?.push(await slice(each, work, length));
  }
  return round;
}

/** Whose turn it is, and for how many seconds. wrk takes whole ones: one second is not halved. */
function thereAndBack(running: readonly Running[], seconds: number) {
  const there = running.map((each) => ({ each, length: Math.ceil(seconds / 2) }));
  const back = running.toReversed().map((each) => ({ each, length: Math.floor(seconds / 2) }));
  return [...there, ...back].filter(({ length }) => length > 0);
}

function loadOn({ port, requestsFile }: Running, work: ThroughputWork, seconds: number): Load {
  return { ...work, port, seconds, requestsFile };
}

/** What Node has not compiled yet is no measure of it. */
export async function warmUp(
  running: Running,
  work: ThroughputWork,
  seconds: number,
): Promise<void> {
  await load(loadOn(running, work, running.contender.isNode ? Math.max(1, seconds) : 1));
}

/** Measures one contender for a while. */
export async function slice(
  running: Running,
  work: ThroughputWork,
  seconds: number,
): Promise<Slice> {
  const look = () => ({
    proxy: cpuSecondsOf(running.pid),
    load: busySeconds(cores.load),
    wall: performance.now() / 1_000,
  });
  const before = look();
  const result = await load(loadOn(running, work, seconds));
  const after = look();
  if (result.bytes < result.requests * work.size) {
    throw new Error(`${running.contender.name} answered with less than ${work.size} bytes each`);
  }
  return {
    ...result,
    cpuSeconds: after.proxy - before.proxy,
    loadCoreSeconds: after.load - before.load,
    wallSeconds: after.wall - before.wall,
    residentMebibytes: residentMebibytes(running.pid),
  };
}

function cpuSecondsOf(pid: number): number {
  const { user, system } = cpuSeconds(pid);
  return user + system;
}

function sumOf(slices: readonly Slice[], pick: (slice: Slice) => number): number {
  return slices.reduce((sum, each) => sum + pick(each), 0);
}

function rowOf(contender: Contender, rounds: readonly (readonly Slice[])[]): ThroughputRow {
  const over = (a: (slice: Slice) => number, b: (slice: Slice) => number) =>
    rounds.map((slices) => sumOf(slices, a) / sumOf(slices, b));
  const middle = (pick: (slice: Slice) => number) => median(rounds.flat().map(pick));
  const requests = (each: Slice) => each.requests;
  const wall = (each: Slice) => each.wallSeconds;
  const cpu = (each: Slice) => each.cpuSeconds;
  const perRound = over(requests, cpu).map(Math.round);
  return {
    name: contender.name,
    version: contender.version() ?? '',
    requestsPerCpuSecond: spread(perRound),
    perRound,
    requestsPerSecond: Math.round(median(over(requests, (each) => each.seconds))),
    proxyCorePercent: Math.round(100 * median(over(cpu, wall))),
    loadCorePercent: Math.round(100 * median(over((each) => each.loadCoreSeconds, wall))),
    p50Ms: middle((each) => each.p50Ms),
    p99Ms: middle((each) => each.p99Ms),
    p999Ms: middle((each) => each.p999Ms),
    residentMebibytes: Math.round(middle((each) => each.residentMebibytes)),
    failed: Math.max(...rounds.map((slices) => sumOf(slices, (each) => each.failed))),
  };
}
