import type { Contender } from './contenders/contender.ts';
import { type Running, withContenders } from './field.ts';
import { residentMebibytes } from './process.ts';
import type { MemoryRow } from './result.ts';
import { type Generator, startGenerator } from './tasks.ts';

const size = 1_024;
const connections = 512;

/** Watches the resident memory of contenders while each serves so many requests, once. */
export async function measureMemory(
  contenders: readonly Contender[],
  requests: number,
): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  const generator = await startGenerator(size);
  try {
    for (const contender of contenders) {
      await withContenders([contender], size, async ([running]) => {
        if (running !== undefined) rows.push(await watch(generator, running, requests));
      });
    }
  } finally {
    await generator.stop();
  }
  return rows;
}

async function watch(generator: Generator, running: Running, requests: number): Promise<MemoryRow> {
  const { contender, port, pid } = running;
  const atStart = residentMebibytes(pid);
  const points: number[] = [];
  const task = { port, connections, requests, ratePerSecond: undefined };
  const { failed } = await generator.run(task, async () => {
    await scrape(running);
    points.push(residentMebibytes(pid));
  });
  return {
    name: contender.name,
    version: contender.version() ?? '',
    requests,
    connections,
    atStartMebibytes: Math.round(atStart),
    mebibytes: points.map(Math.round),
    highestMebibytes: Math.round(Math.max(...points)),
    mebibytesPerMillion: slope(points.slice(2)) * (1_000_000 / (requests / 10)),
    failed,
  };
}

/** Whoever has metrics is asked for them, as Prometheus would. */
async function scrape({ contender, adminPort }: Running): Promise<void> {
  if (!contender.hasMetrics) return;
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  if (!response.ok) throw new Error(`/metrics answers ${response.status}`);
  await response.text();
}

/** Least squares: how much the points rise from one to the next. */
function slope(points: readonly number[]): number {
  const middle = (points.length - 1) / 2;
  const mean = points.reduce((sum, each) => sum + each, 0) / points.length;
  let above = 0;
  let below = 0;
  for (const [i, each] of points.entries()) {
    above += (i - middle) * (each - mean);
    below += (i - middle) ** 2;
  }
  return above / below;
}
