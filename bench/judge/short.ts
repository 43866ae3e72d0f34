// A sixteenth of the simulations, for test/core/judge/simulations.test.ts: JSON on stdout.
import { compare } from './compare.ts';
import { mistakes } from './mistakes.ts';
import type { JudgeFile } from './result.ts';
import { holds, holdsAfter, rows } from './rows.ts';

const part = 1 / 16;

const measured = rows.map(({ id, what, runs, measure }) => {
  const some = Math.ceil(runs * part);
  const figures = measure(some).map((figure) => ({ ...figure, holds: holdsAfter(some, figure) }));
  return { id, what, runs: some, figures };
});
const wrong = mistakes.measure(mistakes.runs).map((figure) => {
  return { ...figure, holds: holds(figure) };
});
const file: JudgeFile = {
  rows: [...measured, { ...mistakes, figures: wrong }],
  comparedRuns: 60,
  compared: compare(60),
};
process.stdout.write(JSON.stringify(file));
