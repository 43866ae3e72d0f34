import { readFileSync } from 'node:fs';
import { type Test, test } from 'tap';
import type { RulesSource } from '#core/document/rules-source';
import type { OverlayOutcome, OverlayStatus, OverlayWish } from '#core/rollout/overlay';
import { apiCodes } from '../../src/admin/api-codes.ts';
import type { Admin } from '../../src/admin/app.ts';
import type { AdminPorts } from '../../src/admin/ports.ts';
import { fakeAdmin, noRollouts, noRules } from './fake-ports.ts';

const url = '/api/v1/routes/shop/overlay';
const at = Date.UTC(2026, 7, 1, 3, 12, 7);
const overlay = {
  weights: { v1: 60, v2: 40, at: 1 },
  beganAt: at,
  endsAt: at + 600_000,
  who: 'eve',
  reason: 'load test',
};
const status: OverlayStatus = { overlay, tag: 'aaa-1' };
const done: OverlayOutcome = {
  kind: 'done',
  revision: 8,
  message: 'it is set',
  changes: ['40.0 % v1 → v2'],
  status,
  scope: 'replica',
};

interface House {
  readonly admin: Admin;
  readonly wishes: OverlayWish[];
}

/** An admin listener with a route `shop` that has an overlay, and the wishes that came through. */
function house(
  t: Test,
  outcome: OverlayOutcome = done,
  source: RulesSource = { kind: 'file', name: 'routes.yaml' },
  more: Partial<AdminPorts> = {},
): House {
  const wishes: OverlayWish[] = [];
  const admin = fakeAdmin(t, {
    document: () => ({
      file: 'routes.yaml',
      hash: 'aaa',
      appliedAt: at,
      warnings: '',
      refusal: undefined,
    }),
    now: () => at + 60_000,
    rollouts: {
      ...noRollouts,
      overlays: {
        all: () => [{ route: 'shop', overlay }],
        of: (route) => (route === 'shop' ? status : undefined),
        want: async (wish) => {
          wishes.push(wish);
          return outcome;
        },
      },
    },
    rules: { ...noRules, source: async () => source },
    ...more,
  });
  return { admin, wishes };
}

interface Told {
  readonly method?: 'PUT' | 'DELETE';
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
}

const body = { weights: { v1: 60, v2: 40 }, ttl: '10m' };

/** Wants an overlay of the route `shop` that was seen. */
function want(admin: Admin, told: Told = {}) {
  const { method = 'PUT', query = '', headers, remoteAddress } = told;
  return admin.inject({
    method,
    url: `${url}${query}`,
    headers: headers ?? { 'content-type': 'application/json', 'if-match': '"aaa-1"' },
    payload: JSON.stringify(told.body ?? (method === 'PUT' ? body : {})),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
  });
}

test('it is shown with its tag, and names of versions are names', async (t) => {
  const { admin } = house(t);
  const answer = await admin.inject(url);
  t.equal(answer.headers.etag, '"aaa-1"');
  t.same(answer.json(), {
    apiVersion: 'turnout/v1',
    route: 'shop',
    overlay: {
      ...overlay,
      beganAt: '2026-08-01T03:12:07.000Z',
      endsAt: '2026-08-01T03:22:07.000Z',
    },
  });
  t.match(await admin.inject('/api/v1/routes/shoe/overlay'), { statusCode: 404 });
});

test('readyz?verbose tells of it: the rules are not all that is in force', async (t) => {
  const { body: text } = await house(t).admin.inject('/readyz?verbose');
  t.match(text, '\noverlay of shop: v1 60, v2 40, at 1 by eve, 9 min left\n');
});

test('it is set, and what came of it is told', async (t) => {
  const { admin, wishes } = house(t);
  const answer = await want(admin, { body: { ...body, reason: 'load test', user: 'eve' } });
  t.equal(answer.statusCode, 200);
  t.equal(answer.headers.etag, '"aaa-1"');
  t.match(answer.json(), {
    revision: 8,
    message: 'it is set',
    changes: ['40.0 % v1 → v2'],
    scope: 'replica',
    overlay: { weights: { v1: 60, v2: 40 } },
  });
  t.match(wishes, [
    {
      route: 'shop',
      set: { weights: { v1: 60, v2: 40 }, ttlMs: 600_000 },
      who: 'eve from 127.0.0.1',
      reason: 'load test',
      isDryRun: false,
    },
  ]);
});

