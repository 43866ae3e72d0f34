import { test } from 'tap';
import type { Problem } from '#core/document/problem';
import { renderProblems } from '#core/document/render-problems';

function problem(rest: Partial<Problem>): Problem {
  return {
    code: 'TN2004',
    severity: 'error',
    message: 'unknown key "x"',
    hint: undefined,
    line: 1,
    column: 1,
    length: 1,
    ...rest,
  };
}

function rendered(text: string, rest: Partial<Problem>): readonly string[] {
  return renderProblems([problem(rest)], { file: 'f', text })
    .split('\n')
    .slice(1, 3);
}

test('problems are counted, and what stays in force is named', async (t) => {
  const error = problem({});
  const warning = problem({ severity: 'warning' });
  const options = { file: 'f', text: 'x' };
  t.match(renderProblems([error], options), /\n1 error\.\n$/);
  t.match(renderProblems([error, error, warning], options), /\n2 errors, 1 warning\.\n$/);
  t.match(renderProblems([warning, warning], options), /\n2 warnings\.\n$/);
  t.equal(renderProblems([], options), 'no problems.\n');
  t.match(
    renderProblems([error], { ...options, inForce: 'a1b2c3d4e5f6' }),
    /\n1 error\. The document in force stays a1b2c3d4e5f6\.\n$/,
  );
});

test('the mark stands below the place', async (t) => {
  t.strictSame(rendered('ab cd', { column: 4, length: 2 }), ['  1 | ab cd', '    |    ^^']);
});

test('also behind tabs and characters of two units', async (t) => {
  t.strictSame(rendered('\t🚂 x', { column: 4 }), ['  1 | \t🚂 x', '    | \t  ^']);
});

test('also behind the end of a line, and in a line that is not there', async (t) => {
  t.strictSame(rendered('ab', { column: 3 }), ['  1 | ab', '    |   ^']);
  t.strictSame(rendered('ab', { line: 7 }), ['  7 | ', '    | ^']);
});

test('a long line is cut around the place', async (t) => {
  const [line = '', mark = ''] = rendered(`${'a'.repeat(5_000)}X${'b'.repeat(5_000)}`, {
    column: 5_001,
    length: 3,
  });
  t.ok(line.length < 140);
  t.equal(line[mark.indexOf('^')], 'X');
});

test('a document does not write to the terminal what it likes', async (t) => {
  const [line] = rendered('a\x1b[31m\u202eb', {});
  t.equal(line, '  1 | a\ufffd[31m\ufffdb');
});
