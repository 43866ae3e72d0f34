import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { shopRules, turnout } from './fake-ports.ts';

const warned = shopRules.replace('version: v2 }', 'version: v3 }');

test('a right document: one line, 0', async (t) => {
  const file = join(t.testdir({ 'routes.yaml': shopRules }), 'routes.yaml');
  const ran = await turnout(['check', file]);
  t.match(ran, { exitCode: 0, err: '' });
  t.match(ran.out, /: no problems; 2 routes, 4 versions, hash [0-9a-f]{12}\n$/);
});

test('every problem with its place, and 2', async (t) => {
  const text = shopRules
    .replace('weight: 10', 'wieght: 10')
    .replace('url: "http://shop-v1', 'url: "ftp://shop-v1');
  const file = join(t.testdir({ 'routes.yaml': text }), 'routes.yaml');
  const { exitCode, out } = await turnout(['check', file]);
  t.equal(exitCode, 2);
  t.match(out, `${file}:10:`);
  t.match(out, `${file}:11:`);
  t.match(out, 'did you mean "weight"?');
  t.match(out, /\n2 errors\.\n$/);
});

test('a warning is told; only with --strict does it fail', async (t) => {
  const file = join(t.testdir({ 'routes.yaml': warned }), 'routes.yaml');
  const lax = await turnout(['check', file]);
  t.equal(lax.exitCode, 0);
  t.match(lax.out, ': warning TN3');
  t.match(lax.out, /: can be used; 2 routes, 4 versions, hash [0-9a-f]{12}\n$/);
  t.match(await turnout(['check', file, '--strict']), { exitCode: 2 });
});

test('-o json says the same to a program', async (t) => {
  const file = join(t.testdir({ 'routes.yaml': 'routes: 3\n' }), 'routes.yaml');
  const { exitCode, out } = await turnout(['check', file, '-o', 'json']);
  t.equal(exitCode, 2);
  t.match(JSON.parse(out), {
    apiVersion: 'turnout/v1',
    file,
    ok: false,
    problems: [
      { severity: 'error', line: 1 },
      { severity: 'error', line: 1 },
    ],
  });
});

test('the document may come from stdin', async (t) => {
  t.match(await turnout(['check', '-'], {}, shopRules), {
    exitCode: 0,
    out: /^stdin: no problems/,
  });
});

test('without a file the variable names it', async (t) => {
  const file = join(t.testdir({ 'r.yaml': shopRules }), 'r.yaml');
  t.match(await turnout(['check'], { env: { TURNOUT_RULES: file } }), { exitCode: 0 });
});

test('rules in a cluster are not read', async (t) => {
  t.same(await turnout(['check'], { env: { TURNOUT_RULES: 'configmap:shop/rules' } }), {
    exitCode: 2,
    out: '',
    err: 'error: this command reads files, not configmap shop/rules\n  hint: what a ConfigMap holds can be piped into: turnout check -\n',
  });
});

test('a file that is missing, a folder or no text is told in a sentence', async (t) => {
  const folder = t.testdir({});
  const missing = join(folder, 'routes.yaml');
  t.same(await turnout(['check', missing]), {
    exitCode: 2,
    out: '',
    err: `error: the rules file ${missing} does not exist\n  hint: check the path; it counts from the current folder\n`,
  });
  t.match(await turnout(['check', folder]), { exitCode: 2, err: `${folder} is a folder` });
  writeFileSync(missing, Buffer.from([0xff, 0xfe]));
  t.match(await turnout(['check', missing]), { exitCode: 2, err: 'is not UTF-8 text' });
});
