import { setTimeout as wait } from 'node:timers/promises';
import { OpenLoop, type OpenLoopOptions } from './open-loop.ts';

const lapMs = 250;
const steadyMs = 1_000;

/** Returns after how long no request fails any more, for a second at least; infinity: not in time. */
export async function wellAgainAfter(options: OpenLoopOptions, withinMs: number): Promise<number> {
  const load = new OpenLoop(options);
  const startedAt = performance.now();
  let wellMs = Number.POSITIVE_INFINITY;
  for (let now = 0; now < withinMs && now - wellMs < steadyMs; ) {
    await wait(lapMs);
    now = performance.now() - startedAt;
    const { count, failed } = load.lap();
    if (count === 0 || failed > 0) wellMs = Number.POSITIVE_INFINITY;
    else wellMs = Math.min(wellMs, now);
  }
  load.abandon();
  return wellMs;
}
