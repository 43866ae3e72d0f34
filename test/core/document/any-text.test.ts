import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { test } from 'tap';
import { compileWhen } from '#core/conditions/registry';
import type { Problem } from '#core/document/problem';
import { read } from '#core/document/read';
import { renderProblems } from '#core/document/render-problems';

const config = resolve(import.meta.dirname, '../../../config/examples');
const examples = readdirSync(config).map((name) => readFileSync(resolve(config, name), 'utf8'));

/** Reads a text; whether it gave a document or problems, all of them at places inside the text. */
function isSound(text: string): boolean {
  const reading = read(text);
  const problems = reading.kind === 'problems' ? reading.problems : reading.warnings;
  const lines = text.replace(/^\ufeff/, '').split('\n');
  renderProblems(problems, { file: 'routes.yaml', text });
  if (!problems.every((problem) => isInside(problem, lines))) return false;
  if (reading.kind === 'problems') return problems.some(({ severity }) => severity === 'error');
  for (const { match } of reading.document.routes) if (match !== undefined) compileWhen(match);
  return problems.every(({ severity }) => severity === 'warning');
}

function isInside({ line, column, length, message }: Problem, lines: readonly string[]): boolean {
  const written = [...(lines[line - 1] ?? '').replace(/\r$/, '')].length;
  const isOnLine = line >= 1 && line <= lines.length && column >= 1 && column <= written + 1;
  const isMarked = length >= 1 && column - 1 + length <= Math.max(written, column);
  return isOnLine && isMarked && message !== '' && !message.includes('\n');
}

test('any text gives a document or problems inside it, and never a throw', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), isSound), {
    numRuns: 1_000,
  });
});

test('so does any mixture of what YAML is made of', async () => {
  const piece = fc.constantFrom(
    ...[
      '\n',
      '  ',
      '- ',
      ': ',
      ':',
      '{',
      '}',
      '[',
      ']',
      ',',
      '&a ',
      '*a',
      '!t ',
      '!!str ',
      '? ',
      '|\n',
      '>\n',
    ],
    ...[
      '"',
      "'",
      '#',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      '%x\n',
      '\t',
      '\r\n',
      '\ufeff',
      '@',
      '`',
      '<<',
      '~',
    ],
    ...[
      'apiVersion: turnout/v1\n',
      'routes:\n',
      '  - name: a\n',
      '    versions: ',
      'match',
      'when',
      '1',
      'é🚂',
    ],
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
  fc.assert(fc.property(text, isSound), { numRuns: 1_500 });
});

test('so does any example with a part cut out, put in or doubled', async () => {
  const change = fc.record({
    at: fc.nat(2_000),
    cut: fc.nat(12),
    put: fc.oneof(
      fc.constantFrom(
        '',
        '\n',
        ' ',
        '{',
        '}',
        '[',
        ']',
        ': ',
        '- ',
        '"',
        'null',
        '{}',
        '[]',
        '-1',
        '1e999',
        '.nan',
        '*a',
      ),
      fc.string({ maxLength: 4 }),
    ),
  });
  const text = fc
    .tuple(fc.constantFrom(...examples), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([example, changes]) =>
      changes.reduce((now, { at, cut, put }) => {
        const place = at % now.length;
        return now.slice(0, place) + put + now.slice(place + cut);
      }, example),
    );
  fc.assert(fc.property(text, isSound), { numRuns: 1_500 });
});

test('so does any value in place of any other', async () => {
  const value = fc.jsonValue({ maxDepth: 2 });
  const text = fc
    .tuple(
      fc.constantFrom(
        'match',
        'versions',
        'unit',
        'audiences',
        'sticky',
        'override',
        'headers',
        'salt',
        'rollout',
      ),
      fc.constantFrom('onUnavailable', 'timeouts', 'rewrite', 'redirect', 'rollout', 'name'),
      value,
      value,
    )
    .map(([key, other, a, b]) =>
      JSON.stringify({
        apiVersion: 'turnout/v1',
        defaults: { [key]: b },
        routes: [{ name: 'a', versions: { v1: { url: 'http://a:1' } }, [key]: a, [other]: b }, a],
      }),
    );
  fc.assert(fc.property(text, isSound), { numRuns: 1_000 });
});
