import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'tap';
import { startServing } from './support/turnout-process.ts';

/**
 * Returns what the young generation of a process takes, in MiB, when much of what it makes has
 * survived for a while.
 */
function grownTo(before: string): number {
  const program = `
    ${before}
    const kept = [];
    for (let i = 0; i < 400_000; i++) {
      kept.push({ i, text: 'text ' + i });
      if (kept.length > 100_000) kept.length = 0;
    }
    const { getHeapSpaceStatistics } = await import('node:v8');
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    console.log(young.space_size / 2 ** 20);
  `;
  const url = new URL('../src/young-generation.ts', import.meta.url);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program.replace('URL', url.href)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

test('the young generation stays small, however much survives', async (t) => {
  const small = grownTo(
    `const { keepYoungGenerationSmall } = await import('URL'); keepYoungGenerationSmall();`,
  );
  t.ok(small <= 4, `${small} MiB`);
});

test('without that it grows to many times as much', async (t) => {
  const usual = grownTo('');
  t.ok(usual >= 8, `${usual} MiB`);
});

const rules =
  'apiVersion: turnout/v1\nroutes: [{ name: a, versions: { v1: { url: "http://b:1" } } }]\n';

test('a process that serves keeps it small', async (t) => {
  const { adminPort } = await startServing(t, rules);
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  const line = /^nodejs_heap_space_size_total_bytes\{space="new"[^}]*\} (\d+)/m;
  const bytes = Number(line.exec(await response.text())?.[1]);
  t.ok(bytes <= 4 * 2 ** 20, `${bytes} bytes`);
});

test('so do its workers, from their start', { skip: withoutProc() }, async (t) => {
  const { child } = await startServing(t, rules, ['--workers', '2']);
  const workers = childrenOf(child.pid ?? 0);
  t.equal(workers.length, 2);
  for (const pid of workers) {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    t.ok(words.includes('--max-semi-space-size=2'), words.join(' '));
  }
});

function withoutProc(): string | false {
  return process.platform !== 'linux' && 'what a process was started with is looked up in /proc';
}

function childrenOf(pid: number): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid);
}

/** Undefined where the process has ended in the meantime. */
function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
