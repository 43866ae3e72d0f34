import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Test } from 'tap';

const main = resolve(import.meta.dirname, '../../src/main.ts');

/** A process of this program, as from a shell; it is gone when the test is over. */
export interface TurnoutProcess {
  readonly child: ChildProcess;
  /** Resolves when what it has printed so far holds a text; rejects when it ends before. */
  readonly says: (text: string | RegExp) => Promise<void>;
  readonly ended: Promise<number | null>;
  readonly output: () => string;
}

export function startTurnout(
  t: Test,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): TurnoutProcess {
  // Without what the test runner adds to every process.
  const variables = Object.entries(env).map((pair) => pair.join('='));
  const child = spawn('env', ['-i', ...variables, process.execPath, main, ...words]);
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code]): number | null => code);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const says = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        const isSaid = typeof text === 'string' ? output.includes(text) : text.test(output);
        if (!isSaid) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`ended without "${text}": ${output}`)), reject);
    });
  return { child, says, ended, output: () => output };
}

export interface ServingProcess extends TurnoutProcess {
  /** Of the traffic and of the admin listener, on 127.0.0.1. */
  readonly port: number;
  readonly adminPort: number;
}

export interface Serving extends ServingProcess {
  /** The file with its rules. */
  readonly rulesFile: string;
}

/** Starts `turnout run` with these rules on free ports; resolves when it serves. */
export async function startServing(
  t: Test,
  rules: string,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const rulesFile = join(folder, 'routes.yaml');
  writeFileSync(rulesFile, rules);
  return { ...(await startServingFrom(t, rulesFile, flags, env)), rulesFile };
}

/** Starts `turnout run` with rules from a source on free ports; resolves when it serves. */
export async function startServingFrom(
  t: Test,
  source: string,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<ServingProcess> {
  const ports = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];
  const started = startTurnout(t, ['run', '--rules', source, ...ports, ...flags], env);
  const portOf = async (which: string) => {
    const line = new RegExp(`${which} +https?://127\\.0\\.0\\.1:(\\d+)\\n`);
    await started.says(line);
    return Number(line.exec(started.output())?.[1]);
  };
  return { ...started, port: await portOf('traffic'), adminPort: await portOf('admin') };
}
