import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

export const resultsFolder = join(import.meta.dirname, 'results');

/** The machine that figures come from. */
export function about() {
  const [processor] = cpus();
  return {
    machine: `${processor?.model.trim() ?? 'unknown processor'} × ${cpus().length}`,
    node: process.versions.node,
    platform: process.platform,
  };
}

/** Keeps figures under a name, with the machine they come from, if the run was asked to. */
export function record(name: string, figures: Readonly<Record<string, unknown>>): void {
  if (!process.argv.includes('--write')) return;
  mkdirSync(resultsFolder, { recursive: true });
  const text = JSON.stringify({ ...about(), ...figures }, undefined, 2);
  writeFileSync(join(resultsFolder, `${name}.json`), `${text}\n`);
}
