import { setTimeout as wait } from 'node:timers/promises';

/** Waits until `holds`, looking again and again; rejects after `withinMs`. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 10_000,
): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`not in ${withinMs} ms: ${what}`);
    await wait(5);
  }
}
