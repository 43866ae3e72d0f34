import { readFileSync } from 'node:fs';
import type { Log } from '../telemetry/log.ts';

/** For what is no connection: files, the admin listener, the loop's own. */
const reserved = 256;

/**
 * Returns how many connections of clients there may be: as many as wished, if the process may
 * open files for them and as many connections to versions. A warning says if it is fewer.
 */
export function mostConnections(wished: number, log: Log, limits = ownLimits()): number {
  const openFiles = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
  const possible = Math.max(1, Math.floor((openFiles - reserved) / 2));
  if (Number.isNaN(possible) || wished <= possible) return wished;
  log.event(
    'warn',
    'connections_limited',
    `the process may open ${openFiles} files: it takes ${possible} connections of clients, not ${wished}`,
  );
  return possible;
}

/** Linux tells them here; Node raises the soft limit to the hard one when it starts. */
function ownLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
