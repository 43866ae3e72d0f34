import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

function limit(): number {
  const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return line?.[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line?.[1] ?? 0);
}

/**
 * Makes sure that this process, and those it starts, may open so many files: raises the limit
 * where that is allowed, and says what to do where it is not.
 */
export function needFiles(count: number): void {
  if (limit() >= count) return;
  try {
    execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${count}:${count}`], {
      stdio: 'ignore',
    });
  } catch {
    // Not installed, or not allowed: told below.
  }
  if (limit() >= count) return;
  throw new Error(
    `needs ${count} open files and may have ${limit()}: run "ulimit -n ${count}" first`,
  );
}
