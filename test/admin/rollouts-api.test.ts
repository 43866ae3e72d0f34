import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { type Command, verbs } from '#core/rollout/command';
import type { Revision, RouteStatus } from '#core/rollout/status';
import { type AccessPorts, gatekeeper } from '../../src/admin/access.ts';
import type { Admin } from '../../src/admin/app.ts';
import { datedJson } from '../../src/admin/dated-json.ts';
import type { RolloutPorts } from '../../src/admin/ports.ts';
import { parseTokens, readTokens, tokensOfFile } from '../../src/admin/token-file.ts';
import { fakeAdmin, nobodyKnown, noRollouts } from './fake-ports.ts';

const token = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0';
const elsewhere = '192.0.2.7';
const shop: RouteStatus = {
  route: 'shop',
  versions: [],
  rollout: undefined,
  overlay: undefined,
  differs: undefined,
};
const aborted: Revision = {
  revision: 7,
  at: Date.UTC(2026, 7, 1, 3, 12, 7, 412),
  who: 'eve',
  route: 'shop',
  kind: 'abort',
  reason: 'cart is empty',
  hash: 'a1b2c3d4e5f6',
  changes: ['share of v2 10 % → 0 %'],
};

/** An admin listener with rollouts, and the commands that came through. */
function app(
  t: Test,
  more: Partial<RolloutPorts> = {},
  access: Partial<AccessPorts> = {},
): { readonly admin: Admin; readonly commands: Command[] } {
  const commands: Command[] = [];
  const admin = fakeAdmin(t, {
    access: { ...nobodyKnown, ...access },
    rollouts: {
      ...noRollouts,
      statuses: async (route) => [shop].filter((one) => route === undefined || one.route === route),
      history: () => [aborted],
      revision: (revision) => (revision === 7 ? aborted : undefined),
      replay: async (route) => (route === 'shop' ? 'tick\n' : undefined),
      command: async (command) => {
        commands.push(command);
        return { kind: 'done', revision: 8, message: `${command.verb} is done` };
      },
      ...more,
    },
  });
  return { admin, commands };
}

interface Told {
  readonly verb?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
}

/** Tells a rollout of the route `shop` something. */
function tell(admin: Admin, { verb = 'pause', body = {}, headers = {}, remoteAddress }: Told) {
  return admin.inject({
    method: 'POST',
    url: `/api/v1/routes/shop/actions/${verb}`,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  });
}

test('how routes stand, all of them or one', async (t) => {
  const { admin } = app(t);
  const shown = { route: 'shop', versions: [] };
  t.same((await admin.inject('/api/v1/status')).json(), {
    apiVersion: 'turnout/v1',
    routes: [shown],
  });
  t.same((await admin.inject('/api/v1/status/shop')).json(), {
    apiVersion: 'turnout/v1',
    ...shown,
  });
  const none = await admin.inject('/api/v1/status/shoe');
  t.equal(none.statusCode, 404);
  t.match(none.json(), { code: 'not_found', detail: 'there is no route "shoe"' });
});

test('what was done, with its instant', async (t) => {
  const asked: (string | undefined)[] = [];
  const { admin } = app(t, {
    history: (route) => {
      asked.push(route);
      return [aborted];
    },
  });
  const shown = { ...aborted, at: '2026-08-01T03:12:07.412Z' };
  t.same((await admin.inject('/api/v1/history')).json().revisions, [shown]);
  t.same((await admin.inject('/api/v1/history?route=shop')).json().revisions, [shown]);
  t.same(asked, [undefined, 'shop']);
  t.same((await admin.inject('/api/v1/history/7')).json(), { apiVersion: 'turnout/v1', ...shown });
  for (const revision of ['8', '7x', '-7', '99999999999999999']) {
    t.equal((await admin.inject(`/api/v1/history/${revision}`)).statusCode, 404, revision);
  }
});

test('instants are text, evidence stays a number, and what is none is left out', async (t) => {
  const value = {
    at: 0,
    endedAt: undefined,
    logE: 2.5,
    inner: [{ stepBeganAt: 1_500, logE: -1 / 0 }],
  };
  t.same(JSON.parse(JSON.stringify(datedJson(value))), {
    at: '1970-01-01T00:00:00.000Z',
    logE: 2.5,
    inner: [{ stepBeganAt: '1970-01-01T00:00:01.500Z' }],
  });
});

