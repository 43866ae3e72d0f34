import { setTimeout as wait } from 'node:timers/promises';

/** Waits until `holds`, looking every few milliseconds. Returns whether it came to hold in time. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) return false;
    await wait(10);
  }
  return true;
}
