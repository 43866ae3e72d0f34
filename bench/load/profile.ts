// Where does the time go? Runs Turnout under load with Node's profiler, and prints the share of
// the kernel and the functions with the most time of their own:
// npm run build && node bench/load/profile.ts --only get-1k-64 --seconds 8
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { turnout } from './contenders/turnout.ts';
import { type Running, withContenders, withOrigins } from './field.ts';
import { takeLock } from './lock.ts';
import { cpuSeconds, hasEnded, stayOnLoadCore } from './process.ts';
import { slice, type ThroughputWork, warmUp } from './throughput.ts';
import { workloads } from './workloads.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'get-1k-64' },
    seconds: { type: 'string', default: '8' },
    top: { type: 'string', default: '30' },
    /** Keeps the profile there, for a viewer. */
    keep: { type: 'string' },
  },
});
const seconds = Number(values.seconds);

/** A file of the profiler, as far as it is used. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
}

/** The traffic's thread: the one that reads documents has a small file of its own. */
function largestIn(folder: string): Profile {
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const [largest] = texts.toSorted((a, b) => b.length - a.length);
  if (largest === undefined) throw new Error(`no profile in ${folder}`);
  return JSON.parse(largest) as Profile;
}

/** What is called by whom does not count here: only where the samples fell. */
function selfTimes({ nodes, samples }: Profile): readonly (readonly [string, number])[] {
  const nameOf = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = url === '' ? '' : ` ${url.replace(/^.*\/dist\//, '')}:${lineNumber + 1}`;
      return [id, `${functionName || '(anonymous)'}${place}`];
    }),
  );
  const counts = new Map<string, number>();
  for (const sample of samples) {
    const name = nameOf.get(sample) ?? '';
    if (name !== '(idle)') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const all = [...counts.values()].reduce((sum, each) => sum + each, 0);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => [name, (100 * count) / all] as const);
}

async function measure(running: Running, work: ThroughputWork): Promise<void> {
  await warmUp(running, work, 4);
  const before = cpuSeconds(running.pid);
  const { requests } = await slice(running, work, seconds);
  const after = cpuSeconds(running.pid);
  const user = ((after.user - before.user) * 1e6) / requests;
  const system = ((after.system - before.system) * 1e6) / requests;
  const share = Math.round((100 * system) / (user + system));
  process.stdout.write(
    `${requests} requests; ${user.toFixed(1)} µs each in the program, ` +
      `${system.toFixed(1)} µs in the kernel (${share} %)\n`,
  );
  // The profile is written when the process ends by itself.
  running.child.kill('SIGTERM');
  while (!hasEnded(running.child)) await wait(50);
}

takeLock();
stayOnLoadCore();
const work = workloads.find(({ name }) => name === values.only)?.work;
if (work === undefined) throw new Error(`no such work: ${values.only}`);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'turnout-profile-'));
mkdirSync(folder, { recursive: true });
const profiled = turnout({
  nodeArgs: ['--cpu-prof', '--cpu-prof-dir', folder],
  args: ['--drain-delay', '0s', '--drain-timeout', '1s'],
});
await withOrigins(work.size, () =>
  withContenders([profiled], work.size, async ([running]) => {
    if (running !== undefined) await measure(running, work);
  }),
);
for (const [name, percent] of selfTimes(largestIn(folder)).slice(0, Number(values.top))) {
  process.stdout.write(`${percent.toFixed(1).padStart(5)} %  ${name}\n`);
}
if (values.keep === undefined) rmSync(folder, { recursive: true });