for (const { verb, body, command } of [
  { verb: 'pause', body: {}, command: {} },
  { verb: 'promote', body: { force: true }, command: { isForced: true } },
  { verb: 'abort', body: { reason: 'cart is empty' }, command: { reason: 'cart is empty' } },
  { verb: 'switch', body: { version: 'v2' }, command: { version: 'v2' } },
  { verb: 'disable', body: { version: 'v2', user: 'eve' }, command: { who: 'eve from 127.0.0.1' } },
  { verb: 'undo', body: { toRevision: 3 }, command: { toRevision: 3 } },
]) {
  test(`${verb} with ${JSON.stringify(body)} is told as a command`, async (t) => {
    const { admin, commands } = app(t);
    const answer = await tell(admin, { verb, body });
    t.equal(answer.statusCode, 200);
    t.same(answer.json(), {
      apiVersion: 'turnout/v1',
      revision: 8,
      message: `${verb} is done`,
    });
    t.match(commands, [{ verb, route: 'shop', who: '127.0.0.1', isForced: false, ...command }]);
  });
}

for (const { because, verb, body, detail } of [
  { because: 'a list is no command', verb: 'pause', body: [], detail: 'a JSON object' },
  { because: 'null is none', verb: 'pause', body: null, detail: 'a JSON object' },
  {
    because: 'a key is misspelt',
    verb: 'pause',
    body: { resaon: 'a' },
    detail: 'unknown key "resaon"',
  },
  { because: 'a key is inherited', verb: 'pause', body: { constructor: 1 }, detail: 'unknown key' },
  {
    because: 'pause knows no versions',
    verb: 'pause',
    body: { version: 'v2' },
    detail: '"version" says nothing to pause',
  },
  { because: 'a version is missing', verb: 'switch', body: {}, detail: 'switch needs a "version"' },
  {
    because: 'a revision is a number',
    verb: 'undo',
    body: { toRevision: '3' },
    detail: '"toRevision" must be',
  },
  {
    because: 'and not a negative one',
    verb: 'undo',
    body: { toRevision: -3 },
    detail: '"toRevision" must be',
  },
  {
    because: 'force is true or false',
    verb: 'promote',
    body: { force: 'yes' },
    detail: '"force" must be',
  },
  {
    because: 'a reason is one line',
    verb: 'abort',
    body: { reason: 'a\nb' },
    detail: '"reason" must be',
  },
  {
    because: 'a name is short',
    verb: 'abort',
    body: { user: 'x'.repeat(65) },
    detail: '"user" must be',
  },
]) {
  test(`422 where ${because}`, async (t) => {
    const { admin, commands } = app(t);
    const answer = await tell(admin, { verb, body });
    t.equal(answer.statusCode, 422);
    t.match(answer.json(), { code: 'bad_command', detail });
    t.same(commands, []);
  });
}

for (const { kind, status } of [
  { kind: 'not_found', status: 404 },
  { kind: 'conflict', status: 409 },
  { kind: 'unwritable', status: 503 },
] as const) {
  test(`${kind} is answered ${status}, with what was said`, async (t) => {
    const { admin } = app(t, { command: async () => ({ kind, message: 'because' }) });
    const answer = await tell(admin, {});
    t.equal(answer.statusCode, status);
    t.match(answer.json(), { code: kind, detail: 'because' });
  });
}

test('a verb that there is none is told with those that there are', async (t) => {
  const answer = await tell(app(t).admin, { verb: 'stop' });
  t.equal(answer.statusCode, 404);
  for (const verb of verbs) t.match(answer.json().detail, verb);
});

test('only JSON is listened to', async (t) => {
  const { admin, commands } = app(t);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
    const answer = await tell(admin, { headers: { 'content-type': type } });
    t.equal(answer.statusCode, 415, type);
    t.match(answer.json(), { code: 'not_json' });
  }
  const type = { 'content-type': 'application/json; charset=utf-8' };
  t.equal((await tell(admin, { headers: type })).statusCode, 200);
  t.match(await tell(admin, { body: '{"reason":' }), { statusCode: 400 });
  t.match(await tell(admin, { body: '{"__proto__":{}}' }), { statusCode: 400 });
  t.match(await tell(admin, { body: JSON.stringify({ reason: 'x'.repeat(2 ** 20) }) }), {
    statusCode: 413,
  });
  t.equal(commands.length, 1);
});

