import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultsFolder } from '../record.ts';
import { figureText, type Outcome } from './support/trial.ts';

interface TrialsFile {
  readonly machine: string;
  readonly node: string;
  readonly outcomes: readonly Outcome[];
}

function rowsOf({ name, did, checks, notes, seconds }: Outcome): string {
  const figures = checks.map(
    (check) => `${check.holds ? '' : '**missed** '}${check.what}: ${figureText(check)}`,
  );
  const noted = notes.filter((note) => !note.includes('\n'));
  const lines = [...figures, ...noted.map((note) => `*${note}*`)].join('<br>');
  return `| [${name}](${name}.trial.ts) | ${did} | ${lines} | ${seconds} s |`;
}

function tableOf({ machine, node, outcomes }: TrialsFile): string {
  return [
    '| trial | what was done | figures, and what they must be | took |',
    '|---|---|---|---|',
    ...outcomes.map(rowsOf),
    '',
    `${machine}, Node ${node}. In italics: figures that nothing depends on.`,
  ].join('\n');
}

function keptFile(): TrialsFile | undefined {
  const results = join(resultsFolder, 'trials.json');
  // Written by run.ts.
  return existsSync(results)
    ? (JSON.parse(readFileSync(results, 'utf8')) as TrialsFile)
    : undefined;
}

export function keptOutcomes(): readonly Outcome[] {
  return keptFile()?.outcomes ?? [];
}

/** Writes the outcomes that were kept into README.md: no number there is typed by hand. */
export function fillReadme(): void {
  const file = keptFile();
  if (file === undefined) return;
  const readme = join(import.meta.dirname, 'README.md');
  const marks = /(<!-- trials:begin -->\n)[\s\S]*?(<!-- trials:end -->)/;
  const text = readFileSync(readme, 'utf8');
  writeFileSync(
    readme,
    text.replace(marks, (_all, begin, end) => `${begin}${tableOf(file)}\n${end}`),
  );
}
