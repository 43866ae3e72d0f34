import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import { root } from './pages.ts';

/** What stands in the pages, in the order of the ports that take its place. */
const inPages = [
  '127.0.0.1:8080',
  '127.0.0.1:9090',
  '127.0.0.11:9001',
  '127.0.0.12:9002',
  // Of one more Turnout before the same versions.
  '127.0.0.1:8443',
  '127.0.0.1:9091',
];

/** What has not been said by then is not said any more. */
const waitsMs = 20_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}

/** Below the ports the system hands out; others for each process that asks. */
async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let port = 11_000 + (process.pid % 900) * 10; ports.length < count; port++) {
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

/** `npm start` as a page tells of it, on other ports, with a copy of its rules in this folder. */
export interface Demo {
  readonly rules: string;
  /** Puts the ports of this demo where a page says the usual ones. */
  readonly place: (text: string) => string;
  /** Puts the usual ones back. */
  readonly unplace: (text: string) => string;
  /** Resolves when what it printed since the last edit has a text; rejects when it ends before. */
  readonly says: (text: string | RegExp) => Promise<void>;
  /** Writes the rules anew. Resolves when they are in force or refused. */
  readonly edit: (change: (rules: string) => string) => Promise<void>;
}

/** Starts it in a folder that has `config/routes.yaml`; resolves when it serves. */
export async function startDemo(t: Test, folder: string): Promise<Demo> {
  const ports = (await freePorts(inPages.length)).map((port) => `127.0.0.1:${port}`);
  const swap = (text: string, from: readonly string[], to: readonly string[]) =>
    from.reduce((done, one, i) => done.replaceAll(one, to[i] ?? one), text);
  const byName = (addresses: readonly string[]) =>
    addresses.map((address) => address.replace('127.0.0.1', 'localhost'));
  const place = (text: string) => swap(swap(text, inPages, ports), byName(inPages), byName(ports));
  const unplace = (text: string) =>
    swap(text, ports, inPages).replaceAll(
      /I am: 127\.0\.0\.1, the version is: v(\d)/g,
      'I am: 127.0.0.1$1, the version is: v$1',
    );
  const rules = join(folder, 'config/routes.yaml');
  writeFileSync(rules, place(readFileSync(rules, 'utf8')));

  const [listen = '', admin = ''] = ports;
  const words = ['demo', '-c', 'config/routes.yaml', '--listen', listen, '--admin', admin];
  // As from a shell: without what the test runner adds to every process.
  const program = ['-i', process.execPath, join(root, 'src/main.ts'), ...words];
  const child = spawn('env', program, { cwd: folder });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close');
  t.teardown(async () => {
    child.kill('SIGINT');
    await ended;
  });
  const says = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        const said = unplace(output);
        if (typeof text === 'string' ? !masked(said).includes(masked(text)) : !text.test(said))
          return;
        listeners.delete(look);
        resolve();
      };
      const giveUp = (why: string) => reject(new Error(`${why} "${text}": ${unplace(output)}`));
      listeners.add(look);
      look();
      ended.then(() => giveUp('ended without'), reject);
      setTimeout(() => giveUp('did not say'), waitsMs).unref();
    });
  const edit = async (change: (text: string) => string) => {
    output = '';
    writeFileSync(rules, place(change(unplace(readFileSync(rules, 'utf8')))));
    await says(/^reloaded [\s\S]*\n$|The document in force stays/m);
  };
  await says('Ctrl-C ends it all.');
  return { rules, place, unplace, says, edit };
}

/** Takes out what is another in every run, or after every change of a file's text. */
export function masked(text: string): string {
  return (
    text
      .replaceAll(/\b[0-9a-f]{32}\b/g, '<unit>')
      .replaceAll(/\b[0-9a-f]{12}\b/g, '<hash>')
      .replaceAll(/\b\d{10}(?:\.\d+)?$/gm, '<time>')
      .replaceAll(/"byte \d+"|"\d+ bytes"/g, '<place>')
      .replaceAll(/\b\d+ s ago/g, '<n> s ago')
      .replaceAll(/\bv1\.k1\.[\w.-]+/g, '<token>')
      .replaceAll(/\b\d{4}-\d\d-\d\d[T ][\d:.]+Z/g, '<instant>')
      .replaceAll(/(?<=\s)\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
      // How long a rollout has taken: of its step, and in all.
      .replaceAll(/(?<=\), )[\d.]+ (?:ms|s|min)\b/g, '<span>')
      .replaceAll(/(?<=^[✔✖◌‖\w].* (?:complete|aborted) after )[\d.]+ (?:ms|s|min)$/gm, '<span>')
  );
}
