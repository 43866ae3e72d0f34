import { type Test, test } from 'tap';
import type { Problem } from '#core/document/problem';
import type { RulesSource } from '#core/document/rules-source';
import type { DocumentPut, DocumentWish } from '../../src/admin/ports.ts';
import { fakeAdmin, nobodyKnown, noRules } from './fake-ports.ts';

const url = '/api/v1/document';
const token = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0';
const problem: Problem = {
  code: 'TN2004',
  severity: 'error',
  message: 'unknown key "wieght"',
  hint: 'did you mean "weight"?',
  line: 6,
  column: 41,
  length: 6,
};
const done: DocumentPut = {
  kind: 'done',
  hash: 'bbb',
  changes: ['route shop: added'],
  warnings: [],
};

/** An admin listener with a document, and the ones that came through. */
function house(
  t: Test,
  outcome: DocumentPut = done,
  source: RulesSource = { kind: 'file', name: 'routes.yaml' },
) {
  const wishes: DocumentWish[] = [];
  const admin = fakeAdmin(t, {
    access: { ...nobodyKnown, tokens: async () => [token] },
    rules: {
      inForce: () => ({ hash: 'aaa', text: '# größer\nroutes: []\n' }),
      source: async () => source,
      put: async (wish) => {
        wishes.push(wish);
        return outcome;
      },
    },
  });
  const put = (
    payload: string | Buffer,
    {
      query = '',
      headers = {},
      remoteAddress = '127.0.0.1',
    }: { query?: string; headers?: Record<string, string>; remoteAddress?: string } = {},
  ) =>
    admin.inject({
      method: 'PUT',
      url: `${url}${query}`,
      headers: { 'content-type': 'application/yaml', 'if-match': '"aaa"', ...headers },
      payload,
      remoteAddress,
    });
  return { admin, wishes, put };
}

test('it is shown as it was written, with its hash', async (t) => {
  const answer = await house(t).admin.inject(url);
  t.equal(answer.body, '# größer\nroutes: []\n');
  t.match(answer.headers, { etag: '"aaa"', 'content-type': 'application/yaml' });
});

test('from elsewhere only to who has a token', async (t) => {
  const { admin } = house(t);
  const remoteAddress = '192.0.2.7';
  t.match(await admin.inject({ url, remoteAddress }), { statusCode: 401 });
  const headers = { authorization: `Bearer ${token}` };
  t.match(await admin.inject({ url, remoteAddress, headers }), { statusCode: 200 });
});

test('before the first one there is none', async (t) => {
  const { admin } = house(t);
  t.equal(noRules.inForce(), undefined);
  t.match(await admin.inject({ method: 'HEAD', url }), { statusCode: 200 });
});

test('it is put as it is, byte for byte', async (t) => {
  const { put, wishes } = house(t);
  const text = '\uFEFF# größer\r\nroutes: []\r\n';
  for (const type of ['application/yaml', 'text/yaml; charset=utf-8', 'application/json']) {
    const answer = await put(text, { headers: { 'content-type': type } });
    t.equal(answer.statusCode, 200, type);
    t.equal(answer.headers.etag, '"bbb"');
    t.same(answer.json(), {
      apiVersion: 'turnout/v1',
      hash: 'bbb',
      changes: ['route shop: added'],
      warnings: [],
    });
  }
  t.equal(wishes[0]?.text, text);
  t.match(wishes[0], { isDryRun: false, who: '127.0.0.1' });
  t.ok(wishes[0]?.isExpected('aaa'));
  t.notOk(wishes[0]?.isExpected('bbb'));
});

test('a dry run needs no If-Match and works with any source', async (t) => {
  for (const kind of ['file', 'volume', 'configmap', 'httproutes'] as const) {
    const { admin, wishes } = house(t, done, { kind, name: 'edge/rules' });
    const headers = { 'content-type': 'application/yaml' };
    const answer = await admin.inject({
      method: 'PUT',
      url: `${url}?dryRun=true`,
      headers,
      payload: 'a: 1',
    });
    t.equal(answer.statusCode, 200, kind);
    t.equal(answer.headers.etag, undefined, 'nothing of that hash is in force');
    t.match(wishes, [{ isDryRun: true, text: 'a: 1' }]);
  }
});

for (const { kind, name, detail } of [
  { kind: 'volume', name: '/etc/turnout', detail: 'the ConfigMap that is mounted at /etc/turnout' },
  { kind: 'configmap', name: 'edge/rules', detail: 'the ConfigMap edge/rules' },
  { kind: 'httproutes', name: 'edge', detail: 'the HTTPRoutes of the namespace edge' },
] as const) {
  test(`rules of a ${kind} are not changed here, and it is named`, async (t) => {
    const { put, wishes } = house(t, done, { kind, name });
    const answer = await put('routes: []');
    t.equal(answer.statusCode, 409);
    t.match(answer.json(), { code: 'TN4005', detail, hint: 'kubectl apply' });
    t.match(answer.json().hint, '--ttl', 'and what is possible');
    t.same(wishes, []);
  });
}

test('without If-Match nothing is replaced', async (t) => {
  const { admin, wishes } = house(t);
  const headers = { 'content-type': 'application/yaml' };
  const answer = await admin.inject({ method: 'PUT', url, headers, payload: 'a: 1' });
  t.equal(answer.statusCode, 428);
  t.match(answer.json(), { code: 'TN4001', detail: 'GET /api/v1/document' });
  t.same(wishes, []);
});

for (const { outcome, status, answer } of [
  {
    outcome: { kind: 'problems', problems: [problem], message: 'routes.yaml:6:41: error' },
    status: 422,
    answer: { code: 'TN4003', detail: 'routes.yaml:6:41: error', errors: [problem] },
  },
  { outcome: { kind: 'refused', message: 'why' }, status: 422, answer: { code: 'TN4003' } },
  { outcome: { kind: 'changed', message: 'why' }, status: 412, answer: { code: 'TN4002' } },
  { outcome: { kind: 'unwritable', message: 'why' }, status: 503, answer: { code: 'TN4009' } },
] as { outcome: DocumentPut; status: number; answer: object }[]) {
  test(`${outcome.kind} is answered ${status}`, async (t) => {
    const got = await house(t, outcome).put('a: 1');
    t.equal(got.statusCode, status);
    t.equal(got.headers['content-type'], 'application/problem+json');
    t.match(got.json(), answer);
  });
}

test('what is no YAML, no text, too much, or not allowed does not come through', async (t) => {
  const { put, admin, wishes } = house(t);
  t.match(await put('a: 1', { headers: { 'content-type': 'text/plain' } }), { statusCode: 415 });
  const broken = await put(Buffer.from([0x61, 0xff]));
  t.match(broken.json(), { code: 'TN4003', detail: 'it is not UTF-8 text' });
  t.match(await put('x'.repeat(2 ** 20 + 1)), { statusCode: 413 });
  t.match(await put('a: 1', { query: '?dryRun=perhaps' }), { statusCode: 422 });
  t.match(await put('a: 1', { remoteAddress: '192.0.2.7' }), { statusCode: 401 });
  t.match(await put('a: 1', { headers: { 'sec-fetch-site': 'cross-site' } }), { statusCode: 403 });
  for (const method of ['POST', 'PATCH', 'DELETE'] as const) {
    t.match(await admin.inject({ method, url }), {
      statusCode: 405,
      headers: { allow: 'GET, HEAD, PUT' },
    });
  }
  t.same(wishes, []);
});
