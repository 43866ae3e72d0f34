import { test } from 'tap';
import type { Answer, Call } from '../../src/cli/call.ts';
import { turnout } from './fake-ports.ts';

const path = 'http://127.0.0.1:9090/api/v1/routes/shop/overlay';

function json(value: object, status = 200): Answer {
  const body = JSON.stringify({ apiVersion: 'turnout/v1', ...value });
  return { status, contentType: 'application/json', body, etag: '"aaa-1"' };
}

const overlay = {
  weights: { v1: 60, v2: 40 },
  beganAt: '2026-08-01T03:12:07.412Z',
  endsAt: '2026-08-01T03:22:07.412Z',
  who: 'eve',
};
const set = json({
  revision: 8,
  message: 'v1 60, v2 40 for 10 min by eve',
  changes: ['route shop: users who change version: 40.0 % v1 → v2, 0 % back'],
  scope: 'replica',
  overlay,
});

/** Runs a command line: what is there is seen first, then comes the answer. */
async function asked(words: readonly string[], answer: Answer = set, env = {}) {
  const calls: Call[] = [];
  const ran = await turnout(['weight', ...words], {
    env,
    call: async (one) => (calls.push(one) === 1 ? json({ route: 'shop' }) : answer),
  });
  const { body } = calls[1] ?? {};
  return { ...ran, calls, body: body === undefined ? undefined : JSON.parse(body) };
}

test('weights are set on what was seen, and it is told what came of it', async (t) => {
  const words = ['shop', 'v1=60', 'v2=40', '--ttl', '10m', '--reason', 'load test'];
  const { calls, body, ...ran } = await asked(words, set, { USER: 'eve' });
  t.match(calls, [
    { method: 'GET', url: path },
    { method: 'PUT', url: path, headers: { 'if-match': '"aaa-1"' } },
  ]);
  t.same(body, {
    weights: { v1: 60, v2: 40 },
    ttl: '10m',
    reason: 'load test',
    user: 'eve',
  });
  t.equal(ran.exitCode, 0);
  t.equal(
    ran.out,
    `v1 60, v2 40 for 10 min by eve (revision 8)
route shop: users who change version: 40.0 % v1 → v2, 0 % back
until     2026-08-01 03:22:07Z
holds     on this replica only: others know nothing of it
next      turnout weight shop --end
`,
  );
});

for (const { scope, text } of [
  { scope: 'process', text: 'this process only: without --state-dir it ends with it' },
  { scope: 'replica', text: 'this replica only' },
  { scope: 'replicas', text: 'all replicas' },
]) {
  test(`${scope}: it is told where it holds`, async (t) => {
    const answer = json({ revision: 8, message: 'm', changes: [], scope, overlay });
    const { out } = await asked(['shop', 'v1=1', '--ttl', '1m'], answer);
    t.match(out, `\nholds     on ${text}`);
  });
}

test('a dry run changes nothing, and says so', async (t) => {
  const answer = json({ message: 'v1 1 for 1 min', changes: ['a'], scope: 'replica', overlay });
  const { calls, out } = await asked(['shop', 'v1=1', '--ttl', '1m', '--dry-run'], answer);
  t.match(calls[1], { method: 'PUT', url: `${path}?dryRun=true` });
  t.match(out, /^v1 1 for 1 min: a dry run, nothing was changed\na\nuntil /);
  t.notMatch(out, 'next');
});

test('they are ended', async (t) => {
  const answer = json({ revision: 9, message: 'it is over', changes: ['a'], scope: 'replica' });
  const { calls, body, out } = await asked(['shop', '--end', '--reason', 'seen'], answer);
  t.match(calls[1], { method: 'DELETE', url: path, headers: { 'if-match': '"aaa-1"' } });
  t.same(body, { reason: 'seen' });
  t.equal(out, 'it is over (revision 9)\na\nnext      turnout status shop\n');
});

for (const { that, words, err } of [
  { that: 'nothing is said', words: [], err: 'say weights, such as v1=60 v2=40, or --end' },
  { that: 'a percentage', words: ['v1=60%'], err: 'a weight must be VERSION=NUMBER, got "v1=60%"' },
  { that: 'no number', words: ['v1'], err: 'a weight must be VERSION=NUMBER, got "v1"' },
  { that: 'a negative one', words: ['v1=-1'], err: 'got "v1=-1"' },
  { that: 'two of one', words: ['v1=1', 'v1=2'], err: 'v1 has two weights' },
  {
    that: 'weights and the end',
    words: ['v1=1', '--end'],
    err: '--end goes with neither weights nor --ttl',
  },
  { that: 'an end with a limit', words: ['--end', '--ttl', '1m'], err: 'nor --ttl' },
]) {
  test(`wrong use: ${that}`, async (t) => {
    const { calls, ...ran } = await asked(['shop', ...words]);
    t.match(ran, { exitCode: 2, err, out: '' });
    t.same(calls, []);
  });
}

for (const { status, code, exitCode } of [
  { status: 409, code: 'TN4005', exitCode: 4 },
  { status: 409, code: 'TN4006', exitCode: 4 },
  { status: 412, code: 'TN4002', exitCode: 4 },
  { status: 422, code: 'TN4004', exitCode: 2 },
  { status: 404, code: 'not_found', exitCode: 2 },
  { status: 403, code: 'not_allowed', exitCode: 3 },
  { status: 503, code: 'unwritable', exitCode: 1 },
]) {
  test(`${code} ends with ${exitCode}, the reason and what to do`, async (t) => {
    const body = JSON.stringify({ status, code, detail: 'because', hint: 'do this' });
    const answer = { status, contentType: 'application/problem+json', body };
    const ran = await asked(['shop', 'v1=1'], answer);
    t.match(ran, { exitCode, err: 'error: because\n  hint: do this\n', out: '' });
  });
}