test('looking changes nothing, and who asks otherwise is told by which method', async (t) => {
  const { admin, commands } = app(t);
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'] as const) {
    const answer = await admin.inject({ method, url: '/api/v1/routes/shop/actions/abort' });
    t.match(answer, { statusCode: 405, headers: { allow: 'POST' } }, method);
  }
  for (const url of ['/api/v1/status/shop', '/api/v1/history/7', '/api/v1/routes/shop/ticks']) {
    t.match(await admin.inject({ method: 'POST', url }), {
      statusCode: 405,
      headers: { allow: 'GET, HEAD' },
    });
  }
  t.same(commands, []);
});

for (const { that, headers, status } of [
  { that: 'a program says nothing of a site', headers: {}, status: 200 },
  { that: 'our own page may', headers: { origin: 'http://localhost:80' }, status: 200 },
  { that: 'what was typed may', headers: { 'sec-fetch-site': 'none' }, status: 200 },
  { that: 'another site may not', headers: { origin: 'http://evil.example.com' }, status: 403 },
  { that: 'nor another port', headers: { origin: 'http://localhost:3000' }, status: 403 },
  { that: 'nor a page without an origin', headers: { origin: 'null' }, status: 403 },
  { that: 'nor by any other word', headers: { 'sec-fetch-site': 'cross-site' }, status: 403 },
  { that: 'nor a sister', headers: { 'sec-fetch-site': 'same-site' }, status: 403 },
]) {
  test(`pages: ${that}`, async (t) => {
    const { admin, commands } = app(t);
    t.equal(
      (await tell(admin, { headers: { host: 'localhost:80', ...headers } })).statusCode,
      status,
    );
    t.equal(commands.length, status === 200 ? 1 : 0);
  });
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

for (const { that, access, told, status, code } of [
  { that: 'this machine needs no token', access: {}, told: {}, status: 200 },
  { that: 'by IPv6 neither', access: {}, told: { remoteAddress: '::1' }, status: 200 },
  {
    that: 'nor by IPv4 in IPv6',
    access: {},
    told: { remoteAddress: '::ffff:127.0.0.1' },
    status: 200,
  },
  {
    that: 'without tokens nobody may from elsewhere',
    access: {},
    told: { remoteAddress: elsewhere },
    status: 403,
    code: 'not_allowed',
  },
  {
    that: 'from elsewhere a token is needed',
    access: { tokens: async () => [token] },
    told: { remoteAddress: elsewhere },
    status: 401,
    code: 'token_needed',
  },
  {
    that: 'and with one it goes',
    access: { tokens: async () => ['another-token-of-ours-for-a-while', token] },
    told: { remoteAddress: elsewhere, headers: bearer(token) },
    status: 200,
  },
  {
    that: 'a wrong one is told so',
    access: { tokens: async () => [token] },
    told: { remoteAddress: elsewhere, headers: bearer(`${token}x`) },
    status: 401,
    code: 'token_unknown',
  },
  {
    that: 'another scheme is none',
    access: { tokens: async () => [token] },
    told: { remoteAddress: elsewhere, headers: { authorization: `Basic ${token}` } },
    status: 401,
    code: 'token_needed',
  },
  {
    that: 'what a proxy on this machine passes on is from elsewhere',
    access: { tokens: async () => [token] },
    told: { headers: { 'x-forwarded-for': '127.0.0.1' } },
    status: 401,
    code: 'token_needed',
  },
  {
    that: 'beside an app in one pod this machine is not trusted',
    access: { tokens: async () => [token], trustsLoopback: false },
    told: {},
    status: 401,
    code: 'token_needed',
  },
] as { that: string; access: Partial<AccessPorts>; told: Told; status: number; code?: string }[]) {
  test(`tokens: ${that}`, async (t) => {
    const { admin, commands } = app(t, {}, access);
    const answer = await tell(admin, told);
    t.equal(answer.statusCode, status);
    if (code !== undefined) t.match(answer.json(), { code });
    t.equal(
      answer.headers['www-authenticate'],
      status === 401 ? 'Bearer realm="turnout"' : undefined,
    );
    t.equal(commands.length, status === 200 ? 1 : 0);
  });
}

test('what was counted is for those who may change something', async (t) => {
  const { admin } = app(t, {}, { tokens: async () => [token] });
  const url = '/api/v1/routes/shop/ticks';
  t.match(await admin.inject(url), { statusCode: 200, body: 'tick\n' });
  t.match(await admin.inject('/api/v1/routes/shoe/ticks'), { statusCode: 404 });
  t.match(await admin.inject({ url, remoteAddress: elsewhere }), { statusCode: 401 });
  const headers = bearer(token);
  t.match(await admin.inject({ url, remoteAddress: elsewhere, headers }), { statusCode: 200 });
});

test('ten bad tokens a minute, then no token of that address is looked at', async (t) => {
  const clock = { now: 0 };
  const access = { tokens: async () => [token], now: () => clock.now };
  const { admin } = app(t, {}, access);
  const of = async (text: string, remoteAddress = elsewhere) =>
    (await tell(admin, { remoteAddress, headers: bearer(text) })).statusCode;
  for (let i = 0; i < 10; i += 1) t.equal(await of('wrong'), 401);
  t.equal(await of('wrong'), 429);
  t.equal(await of(token), 429, 'not the right one either');
  t.equal(await of(token, '192.0.2.8'), 200, 'another address is not meant');
  clock.now = 60_000;
  t.equal(await of(token), 200);
});

test('only so many addresses are remembered', async (t) => {
  const deny = gatekeeper({ tokens: async () => [token], trustsLoopback: true, now: () => 0 });
  const from = (remoteAddress: string) =>
    deny({ headers: bearer('wrong'), socket: { remoteAddress } } as never);
  for (let i = 0; i < 10; i += 1) await from(elsewhere);
  t.match(await from(elsewhere), { status: 429 });
  for (let i = 0; i < 1_000; i += 1) await from(`2001:db8::${i}`);
  t.match(await from(elsewhere), { status: 401 });
});

for (const { text, tokens, problem } of [
  { text: `# ours\n${token}\n\n`, tokens: [token] },
  { text: `${token}\r\n${'a1'.repeat(16)}\r\n`, tokens: [token, 'a1'.repeat(16)] },
  { text: '', problem: 'it holds no token' },
  { text: `${token}\nletmein\n`, problem: 'line 2: a token must have at least 128 bits, got 42' },
  { text: 'a1'.repeat(15), problem: 'line 1: a token must have at least 128 bits, got 120' },
  { text: `${token} ${token}`, problem: 'line 1: a token must be letters' },
]) {
  test(`tokens of ${JSON.stringify(text)}`, async (t) => {
    t.match(parseTokens(text), problem === undefined ? { tokens } : { problem });
  });
}

test('a file of tokens is read each time, and lets nobody in while it is not usable', async (t) => {
  const file = join(t.testdir({ 'tokens.txt': `${token}\n` }), 'tokens.txt');
  const warned: string[] = [];
  const tokens = tokensOfFile(file, (problem) => warned.push(problem));
  t.same(await tokens(), [token]);
  writeFileSync(file, 'short\n');
  t.same([await tokens(), await tokens()], [[], []]);
  t.equal(warned.length, 1, 'told once');
  writeFileSync(file, `another-${token}\n`);
  t.same(await tokens(), [`another-${token}`]);
  t.match(await readTokens(`${file}.gone`), { problem: /ENOENT/ });
  t.same(await tokensOfFile(undefined, t.fail)(), []);
});

test('on a real socket', async (t) => {
  const { admin, commands } = app(t);
  await admin.listen({ host: '127.0.0.1', port: 0 });
  const address = admin.server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const url = `http://127.0.0.1:${port}/api/v1/routes/shop/actions/promote`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
  t.equal(answer.status, 200);
  t.match(commands, [{ verb: 'promote', who: '127.0.0.1' }]);
});
