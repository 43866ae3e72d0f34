// Writes the figures of bench/results into README.md and bench/README.md, between their marks:
// no number there is typed by hand. `npm run bench` ends with it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingList } from '../src/cli/settings.ts';
import {
  type About,
  type LatencyFile,
  type MemoryFile,
  type Spread,
  type ThroughputFile,
  timesAsMuch,
} from './load/result.ts';
import { missedBy, type Target, targets } from './load/targets.ts';
import { resultsFolder } from './record.ts';

interface LookupFile {
  readonly machine: string;
  readonly node: string;
  readonly results: readonly { readonly name: string; readonly medianNs: number }[];
}

function resultsOf<File>(name: string): File | undefined {
  const path = join(resultsFolder, `${name}.json`);
  // Written by record.ts, one shape for each name.
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as File) : undefined;
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const hundredths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function range({ lowest, highest }: Spread, numbers: Intl.NumberFormat): string {
  return `${numbers.format(lowest)}–${numbers.format(highest)}`;
}

function nameOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return version === 'this' ? name : `${name} ${version}`.trim();
}

function madeBy({ rounds, seconds, machine, node }: About): string {
  return `Medians of ${rounds} rounds of ${seconds} s each, in turns; ${machine}, Node ${node}.`;
}

function throughputTable(title: string, name: string): string {
  const file = resultsOf<ThroughputFile>(name);
  if (file === undefined) return `${title}: not measured yet.`;
  const [own] = file.rows;
  const rows = file.rows.map((row) => {
    const { median } = row.requestsPerCpuSecond;
    return [
      nameOf(row),
      whole.format(median),
      range(row.requestsPerCpuSecond, whole),
      hundredths.format(own === undefined ? Number.NaN : timesAsMuch(own, row)),
      [row.p50Ms, row.p99Ms, row.p999Ms].map((ms) => hundredths.format(ms)).join(' / '),
      `${row.proxyCorePercent} / ${row.loadCorePercent}`,
      String(row.residentMebibytes),
      whole.format(row.failed),
    ];
  });
  const head = [
    'proxy',
    'requests per CPU second',
    'lowest–highest',
    `${own?.name} does … times that`,
    'p50 / p99 / p99.9, ms',
    'cores busy, % (proxy / load)',
    'MiB',
    'failed',
  ];
  return [`${title}:`, '', table(head, rows), '', madeBy(file)].join('\n');
}

function latencyTable(): string {
  const file = resultsOf<LatencyFile>('load-latency');
  if (file === undefined) return 'Answer times at a fixed rate: not measured yet.';
  const rows = file.rows.map((row) => [
    nameOf(row),
    whole.format(row.ratePerSecond),
    ...[row.p50Ms, row.p99Ms, row.p999Ms].map(({ median }) => hundredths.format(median)),
    range(row.p99Ms, hundredths),
    whole.format(row.failed),
  ]);
  const head = [
    'proxy',
    'requests per second',
    'p50, ms',
    'p99',
    'p99.9',
    'p99, lowest–highest',
    'failed',
  ];
  const title = 'Answer times at a fixed rate, GET 1 KB, 64 connections:';
  return [title, '', table(head, rows), '', madeBy(file)].join('\n');
}

function memoryTable(): string {
  const file = resultsOf<MemoryFile>('load-memory');
  if (file === undefined) return 'Resident memory: not measured yet.';
  const [first] = file.rows;
  const rows = file.rows.map((row) => [
    nameOf(row),
    String(row.atStartMebibytes),
    row.mebibytes.join(' '),
    hundredths.format(row.mebibytesPerMillion),
    whole.format(row.failed),
  ]);
  const head = ['proxy', 'at the start', 'after each tenth', 'and per million more', 'failed'];
  const title = `Resident memory in MiB, ${first?.connections} connections, ${whole.format(first?.requests ?? 0)} requests:`;
  return [title, '', table(head, rows), '', `${file.machine}, Node ${file.node}.`].join('\n');
}

function lookupTable(): string {
  const file = resultsOf<LookupFile>('lookup');
  if (file === undefined) return 'A decision (match and assign): not measured yet.';
  const rows = file.results.map(({ name, medianNs }) => [name, whole.format(medianNs)]);
  const title = 'A decision (match and assign), the making of the request included:';
  return [title, '', table(['routes', 'ns'], rows), '', `${file.machine}, Node ${file.node}.`].join(
    '\n',
  );
}

/** One comparison cannot be made before there is such a log. */
function accessLogLine(): string {
  const hasOne = Object.keys(settingList).some((name) => /access/i.test(name));
  return `With access logs on: ${hasOne ? 'not measured yet' : 'Turnout has none yet'}.`;
}

function verdict(target: Target): string {
  if (target.measured === undefined) return 'not measured yet';
  const missed = missedBy(target);
  return missed === 0 ? 'yes' : `**no**, by ${hundredths.format(100 * missed)} %`;
}

function targetTable(): string {
  const rows = targets(resultsOf).map((target) => [
    target.work,
    target.wish,
    target.measured === undefined ? '' : hundredths.format(target.measured),
    verdict(target),
  ]);
  return table(['work', 'is to be', 'is', 'reached'], rows);
}

/** Puts text between the marks of a file. */
function fill(path: string, text: string): void {
  const marks = /(<!-- bench:begin -->\n)[\s\S]*?(<!-- bench:end -->)/;
  const before = readFileSync(path, 'utf8');
  if (!marks.test(before)) throw new Error(`${path} has no marks to write between`);
  writeFileSync(
    path,
    before.replace(marks, (_all, begin, end) => `${begin}${text}\n${end}`),
  );
}

const reached = targetTable();
process.stdout.write(`${reached}\n`);
const root = join(import.meta.dirname, '..');
const usual = 'GET of 1 KB over 64 keep-alive connections';
fill(join(root, 'README.md'), throughputTable(usual, 'load-get-1k-64'));
fill(
  join(root, 'bench/README.md'),
  [
    reached,
    throughputTable(usual, 'load-get-1k-64'),
    throughputTable('The same over 512 connections', 'load-get-1k-512'),
    throughputTable('GET of 100 KB over 64 connections', 'load-get-100k'),
    throughputTable('POST of 10 KB over 64 connections', 'load-post-10k'),
    throughputTable('GET of 1 KB, a new connection for each, 64 at a time', 'load-new-connections'),
    accessLogLine(),
    latencyTable(),
    memoryTable(),
    throughputTable('5 routes and 5,000, by host and path, some far more asked', 'load-routes'),
    throughputTable('With metrics, and with nothing counted', 'load-metrics'),
    lookupTable(),
  ].join('\n\n'),
);
