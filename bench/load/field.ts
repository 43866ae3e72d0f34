import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './check.ts';
import type { Contender } from './contenders/contender.ts';
import { cores, hasEnded, listening, startOn, stop } from './process.ts';

/** Below the ports that the kernel gives to clients. */
export const origins = { v1: 18_090, v2: 18_091 };
const firstPort = 18_100;

/** A contender that serves. Those that are not asked anything use no CPU. */
export interface Running {
  readonly contender: Contender;
  readonly port: number;
  readonly adminPort: number;
  readonly folder: string;
  readonly child: ChildProcess;
  readonly pid: number;
  /** Requests it is to be asked, where they differ. */
  readonly requestsFile: string | undefined;
}

let base: string | undefined;

/** A folder for what contenders need, gone when the benchmark ends. */
function baseFolder(): string {
  if (base === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'turnout-bench-'));
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
    base = made;
  }
  return base;
}

/** Starts both origins on the load core, does the work, and ends them. */
export async function withOrigins(size: number, work: () => Promise<void>): Promise<void> {
  const program = join(import.meta.dirname, 'origins.ts');
  const args = [program, String(origins.v1), String(origins.v2), String(size)];
  const child = startOn(cores.load, process.execPath, args);
  try {
    await listening(origins.v2);
    await work();
  } finally {
    await stop(child);
  }
}

/**
 * Starts contenders beside each other on the proxy's core, checks that each does what it is
 * measured for, does the work, and ends them. Anew for each round: a process is lucky or not with
 * its memory and with what is compiled when.
 */
export async function withContenders(
  contenders: readonly Contender[],
  size: number,
  work: (running: readonly Running[]) => Promise<void>,
): Promise<void> {
  const running = contenders.map(start);
  try {
    for (const each of running) await ready(each, size);
    await work(running);
  } finally {
    await Promise.all(running.map(({ child }) => stop(child)));
  }
}

function start(contender: Contender, index: number): Running {
  const port = firstPort + 2 * index;
  const folder = join(baseFolder(), String(index));
  mkdirSync(folder, { recursive: true });
  const [command = '', ...args] = contender.command({
    folder,
    port,
    adminPort: port + 1,
    ...origins,
  });
  const log = openSync(join(folder, 'stderr.log'), 'w');
  const child = startOn(cores.proxy, command, args, { stdio: ['ignore', 'ignore', log] });
  closeSync(log);
  const requestsFile = requestsFileIn(folder, contender);
  return {
    contender,
    port,
    adminPort: port + 1,
    folder,
    child,
    pid: child.pid ?? 0,
    requestsFile,
  };
}

function requestsFileIn(folder: string, { requests }: Contender): string | undefined {
  if (requests === undefined) return undefined;
  const file = join(folder, 'requests.txt');
  writeFileSync(file, requests());
  return file;
}

async function ready({ contender, child, folder, port }: Running, size: number): Promise<void> {
  const said = () => readFileSync(join(folder, 'stderr.log'), 'utf8');
  await listening(port, () => {
    if (hasEnded(child)) throw new Error(`${contender.name} ended: ${said()}`);
  });
  const [host = '', path = ''] = firstRequestOf(contender).split(' ');
  await check(contender.name, { port, host, path, size });
}

function firstRequestOf({ requests }: Contender): string {
  return requests?.().split('\n', 1)[0] ?? '127.0.0.1 /';
}
