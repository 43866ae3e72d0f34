import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const path = join(tmpdir(), 'turnout-bench.lock');

/** Refuses to run beside another benchmark, which would measure us and we it. Held until we end. */
export function takeLock(): void {
  const holder = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // Whoever held it may have been killed.
  if (holder !== '' && existsSync(`/proc/${holder}`)) {
    throw new Error(`another benchmark is running: process ${holder}, see ${path}`);
  }
  rmSync(path, { force: true });
  writeFileSync(path, String(process.pid), { flag: 'wx' });
  process.on('exit', () => rmSync(path, { force: true }));
}
