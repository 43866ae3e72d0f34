// Writes the figures of bench/results into README.md and bench/README.md, between their marks:
// no number there is typed by hand. `npm run bench` ends with it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultsFolder } from './record.ts';

interface LoadRow {
  readonly name: string;
  readonly requestsPerCpuSecond: number;
  readonly min: number;
  readonly max: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMebibytes: number;
  readonly failed: number;
}
interface LoadFile {
  readonly machine: string;
  readonly node: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: readonly LoadRow[];
}
interface LookupFile {
  readonly machine: string;
  readonly node: string;
  readonly results: readonly { readonly name: string; readonly medianNs: number }[];
}

function fileOf<File>(name: string): File | undefined {
  const path = join(resultsFolder, name);
  // Written by record.ts, one shape per name.
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as File) : undefined;
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

function loadTable(name: string): string {
  const file = fileOf<LoadFile>(name);
  if (file === undefined) return '';
  const [, size = '', connections = ''] = /load-get-(\d+)-(\d+)/.exec(name) ?? [];
  const [own] = file.rows;
  const lines = file.rows.map((row) => {
    const ratio = (own?.requestsPerCpuSecond ?? Number.NaN) / row.requestsPerCpuSecond;
    const range = `${whole.format(row.min)}–${whole.format(row.max)}`;
    return `| ${row.name} | ${whole.format(row.requestsPerCpuSecond)} | ${range} | ${ratio.toFixed(2)} | ${row.failed} |`;
  });
  return [
    `GET of ${whole.format(Number(size))} bytes over ${connections} keep-alive connections, split 90/10:`,
    '',
    '| proxy | requests per CPU second | lowest–highest | Turnout does … times that | failed, at most |',
    '|---|---|---|---|---|',
    ...lines,
    '',
    `Median of ${file.rounds} runs of ${file.seconds} s each, in turns; ${file.machine}, Node ${file.node}.`,
  ].join('\n');
}

function lookupTable(): string {
  const file = fileOf<LookupFile>('lookup.json');
  if (file === undefined) return '';
  return [
    'A decision (match and assign), the making of the request included:',
    '',
    '| routes | ns |',
    '|---|---|',
    ...file.results.map(({ name, medianNs }) => `| ${name} | ${whole.format(medianNs)} |`),
    '',
    `${file.machine}, Node ${file.node}.`,
  ].join('\n');
}

/** Puts text between the marks of a file; a file without marks stays as it is. */
function fill(path: string, text: string): void {
  const marks = /(<!-- bench:begin -->\n)[\s\S]*?(<!-- bench:end -->)/;
  const before = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    before.replace(marks, (_all, begin, end) => `${begin}${text}\n${end}`),
  );
}

const root = join(import.meta.dirname, '..');
const loads = readdirSync(resultsFolder).filter((name) => name.startsWith('load-'));
fill(join(root, 'README.md'), loadTable('load-get-1024-64.json'));
fill(
  join(root, 'bench/README.md'),
  [...loads.toSorted().map(loadTable), lookupTable()].filter((text) => text !== '').join('\n\n'),
);
