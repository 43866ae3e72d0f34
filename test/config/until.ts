import { setTimeout as after } from 'node:timers/promises';

/** Waits until a condition holds, or throws with what it says once the time is over. */
export async function until(
  what: string,
  holds: () => boolean,
  deadlineMs = 10_000,
): Promise<void> {
  const endsAt = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > endsAt) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await after(2);
  }
}
