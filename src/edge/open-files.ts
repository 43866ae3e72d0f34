import { readFileSync } from 'node:fs';
import type { Log } from '../telemetry/log.ts';

/** For what is no connection: files, the admin listener, the loop's own. */
const reserved = 256;

/**
 * Returns how many connections of clients there may be: as many as wished, if the process may
 * open files for them and as many connections to versions.
 */
export function mostConnections(wished: number, limits = ownLimits()): number {
  const openFiles = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
  const possible = Math.max(1, Math.floor((openFiles - reserved) / 2));
  return Number.isNaN(possible) || wished <= possible ? wished : possible;
}

/** Says so where there may be fewer than wished. */
export function warnOfFewer(log: Log, wished: number, possible: number): void {
  if (possible >= wished) return;
  log.event(
    'warn',
    'connections_limited',
    `the process may not open files enough: it takes ${possible} connections of clients, not ${wished}`,
  );
}

/** Linux tells them here; Node raises the soft limit to the hard one when it starts. */
function ownLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
