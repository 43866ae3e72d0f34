import type { Contender } from './contenders/contender.ts';
import { origins, type Running, withContenders } from './field.ts';
import type { TaskResult } from './generator.ts';
import { type LatencyRow, spread } from './result.ts';
import { type Generator, startGenerator } from './tasks.ts';
import { type Effort, slice, warmUp } from './throughput.ts';

const work = { size: 1_024, connections: 64 };
const straight = 'no proxy at all';

/** What was measured of one contender in one round. */
interface Timed extends TaskResult {
  readonly ratePerSecond: number;
}

/**
 * Measures answer times at half of the rate that saturates a core: Turnout's own rate for all
 * that can serve it, because proxies are compared at one rate; for Node packages, which
 * would only queue there, half of their own. Beside them the origin alone, which is what the
 * measuring itself costs.
 */
export async function measureLatency(
  contenders: readonly Contender[],
  { rounds, seconds }: Effort,
): Promise<LatencyRow[]> {
  const timed = new Map<string, Timed[]>();
  const generator = await startGenerator(work.size);
  const rates = new Map<string, number>();

  async function time(name: string, port: number, ratePerSecond: number): Promise<void> {
    const result = await timeAt(generator, port, ratePerSecond, seconds);
    timed.set(name, [...(timed.get(name) ?? []), { ...result, ratePerSecond }]);
  }

  async function round(running: readonly Running[]): Promise<void> {
    let shared: number | undefined;
    for (const each of running) {
      const { name, isNode } = each.contender;
      await warmUp(each, work, seconds);
      // Found in the first round: all rounds are to be alike.
      const rate = rates.get(name) ?? (await halfOfSaturating(each, seconds));
      shared ??= rate;
      rates.set(name, isNode ? rate : shared);
    }
    for (const { contender, port } of running) {
      await time(contender.name, port, rates.get(contender.name) ?? 0);
    }
    await time(straight, origins.v1, shared ?? 0);
  }

  try {
    for (let i = 0; i < rounds; i++) await withContenders(contenders, work.size, round);
  } finally {
    await generator.stop();
  }
  const versions = new Map(contenders.map(({ name, version }) => [name, version()]));
  return [...timed].map(([name, all]) => rowOf(name, versions.get(name) ?? '', all));
}

async function halfOfSaturating(running: Running, seconds: number): Promise<number> {
  const { requests, cpuSeconds } = await slice(running, work, seconds);
  return Math.round(requests / cpuSeconds / 200) * 100;
}

/** Times requests that are due at a fixed rate; those of the first half second are not counted. */
async function timeAt(
  generator: Generator,
  port: number,
  ratePerSecond: number,
  seconds: number,
): Promise<TaskResult> {
  const { connections } = work;
  await generator.run({ port, connections, ratePerSecond, requests: Math.ceil(ratePerSecond / 2) });
  const requests = Math.ceil(ratePerSecond * seconds);
  return await generator.run({ port, connections, ratePerSecond, requests });
}

function rowOf(name: string, version: string, all: readonly Timed[]): LatencyRow {
  return {
    name,
    version,
    ratePerSecond: all[0]?.ratePerSecond ?? 0,
    p50Ms: spread(all.map((each) => each.p50Ms)),
    p99Ms: spread(all.map((each) => each.p99Ms)),
    p999Ms: spread(all.map((each) => each.p999Ms)),
    lateMs: Math.max(...all.map((each) => each.lateMs)),
    failed: Math.max(...all.map((each) => each.failed)),
  };
}