test('it is ended, with a body or without', async (t) => {
  const { admin, wishes } = house(t);
  await want(admin, { method: 'DELETE', body: { reason: 'seen' } });
  const bare = { method: 'DELETE', url, headers: { 'if-match': '*' } } as const;
  t.equal((await admin.inject(bare)).statusCode, 200);
  t.match(wishes, [
    { set: undefined, reason: 'seen', who: '127.0.0.1' },
    { set: undefined, reason: undefined },
  ]);
});

for (const { condition, tag, holds } of [
  { condition: '"aaa-1"', tag: 'aaa-1', holds: true },
  { condition: '"bbb-0" , "aaa-1"', tag: 'aaa-1', holds: true },
  { condition: '*', tag: 'aaa-1', holds: true },
  { condition: '"aaa-0"', tag: 'aaa-1', holds: false },
  { condition: 'W/"aaa-1"', tag: 'aaa-1', holds: false },
  { condition: 'aaa-1', tag: 'aaa-1', holds: false },
]) {
  test(`If-Match ${condition} ${holds ? 'is' : 'is not'} ${tag}`, async (t) => {
    const { admin, wishes } = house(t);
    await want(admin, {
      headers: { 'content-type': 'application/json', 'if-match': condition },
    });
    t.equal(wishes[0]?.isExpected(tag), holds);
  });
}

const json = { 'content-type': 'application/json' };

test('without If-Match nothing is changed, but a dry run needs none', async (t) => {
  const { admin, wishes } = house(t);
  for (const method of ['PUT', 'DELETE'] as const) {
    const answer = await want(admin, { method, headers: json });
    t.equal(answer.statusCode, 428);
    t.match(answer.json(), { code: 'TN4001', detail: 'GET /api/v1/routes/shop/overlay' });
  }
  t.same(wishes, []);
  t.equal((await want(admin, { headers: json, query: '?dryRun=true' })).statusCode, 200);
  t.match(wishes, [{ isDryRun: true }]);
  t.ok(wishes[0]?.isExpected('whatever'));
  t.match(await want(admin, { query: '?dryRun=1' }), { statusCode: 422 });
});

for (const { because, body: said, code, detail } of [
  { because: 'a list is none', body: [], code: 'bad_command', detail: 'a JSON object' },
  {
    because: 'a key is misspelt',
    body: { ...body, tll: '1m' },
    code: 'bad_command',
    detail: 'unknown key "tll"',
  },
  {
    because: 'a reason is one line',
    body: { ...body, reason: 'a\nb' },
    code: 'bad_command',
    detail: '"reason" must be',
  },
  {
    because: 'a user is a name',
    body: { ...body, user: 'x'.repeat(65) },
    code: 'bad_command',
    detail: '"user" must be',
  },
  { because: 'weights are missing', body: { ttl: '1m' }, code: 'TN4004' },
  { because: 'there are none', body: { ...body, weights: {} }, code: 'TN4004' },
  { because: 'a weight is a text', body: { ...body, weights: { v1: '5' } }, code: 'TN4004' },
  { because: 'a weight is not whole', body: { ...body, weights: { v1: 0.5 } }, code: 'TN4004' },
  { because: 'a weight is below 0', body: { ...body, weights: { v1: -1 } }, code: 'TN4004' },
  {
    because: 'a weight is too large',
    body: { ...body, weights: { v1: 1_000_001 } },
    code: 'TN4004',
    detail: 'whole numbers from 0 to 1000000',
  },
  { because: 'it is too short', body: { ...body, ttl: '999ms' }, code: 'TN4007' },
  { because: 'it is too long', body: { ...body, ttl: '86401s' }, code: 'TN4007' },
  {
    because: 'it is no duration',
    body: { ...body, ttl: 600 },
    code: 'TN4007',
    detail: '"ttl" must be a duration from 1s to 24h',
  },
] as { because: string; body: unknown; code: string; detail?: string }[]) {
  test(`422 where ${because}`, async (t) => {
    const { admin, wishes } = house(t);
    const answer = await want(admin, { body: said });
    t.equal(answer.statusCode, 422);
    t.match(answer.json(), { code, detail: detail ?? /./ });
    t.same(wishes, []);
  });
}

