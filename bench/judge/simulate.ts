// What does the judge of a release do, and what do the rules of others, when nothing is left to
// chance but the traffic? `npm run simulate:judge`; with --write the figures go to
// bench/results/judge.json and docs/explanation/judge.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultsFolder } from '../record.ts';
import { compare } from './compare.ts';
import { fillPage } from './fill-page.ts';
import type { JudgeFile } from './result.ts';
import { holds, rows } from './rows.ts';
import { comparedTable, rowsTable } from './tables.ts';

const comparedRuns = 2_000;

const measured = rows.map(({ id, what, runs, measure }) => {
  const figures = measure(runs).map((figure) => ({ ...figure, holds: holds(figure) }));
  process.stderr.write(`${id}: ${what}\n`);
  return { id, what, runs, figures };
});
const file: JudgeFile = { rows: measured, comparedRuns, compared: compare(comparedRuns) };
process.stdout.write(`${rowsTable(file)}\n\n${comparedTable(file)}\n`);
if (process.argv.includes('--write')) {
  // Infinity, where something never happened, is null in JSON.
  writeFileSync(join(resultsFolder, 'judge.json'), `${JSON.stringify(file, undefined, 2)}\n`);
  fillPage(file);
}
const missed = measured.flatMap(({ figures }) => figures).filter((figure) => !figure.holds);
process.exitCode = missed.length === 0 ? 0 : 1;
