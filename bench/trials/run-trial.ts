import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './support/trial.ts';

const withinMs = 30 * 60_000;

export interface Ran {
  readonly code: number | null;
  /** Undefined where the trial did not come to its end. */
  readonly outcome: Outcome | undefined;
  /** What it printed, if that was asked for. */
  readonly text: string;
}

/** Runs the script of a trial in a process of its own, which writes its outcome to a file. */
export async function runTrial(
  name: string,
  flags: readonly string[],
  file: string,
  output: 'inherit' | 'pipe',
): Promise<Ran> {
  const script = join(import.meta.dirname, `${name}.trial.ts`);
  const child = spawn(process.execPath, [script, ...flags, '--json', file], {
    stdio: ['ignore', output, output],
    timeout: withinMs,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  // Written by support/trial.ts.
  const outcome = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Outcome)
    : undefined;
  return { code, outcome, text };
}
