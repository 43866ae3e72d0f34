import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

export const resultsFolder = join(import.meta.dirname, 'results');

/** Keeps figures under a name, with the machine they come from, if the run was asked to. */
export function record(name: string, figures: Readonly<Record<string, unknown>>): void {
  if (!process.argv.includes('--write')) return;
  mkdirSync(resultsFolder, { recursive: true });
  const [processor] = cpus();
  const machine = `${processor?.model.trim() ?? 'unknown processor'} × ${cpus().length}`;
  const about = { machine, node: process.versions.node, platform: process.platform };
  const text = JSON.stringify({ ...about, ...figures }, undefined, 2);
  writeFileSync(join(resultsFolder, `${name}.json`), `${text}\n`);
}
