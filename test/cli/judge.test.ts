import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'tap';
import { turnout } from './fake-ports.ts';

const file = resolve(import.meta.dirname, '../../config/replays/shop-3.jsonl');
const recorded = readFileSync(file, 'utf8');
const judge = (words: readonly string[], stdin = '') => turnout(['judge', ...words], {}, stdin);

test('FAIL in the words that were told, with exit code 1', async (t) => {
  const { exitCode, out, err } = await judge([file]);
  t.equal(exitCode, 1);
  t.match(out, /^shop-3: shop from v1 to v2\nFAIL after 60 s and \d+ canary requests: failures /);
  t.match(out, /\nat {8}step 2, tick 24 of 36, 2026-11-24T12:02:00\.000Z\n$/);
  t.equal(err, '');
});

test('another alpha is another judge of the same counts', async (t) => {
  const sooner = JSON.parse((await judge([file, '--alpha', '0.2', '-o', 'json'])).out);
  t.match(sooner, { apiVersion: 'turnout/v1', release: 'shop-3', step: 2 });
  t.match(sooner.verdict, { kind: 'fail', alpha: 0.2 });
  t.ok(sooner.tick < 24);
  const later = await judge([file, '--alpha', '1e-9']);
  t.match(later.out, '\nUNDECIDED after ');
  t.equal(later.exitCode, 6);
});

test('PASS is 0; nothing measured is 6', async (t) => {
  const lines = recorded.split('\n');
  // Only the failures of the stable version stay: at 10 minutes the new one passes.
  const equal = lines.map((line) =>
    line.replace(/(\["request",\d+,\[\d+),(\d+)\],\[(\d+),\d+\]/, '$1,$2],[$3,0]'),
  );
  const [head = '', ...rest] = equal;
  const many = Array.from({ length: 40 }, () => rest.slice(14).join('\n')).join('\n');
  const passed = `${head}\n{"step":{"at":0,"forMs":0}}\n${many.replaceAll('\n\n', '\n')}`;
  t.match(await judge(['-'], passed), { exitCode: 0, out: /\nPASS after / });
  t.match(await judge(['-'], `${lines[0]}\n`), { exitCode: 6, out: /nothing was measured/ });
});

test('a cut last line is told, and left out', async (t) => {
  const { out, err } = await judge(['-'], recorded.slice(0, -20));
  t.match(out, 'FAIL after 60 s');
  t.equal(err, 'the last line is cut, and was left out\n');
});

test('a file that is none, and an alpha that is none', async (t) => {
  const folder = t.testdir({ 'routes.yaml': 'apiVersion: turnout/v1\n' });
  const rules = join(folder, 'routes.yaml');
  const none = await judge([rules]);
  t.equal(none.exitCode, 2);
  t.equal(
    none.err,
    `error: ${rules}:1: the first line must say "turnout": "replay/1"\n` +
      '  hint: is it a replay file, from its beginning?\n',
  );
  t.match(await judge([join(folder, 'no.jsonl')]), { exitCode: 2, err: /does not exist/ });
  for (const alpha of ['0', '1', 'x', '']) {
    t.match(await judge([file, '--alpha', alpha]), { exitCode: 2, err: /--alpha must be a share/ });
  }
});
