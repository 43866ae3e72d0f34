import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

/** The proxy has a core to itself; load, origins and the benchmark share the other one. */
export const cores = { proxy: 0, load: 1 };

/** Clock ticks of /proc in a second: fixed at 100 for user space on Linux. */
const ticksPerSecond = 100;

const started = new Set<ChildProcess>();
// Whatever ends the benchmark, ends what it started.
process.on('exit', () => {
  for (const child of started) kill(child);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130));
}

/** Leaves the proxy's core alone. Throws where there are not two of them. */
export function stayOnLoadCore(): void {
  if (cpus().length < 2) throw new Error('this benchmark needs two cores');
  const { status } = spawnSync('taskset', ['-a', '-cp', String(cores.load), String(process.pid)]);
  if (status !== 0) throw new Error('taskset failed (is it installed? apt-get install util-linux)');
}

/** Starts a command on one core, as the head of a process group. */
export function startOn(
  core: number,
  command: string,
  args: readonly string[],
  options: SpawnOptions = { stdio: ['ignore', 'ignore', 'inherit'] },
): ChildProcess {
  const child = spawn('taskset', ['-c', String(core), command, ...args], {
    ...options,
    detached: true,
  });
  child.on('error', (error) => {
    throw new Error(`${command} could not be started: ${error.message}`);
  });
  child.on('exit', () => started.delete(child));
  started.add(child);
  return child;
}

/** Ends a process and its group at once: a killed nginx would leave its workers behind. */
export async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  kill(child);
  await ended;
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
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

/** Waits until a loopback port accepts connections. What may throw in between ends the wait. */
export async function listening(port: number, meanwhile = () => {}): Promise<void> {
  const withinMs = 60_000;
  const until = performance.now() + withinMs;
  while (!(await accepts(port))) {
    meanwhile();
    if (performance.now() > until) {
      throw new Error(`nothing listens on port ${port} after ${withinMs} ms`);
    }
    await wait(50);
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const children = text === '' ? [] : text.split(' ').map(Number);
  return children.flatMap((child) => [child, ...childrenOf(child)]);
}

export interface CpuSeconds {
  readonly user: number;
  readonly system: number;
}

/** What a process and its children have used so far, all their threads. */
export function cpuSeconds(pid: number): CpuSeconds {
  let user = 0;
  let system = 0;
  for (const each of [pid, ...childrenOf(pid)]) {
    const stat = readFileSync(`/proc/${each}/stat`, 'utf8');
    // The name may hold spaces: count from behind its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    user += Number(fields[11]) / ticksPerSecond;
    system += Number(fields[12]) / ticksPerSecond;
  }
  return { user, system };
}

/** Seconds for which a core was not idle, since the machine started. */
export function busySeconds(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'));
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (line?.[1] ?? '')
    .split(' ')
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond;
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