test('from a second to a day', async (t) => {
  const { admin, wishes } = house(t);
  for (const ttl of ['1s', '24h']) {
    t.equal((await want(admin, { body: { ...body, ttl } })).statusCode, 200);
  }
  t.match(wishes, [{ set: { ttlMs: 1_000 } }, { set: { ttlMs: 86_400_000 } }]);
});

for (const { kind, name, status: code, says, hint } of [
  {
    kind: 'file',
    name: 'routes.yaml',
    status: 422,
    says: 'TN4007',
    hint: 'for good edit routes.yaml',
  },
  {
    kind: 'volume',
    name: '/etc/turnout',
    status: 409,
    says: 'the ConfigMap that is mounted at /etc/turnout',
    hint: 'kubectl apply',
  },
  {
    kind: 'configmap',
    name: 'edge/turnout-rules',
    status: 409,
    says: 'the ConfigMap edge/turnout-rules',
    hint: 'kubectl -n edge edit configmap turnout-rules',
  },
  {
    kind: 'httproutes',
    name: 'edge',
    status: 409,
    says: 'the HTTPRoutes of the namespace edge',
    hint: 'kubectl apply',
  },
] as const) {
  test(`without a time limit it is refused where the rules come from a ${kind}`, async (t) => {
    const { admin, wishes } = house(t, done, { kind, name });
    const answer = await want(admin, { body: { weights: body.weights } });
    t.equal(answer.statusCode, code);
    t.match(answer.body, says);
    t.match(answer.json(), { code: code === 409 ? 'TN4005' : 'TN4007', hint });
    t.same(wishes, []);
  });
}

for (const { kind, status: code, word } of [
  { kind: 'not_found', status: 404, word: 'not_found' },
  { kind: 'changed', status: 412, word: 'TN4002' },
  { kind: 'under_way', status: 409, word: 'TN4006' },
  { kind: 'unfit', status: 422, word: 'TN4004' },
  { kind: 'none', status: 409, word: 'TN4008' },
  { kind: 'unwritable', status: 503, word: 'unwritable' },
] as const) {
  test(`${kind} is answered ${code}, with what was said`, async (t) => {
    const { admin } = house(t, { kind, message: 'because' });
    const answer = await want(admin);
    t.equal(answer.statusCode, code);
    t.match(answer.json(), { code: word, detail: 'because', type: `urn:turnout:error:${word}` });
  });
}

test('only JSON is listened to, only from whom may, and never a page of another site', async (t) => {
  const { admin, wishes } = house(t);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
    const headers = { 'content-type': type, 'if-match': '*' };
    t.match(await want(admin, { headers }), { statusCode: 415 });
  }
  t.match(await want(admin, { remoteAddress: '192.0.2.7' }), { statusCode: 403 });
  const elsewhere = { method: 'DELETE', remoteAddress: '192.0.2.7' } as const;
  t.match(await want(admin, elsewhere), { statusCode: 403 });
  const origin = { ...json, 'if-match': '*', origin: 'http://evil.example.com' };
  t.match(await want(admin, { headers: origin }), { statusCode: 403 });
  t.match(await want(admin, { method: 'DELETE', headers: origin }), { statusCode: 403 });
  for (const method of ['POST', 'PATCH', 'OPTIONS'] as const) {
    t.match(await admin.inject({ method, url }), {
      statusCode: 405,
      headers: { allow: 'GET, HEAD, PUT, DELETE' },
    });
  }
  t.same(wishes, []);
});

test('the reference has a row for every code of the API, with its status and what to do', async (t) => {
  const file = new URL('../../docs/reference/problems.md', import.meta.url);
  const rows = readFileSync(file, 'utf8').matchAll(
    /^\| (TN4\d{3}) \| (\d{3}) \| ([^|]+) \| ([^|]{10,}) \|$/gm,
  );
  t.strictSame(
    [...rows].map(([, code, status, meaning]) => [code, Number(status), meaning]),
    Object.entries(apiCodes).map(([code, { status: number, meaning }]) => [code, number, meaning]),
  );
});
