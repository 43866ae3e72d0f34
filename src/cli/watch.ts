import { spanText } from '#core/rollout/span-text';
import { Unreachable } from './admin-client.ts';
import { changeKey } from './change-line.ts';
import type { Ports } from './ports.ts';
import type { ShownStatus } from './route-statuses.ts';
import { exitCodes, Trouble } from './trouble.ts';

const againMs = 1_000;
/** A process that is being replaced is away for a moment. */
const mostLost = 30;

/**
 * Looks at rollouts until each is over or wants a person, and prints each change. Returns the
 * exit code that tells the worst of their ends.
 */
export async function watch(
  look: () => Promise<readonly ShownStatus[]>,
  print: (shown: ShownStatus) => void,
  timeoutMs: number | undefined,
  { now, sleep }: Pick<Ports, 'now' | 'sleep'>,
): Promise<number> {
  const beganAt = now();
  const printed = new Map<string, string>();
  let all = await look();
  for (;;) {
    for (const shown of all) {
      const key = changeKey(shown.status);
      if (printed.get(shown.status.route) === key) continue;
      printed.set(shown.status.route, key);
      print(shown);
    }
    if (all.every(isSettled)) return Math.max(0, ...all.map(endCode));
    if (timeoutMs !== undefined && now() - beganAt >= timeoutMs) {
      throw new Trouble(exitCodes.timedOut, `it is not over after ${spanText(timeoutMs)}`);
    }
    await sleep(againMs);
    all = await lookAgain(look, sleep);
  }
}

async function lookAgain(
  look: () => Promise<readonly ShownStatus[]>,
  sleep: (ms: number) => Promise<void>,
): Promise<readonly ShownStatus[]> {
  for (let lost = 1; ; lost += 1) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof Unreachable) || lost >= mostLost) throw error;
      await sleep(againMs);
    }
  }
}

/** Over, or waiting for somebody. */
function isSettled({ status: { rollout } }: ShownStatus): boolean {
  return rollout === undefined || rollout.phase !== 'progressing';
}

/** The worst of several is the highest: undecided says most of what is to be done. */
function endCode({ status: { rollout } }: ShownStatus): number {
  if (rollout === undefined || rollout.phase === 'complete') return exitCodes.done;
  return rollout.phase === 'paused' ? exitCodes.undecided : exitCodes.badState;
}
