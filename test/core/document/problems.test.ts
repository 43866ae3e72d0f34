import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'tap';
import { problemCodes } from '#core/document/problem-codes';
import { read } from '#core/document/read';
import { renderProblems } from '#core/document/render-problems';

const root = resolve(import.meta.dirname, '../../..');
const cases = resolve(root, 'test/conformance/problems');
const codes = Object.keys(problemCodes);

/** What would be too large to keep in a file. */
const behind: Readonly<Record<string, string>> = { TN1002: `#${'x'.repeat(1_048_576)}\n` };

for (const file of readdirSync(cases).filter((name) => name.endsWith('.yaml'))) {
  const code = file.replace('.yaml', '');
  test(`${code} reads as it is written down`, async (t) => {
    const text = readFileSync(resolve(cases, file), 'utf8') + (behind[code] ?? '');
    const expected = readFileSync(resolve(cases, `${code}.txt`), 'utf8');
    const reading = read(text);
    const problems = reading.kind === 'problems' ? reading.problems : reading.warnings;
    t.equal(renderProblems(problems, { file: 'routes.yaml', text }), expected);
    t.match(expected, new RegExp(`\\b${code}:`));
  });
}

test('every code has a case, and every case a code', async (t) => {
  const files = readdirSync(cases).sort();
  t.strictSame(files, codes.flatMap((code) => [`${code}.txt`, `${code}.yaml`]).sort());
});

test('the reference has a row for every code, in the words of the table', async (t) => {
  const reference = readFileSync(resolve(root, 'docs/reference/problems.md'), 'utf8');
  const rows = [...reference.matchAll(/^\| (TN\d{4}) \| ([^|]+) \| ([^|]+) \|$/gm)];
  t.strictSame(
    rows.map(([, code, meaning]) => [code, meaning]),
    Object.entries(problemCodes),
  );
  for (const [, code, , remedy] of rows)
    t.ok((remedy ?? '').length > 10, `${code} says what to do`);
});
