import { test } from 'tap';
import type { RouteStatus } from '#core/rollout/status';
import { datedJson } from '../../src/admin/dated-json.ts';
import { type Answer, type Call, call } from '../../src/cli/call.ts';
import { fakeAdmin, noRollouts } from '../admin/fake-ports.ts';
import { turnout } from './fake-ports.ts';
import { at, leaving, rolloutStatus, routeStatus, versionStatus } from './made-up-status.ts';

function json(status: number, value: object): Answer {
  return {
    status,
    contentType: 'application/json',
    body: JSON.stringify({ apiVersion: 'turnout/v1', ...value }),
  };
}

function problem(status: number, detail: string): Answer {
  const body = JSON.stringify({ status, title: 'Problem', detail });
  return { status, contentType: 'application/problem+json', body };
}

const done = json(200, { revision: 8, message: 'it is done' });

/**
 * Runs a command line against answers, one after the other; the last one stays. Each wait lets
 * the clock go on by as much.
 */
async function asked(words: readonly string[], answers: readonly (Answer | Error)[], env = {}) {
  const calls: Call[] = [];
  let now = at;
  const ran = await turnout(words, {
    env,
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    call: async (one) => {
      const answer = answers[Math.min(calls.push(one), answers.length) - 1];
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { ...ran, calls, waitedMs: now - at };
}

function shown(status: RouteStatus): Answer {
  return json(200, Object(datedJson(status)));
}

for (const { words, verb, body } of [
  { words: ['pause', 'shop'], verb: 'pause', body: {} },
  { words: ['resume', 'shop', '--reason', 'seen'], verb: 'resume', body: { reason: 'seen' } },
  { words: ['promote', 'shop'], verb: 'promote', body: {} },
  { words: ['promote', 'shop', '--full'], verb: 'promote', body: { force: true } },
  { words: ['switch', 'shop', 'green'], verb: 'switch', body: { version: 'green' } },
  {
    words: ['switch', 'shop', 'green', '--force'],
    verb: 'switch',
    body: { version: 'green', force: true },
  },
  { words: ['enable', 'shop', 'v2'], verb: 'enable', body: { version: 'v2' } },
  { words: ['undo', 'shop'], verb: 'undo', body: {} },
  { words: ['undo', 'shop', '--to-revision', '7'], verb: 'undo', body: { toRevision: 7 } },
]) {
  test(`turnout ${words.join(' ')} tells it, and prints what came of it`, async (t) => {
    const { calls, ...ran } = await asked(words, [done]);
    t.match(ran, { exitCode: 0, out: 'it is done (revision 8)\n', err: '' });
    t.equal(calls.length, 1);
    t.match(calls[0], {
      method: 'POST',
      url: `http://127.0.0.1:9090/api/v1/routes/shop/actions/${verb}`,
      headers: { 'content-type': 'application/json' },
    });
    t.same(JSON.parse(calls[0]?.body ?? ''), body);
  });
}

test('who says so goes along, where the environment knows it', async (t) => {
  const { calls } = await asked(['pause', 'shop'], [done], { USER: 'eve' });
  t.same(JSON.parse(calls[0]?.body ?? ''), { user: 'eve' });
  const odd = await asked(['pause', 'shop'], [done], { USER: 'e\nve' });
  t.same(JSON.parse(odd.calls[0]?.body ?? ''), {});
});

test('names are written into the path as they are', async (t) => {
  const { calls } = await asked(['pause', 'a/b?'], [done]);
  t.match(calls[0]?.url, '/api/v1/routes/a%2Fb%3F/actions/pause');
});

test('flags win over variables, and a token goes along', async (t) => {
  const file = t.testdir({ 'tokens.txt': '# ours\nabc123\n' });
  const env = { TURNOUT_ADDRESS: 'http://turnout:9090', TURNOUT_TOKEN_FILE: `${file}/tokens.txt` };
  const { calls } = await asked(['pause', 'shop'], [done], env);
  t.match(calls[0], {
    url: /^http:\/\/turnout:9090\/api/,
    headers: { authorization: 'Bearer abc123' },
  });
  const other = await asked(['pause', 'shop', '--address', 'http://[::1]:1'], [done], env);
  t.match(other.calls[0]?.url, /^http:\/\/\[::1\]:1\/api/);
});

for (const { that, words, err } of [
  {
    that: 'an address is a URL',
    words: ['pause', 'a', '--address', 'turnout:9090'],
    err: '--address must be http://HOST:PORT, got "turnout:9090"',
  },
  {
    that: 'without a path',
    words: ['pause', 'a', '--address', 'http://a/b'],
    err: '--address must be',
  },
  {
    that: 'a timeout is a duration',
    words: ['status', '-w', '--timeout', '5'],
    err: '--timeout must be a duration',
  },
  {
    that: 'a revision is a number',
    words: ['undo', 'a', '--to-revision', 'x'],
    err: '--to-revision must be the number of a revision, got "x"',
  },
  {
    that: 'a file of tokens is there',
    words: ['pause', 'a', '--token-file', '/nowhere'],
    err: 'the token file /nowhere does not exist',
  },
]) {
  test(`wrong use: ${that}`, async (t) => {
    const { calls, ...ran } = await asked(words, [done]);
    t.equal(ran.exitCode, 2);
    t.match(ran.err, err);
    t.same(calls, []);
  });
}

const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

for (const { that, answer, exitCode, err } of [
  {
    that: 'nobody answers',
    answer: refused,
    exitCode: 3,
    err: /^error: nothing answers at http:\/\/127\.0\.0\.1:9090 \(ECONNREFUSED\)\n {2}hint: does "turnout run" serve there\?/,
  },
  {
    that: 'something else answers',
    answer: { status: 200, contentType: 'text/html', body: '<html>' },
    exitCode: 3,
    err: /is no admin listener of Turnout \(200\)/,
  },
  {
    that: 'it answers nonsense',
    answer: { status: 200, contentType: 'application/json', body: '{' },
    exitCode: 3,
    err: /is no admin listener/,
  },
  {
    that: 'a token is needed',
    answer: problem(401, 'from elsewhere'),
    exitCode: 3,
    err: /^error: from elsewhere\n {2}hint: --token-file/,
  },
  { that: 'it is not allowed', answer: problem(403, 'no'), exitCode: 3, err: /^error: no\n$/ },
  { that: 'there is no such route', answer: problem(404, 'no'), exitCode: 2, err: /error: no/ },
  { that: 'it does not fit', answer: problem(409, 'no'), exitCode: 4, err: /error: no/ },
  { that: 'it cannot be kept', answer: problem(503, 'no'), exitCode: 1, err: /error: no/ },
]) {
  test(`${exitCode} where ${that}`, async (t) => {
    const { exitCode: code, err: told, out } = await asked(['promote', 'shop'], [answer]);
    t.equal(code, exitCode);
    t.match(told, err);
    t.equal(out, '');
  });
}

function with2(
  version: Parameters<typeof versionStatus>[1],
  rest: Partial<RouteStatus> = {},
): Answer {
  return shown(
    routeStatus({ versions: [versionStatus('v1'), versionStatus('v2', version)], ...rest }),
  );
}

test('disable waits until the version has nothing in flight, and prints the proof', async (t) => {
  const busy = with2({ leaving: leaving({ inFlight: 2, lastEndedAt: undefined }) });
  const empty = with2({ leaving: leaving() });
  const untold = with2({ leaving: leaving({ lastEndedAt: undefined }) });
  const ran = await asked(['disable', 'shop', 'v2'], [done, busy, untold, empty]);
  t.equal(ran.exitCode, 0);
  t.equal(
    ran.out,
    `it is done (revision 8)
v2 of shop: 0 requests since 03:12:07.412Z; the last one ended 03:12:07.901Z
`,
  );
  t.equal(ran.waitedMs, 500);
});

test('but not for ever', async (t) => {
  const busy = with2({ leaving: leaving({ inFlight: 2, lastEndedAt: undefined }) });
  const ran = await asked(['disable', 'shop', 'v2', '--timeout', '5s'], [done, busy]);
  t.equal(ran.exitCode, 5);
  t.equal(ran.waitedMs, 5_000);
  t.match(
    ran.err,
    'v2 of shop is not empty after 5 s: 0 requests since 03:12:07.412Z; 2 in flight',
  );
});

test('abort waits for the version that was to come', async (t) => {
  const ran = await asked(
    ['abort', 'shop', '--reason', 'no cart'],
    [shown(routeStatus()), done, with2({ leaving: leaving() })],
  );
  t.equal(ran.exitCode, 0);
  t.match(ran.out, /^it is done \(revision 8\)\nv2 of shop: 0 requests since/);
  t.same(
    ran.calls.map(({ method }) => method),
    ['GET', 'POST', 'GET'],
  );
});

test('one that never had anything has nothing to leave', async (t) => {
  const ran = await asked(
    ['abort', 'shop'],
    [shown(routeStatus()), done, with2({ share: 0, inFlight: 0 })],
  );
  t.match(ran, { exitCode: 0, out: /v2 of shop: 0 requests in flight\n$/ });
});

test('status of one route, and of all', async (t) => {
  const one = await asked(['status', 'shop'], [shown(routeStatus())]);
  t.match(one.calls[0]?.url, /\/api\/v1\/status\/shop$/);
  t.match(one, { exitCode: 0, out: /^shop {6}canary v1 → v2/ });
  const routes = [routeStatus(), routeStatus({ route: 'api', rollout: undefined })];
  const all = await asked(['status'], [json(200, { routes: datedJson(routes) })]);
  t.match(all.out, /\n\napi {7}no rollout\n/);
});

test('for programs it is what the API shows', async (t) => {
  const { out } = await asked(['status', 'shop', '-o', 'json'], [shown(routeStatus())]);
  t.match(JSON.parse(out), {
    apiVersion: 'turnout/v1',
    routes: [{ route: 'shop', rollout: { stepEndsAt: '2026-08-01T03:16:07.412Z' } }],
  });
});

function standing(rest: Parameters<typeof rolloutStatus>[0]): Answer {
  return shown(routeStatus({ rollout: rolloutStatus(rest) }));
}

for (const { end, exitCode } of [
  { end: { phase: 'complete', endedAt: at }, exitCode: 0 },
  { end: { phase: 'rolled_back', endedAt: at }, exitCode: 1 },
  { end: { phase: 'aborted', endedAt: at }, exitCode: 1 },
  { end: { phase: 'paused' }, exitCode: 6 },
] as const) {
  test(`status -w ends with ${exitCode} where it is ${end.phase}`, async (t) => {
    const going = standing({});
    const ran = await asked(
      ['status', 'shop', '-w'],
      [going, going, standing({ step: 3 }), standing(end)],
    );
    t.equal(ran.exitCode, exitCode);
    t.equal(ran.out.trim().split('\n').length, 3, 'a line per change');
    t.equal(ran.waitedMs, 3_000);
  });
}

test('status -w of a route without a rollout has nothing to wait for', async (t) => {
  const ran = await asked(['status', 'shop', '-w'], [shown(routeStatus({ rollout: undefined }))]);
  t.match(ran, { exitCode: 0, waitedMs: 0, out: /no rollout\n$/ });
});

test('status -w waits no longer than it is told to', async (t) => {
  const ran = await asked(['status', 'shop', '-w', '--timeout', '1m'], [standing({})]);
  t.match(ran, { exitCode: 5, waitedMs: 60_000, err: 'error: it is not over after 1 min\n' });
});

test('status -w outlives a process that is replaced, not one that stays away', async (t) => {
  const back = await asked(
    ['status', 'shop', '-w'],
    [standing({}), refused, refused, standing({ phase: 'complete', endedAt: at })],
  );
  t.equal(back.exitCode, 0);
  const gone = await asked(['status', 'shop', '-w'], [standing({}), refused]);
  t.match(gone, { exitCode: 3, waitedMs: 30_000 });
  const never = await asked(['status', 'shop', '-w'], [refused]);
  t.match(never, { exitCode: 3, waitedMs: 0 });
});

test('status -w for programs is a line of JSON per change', async (t) => {
  const ran = await asked(
    ['status', 'shop', '-w', '-o', 'json'],
    [standing({}), standing({ phase: 'complete', endedAt: at })],
  );
  const lines = ran.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(lines, [
    { apiVersion: 'turnout/v1', route: 'shop', rollout: { phase: 'progressing' } },
    { rollout: { phase: 'complete', endedAt: '2026-08-01T03:12:07.412Z' } },
  ]);
});

const revision = {
  revision: 7,
  at: '2026-08-01T03:12:07.412Z',
  who: 'eve',
  route: 'shop',
  kind: 'abort',
  reason: 'cart is empty',
  hash: 'a1b2c3d4e5f6',
  changes: [],
};

test('history of a route, and one of its revisions', async (t) => {
  const all = await asked(['history', 'shop'], [json(200, { revisions: [revision] })]);
  t.match(all.calls[0]?.url, /\/api\/v1\/history\?route=shop$/);
  t.match(all.out, /\n7 +2026-08-01 03:12:07Z +abort +eve +cart is empty\n$/);
  const one = await asked(['history', 'shop', '--revision', '7'], [json(200, revision)]);
  t.match(one.calls[0]?.url, /\/api\/v1\/history\/7$/);
  t.match(one.out, /^revision {2}7, abort of shop\nwhen {6}2026-08-01 03:12:07Z\n/);
  const raw = await asked(
    ['history', 'shop', '-o', 'json'],
    [json(200, { revisions: [revision] })],
  );
  t.match(JSON.parse(raw.out), { apiVersion: 'turnout/v1', revisions: [revision] });
});

test('over the network, against the admin listener itself', async (t) => {
  const told: string[] = [];
  const admin = fakeAdmin(t, {
    now: () => at,
    rollouts: {
      ...noRollouts,
      statuses: async () => [routeStatus()],
      command: async ({ verb, route, who }) => {
        told.push(`${verb} ${route} by ${who}`);
        return { kind: 'done', revision: 8, message: 'paused' };
      },
    },
  });
  const address = await admin.listen({ host: '127.0.0.1', port: 0 });
  const ports = { call, env: { TURNOUT_ADDRESS: address, USER: 'eve' }, now: () => at };
  t.match(await turnout(['pause', 'shop'], ports), { exitCode: 0, out: 'paused (revision 8)\n' });
  t.same(told, ['pause shop by eve from 127.0.0.1']);
  const status = await turnout(['status', 'shop'], ports);
  t.match(status.out, /6 min of 10 min\n/);
  await admin.close();
  t.match(await turnout(['status'], ports), { exitCode: 3, err: /nothing answers at/ });
});
