import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Clock ticks of /proc in a second: fixed at 100 for user space on Linux. */
const ticksPerSecond = 100;

/** Starts a command on one core. Its output goes to ours when it fails. */
export function startOn(core: number, command: string, args: readonly string[]): ChildProcess {
  const child = spawn('taskset', ['-c', String(core), command, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  child.on('error', (error) => {
    throw new Error(`${command} could not be started: ${error.message}`);
  });
  return child;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Waits until a loopback port accepts connections; or, after its process was ended, until it does not. */
export async function listening(port: number, wanted = true, withinMs = 10_000): Promise<void> {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    if ((await accepts(port)) === wanted) return;
    await wait(50);
  }
  const state = wanted ? 'nothing listens' : 'something still listens';
  throw new Error(`${state} on port ${port} after ${withinMs} ms`);
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const children = text === '' ? [] : text.split(' ').map(Number);
  return children.flatMap((child) => [child, ...childrenOf(child)]);
}

/** CPU seconds that a process and its children have used so far, user and system. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const each of [pid, ...childrenOf(pid)]) {
    const stat = readFileSync(`/proc/${each}/stat`, 'utf8');
    // The name may hold spaces: count from behind its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / ticksPerSecond;
}

/** Resident memory of a process and its children, in MiB. */
export function residentMebibytes(pid: number): number {
  let kibibytes = 0;
  for (const each of [pid, ...childrenOf(pid)]) {
    const match = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'utf8'));
    kibibytes += Number(match?.[1] ?? 0);
  }
  return kibibytes / 1024;
}

/** Ends a process and its children at once: a killed nginx leaves its workers behind. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const children = childrenOf(child.pid);
  // The parent first: nginx starts a new worker for one that dies.
  child.kill('SIGKILL');
  await ended;
  for (const pid of children) process.kill(pid, 'SIGKILL');
}
