import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { filled } from '../../bench/judge/fill-page.ts';
import type { JudgeFile } from '../../bench/judge/result.ts';
import { rows } from '../../bench/judge/rows.ts';
import { root } from './pages.ts';

const page = readFileSync(join(root, 'docs/explanation/judge.md'), 'utf8');
const result = readFileSync(join(root, 'bench/results/judge.json'), 'utf8');
// Written by bench/judge/simulate.ts, in this shape.
const file = JSON.parse(result) as JudgeFile;

test('the figures of the judge are those that were measured, of all there are', async (t) => {
  t.equal(filled(page, file), page);
  t.same(
    file.rows.map(({ what, runs }) => ({ what, runs })),
    rows.map(({ what, runs }) => ({ what, runs })),
  );
  t.ok(file.rows.every(({ figures }) => figures.every((figure) => figure.holds)));
});
