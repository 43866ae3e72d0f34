import { createHmac } from 'node:crypto';
import { test } from 'tap';
import type { Facts } from '#core/conditions/facts';
import { read } from '#core/document/read';
import { assign, newAssignment } from '#core/routing/assign';
import { overrideToken } from '#core/routing/override-token';
import { compile } from '#core/snapshot/compile';
import { service, upstream, valuesOf } from './service.ts';

const v1 = await upstream('v1');
const v2 = await upstream('v2');
const secret = Buffer.from('0123456789abcdef0123456789abcdef');
const versions = (first: number, second: number) =>
  `{ v1: { url: "${v1.url}", weight: ${first} }, v2: { url: "${v2.url}", weight: ${second} } }`;
const rules = (...lines: string[]) => ({
  rules: {
    text: [
      'apiVersion: turnout/v1',
      'routes:',
      '  - name: shop',
      ...lines.map((line) => `    ${line}`),
      '',
    ].join('\n'),
  },
});

test('splits by weight, and the same user always gets the same version', async (t) => {
  const { call, close } = await service(
    rules(`versions: ${versions(80, 20)}`, 'unit: ["header:x-user-id"]'),
  );
  t.teardown(close);
  const seen = new Map<string, unknown>();
  for (let user = 0; user < 400; user++) {
    const { version } = await call('/', { headers: { 'x-user-id': `u${user}` } });
    seen.set(`u${user}`, version);
  }
  const onV2 = [...seen.values()].filter((version) => version === 'v2').length;
  // 400 draws of 0.2: 80 expected, standard deviation 8; the draws are the same at every run.
  t.ok(onV2 > 50 && onV2 < 110, `${onV2} of 400`);
  for (const user of ['u1', 'u7', 'u99']) {
    const { version } = await call('/', { headers: { 'x-user-id': user } });
    t.equal(version, seen.get(user));
  }
});

test('an audience wins over the weights', async (t) => {
  const { call, close } = await service(
    rules(
      `versions: ${versions(1, 0)}`,
      'audiences:',
      '  - { name: testers, when: { cookie: { insider: "yes" } }, version: v2 }',
      '  - { name: beta, when: { header: { x-api-version: { prefix: "v2" } } }, version: v2 }',
      '  - { name: phones, when: { device: mobile }, version: v2 }',
    ),
  );
  t.teardown(close);
  const iphone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
  for (const { headers, version, because } of [
    { headers: {}, version: 'v1', because: 'nothing holds' },
    { headers: { cookie: 'a=b; insider=yes' }, version: 'v2', because: 'the cookie is there' },
    { headers: { cookie: 'insider=no' }, version: 'v1', because: 'the cookie says no' },
    { headers: { 'x-api-version': 'v2.1' }, version: 'v2', because: 'the header begins so' },
    { headers: { 'user-agent': iphone }, version: 'v2', because: 'it is a phone' },
    { headers: { 'sec-ch-ua-mobile': '?1' }, version: 'v2', because: 'the client hint says so' },
  ]) {
    t.equal((await call('/', { headers })).version, version, because);
  }
});

test('the sticky cookie keeps people where they are when the weights change', async (t) => {
  const text = (first: number, second: number) =>
    rules(
      `versions: ${versions(first, second)}`,
      'unit: ["header:x-user-id"]',
      'sticky: { cookie: turnout-shop, maxAge: 1h }',
    );
  const before = await service({ ...text(1, 0), keys: [{ id: 'k1', secret }] });
  const first = await before.call('/', { headers: { 'x-user-id': 'u1' } });
  await before.close();
  t.equal(first.version, 'v1');
  const setCookie = String(first.headers['set-cookie']);
  t.match(
    setCookie,
    /^turnout-shop=v1\.k1\.[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
  );

  const { app, call, close } = await service({ ...text(0, 1), keys: [{ id: 'k1', secret }] });
  t.teardown(close);
  const [cookie = ''] = setCookie.split(';');
  const again = await call('/', { headers: { cookie, 'x-user-id': 'u1' } });
  t.equal(again.version, 'v1');
  t.equal(again.headers['set-cookie'], undefined, 'a cookie that is there is not set again');
  t.equal(
    (await call('/', { headers: { cookie: 'turnout-shop=v1' } })).version,
    'v2',
    'not signed',
  );
  t.match(
    await app.turnout.metrics(),
    /decisions_total\{route="shop",version="v1",reason="sticky",audience=""\} 1/,
  );
});

test('a unit is issued on navigations, and brings its bearer back to the same version', async (t) => {
  const { call, close } = await service(rules(`versions: ${versions(1, 1)}`));
  t.teardown(close);
  const page = await call('/', { headers: { accept: 'text/html' } });
  const [cookie = ''] = String(page.headers['set-cookie']).split(';');
  t.match(cookie, /^turnout-unit=[0-9a-f]{32}$/);
  for (let i = 0; i < 20; i++) {
    t.equal((await call('/api', { headers: { cookie } })).version, page.version);
  }
  const api = await call('/api', { headers: { accept: 'application/json' } });
  t.equal(api.headers['set-cookie'], undefined, 'no navigation, no cookie');
});

test('behind a trusted proxy that speaks TLS the issued cookie is a secure one', async (t) => {
  const { call, close } = await service({
    ...rules(`versions: ${versions(1, 1)}`),
    trustedProxies: ['127.0.0.0/8'],
  });
  t.teardown(close);
  const headers = {
    accept: 'text/html',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '192.0.2.1',
  };
  const { headers: answered } = await call('/', { headers });
  t.match(String(answered['set-cookie']), /^__Host-turnout-unit=.*; Secure$/);
});

test('an override token reaches a version nobody else does', async (t) => {
  const { call, close } = await service({
    ...rules(
      `versions: ${versions(1, 0)}`,
      'override: { header: x-turnout-version, query: turnout-version }',
    ),
    keys: [{ id: 'k1', secret }],
  });
  t.teardown(close);
  const token = tokenFor('shop.test');
  const host = { host: 'shop.test' };
  const granted = await call('/', { headers: { ...host, 'x-turnout-version': token } });
  t.equal(granted.version, 'v2');
  t.notOk(granted.echo().headers.includes(token), 'the token is not passed on');
  t.equal((await call(`/?turnout-version=${token}`, { headers: host })).version, 'v2');
  t.equal((await call(`/?turnout-version=${token}`)).version, 'v1', 'signed for another host');
  t.equal(
    (await call('/?turnout-version=v2', { headers: host })).version,
    'v1',
    'nobody may just say so',
  );
});

test('what a rule hears in a field of ours is not passed on', async (t) => {
  const { call, close } = await service(
    rules(
      `versions: ${versions(1, 0)}`,
      'audiences: [{ name: debug, when: { header: { x-turnout-debug: "1" } }, version: v2 }]',
    ),
  );
  t.teardown(close);
  const headers = { 'x-turnout-debug': '1', 'x-turnout-other': '1' };
  const sent = await call('/', { headers });
  t.equal(sent.version, 'v2');
  for (const name of Object.keys(headers)) t.same(valuesOf(sent.echo(), name), []);
});

test('a preview link is kept in a cookie, and its token passed on to nobody', async (t) => {
  const { call, close } = await service({
    ...rules(
      `versions: ${versions(1, 0)}`,
      'override: { query: turnout-version, cookie: turnout-version }',
    ),
    keys: [{ id: 'k1', secret }],
  });
  t.teardown(close);
  const token = tokenFor('shop.test');
  const opened = await call(`/?a=1&turnout-version=${token}&b=2`, {
    headers: { host: 'shop.test' },
  });
  t.equal(opened.version, 'v2');
  t.equal(opened.echo().url, '/?a=1&b=2');
  const [cookie = ''] = String(opened.headers['set-cookie']).split(';');
  t.equal(cookie, `turnout-version=${token}`);
  t.equal(opened.headers['cache-control'], 'private');
  const next = await call('/next', { headers: { host: 'shop.test', cookie: `x=1; ${cookie}` } });
  t.equal(next.version, 'v2');
  t.same(valuesOf(next.echo(), 'cookie'), ['x=1']);
});

test('a trusted client may name the version it wants', async (t) => {
  const { call, close } = await service(
    rules(
      `versions: ${versions(1, 0)}`,
      'override: { header: x-turnout-version, trusted: 127.0.0.1 }',
    ),
  );
  t.teardown(close);
  t.equal((await call('/', { headers: { 'x-turnout-version': 'v2' } })).version, 'v2');
});

test('agrees with the core on 1,000 random requests', async (t) => {
  const text = `apiVersion: turnout/v1
routes:
  - name: api
    match: { host: [api.test, "*.api.test"], path: /api }
    versions: ${versions(3, 1)}
    unit: ["header:x-user-id", "cookie:uid", "query:u"]
    audiences:
      - { name: testers, when: { cookie: { insider: "yes" } }, version: v2 }
      - { name: swiss, when: { language: [de] }, split: { v1: 1, v2: 1 } }
  - name: site
    match: { not: { method: DELETE } }
    versions: ${versions(1, 1)}
    unit: ["cookie:uid", "header:x-user-id"]
`;
  const reading = read(text);
  if (reading.kind === 'problems') throw new Error(JSON.stringify(reading.problems));
  const snapshot = compile(reading.document, { hash: 'test', rowOf: () => 0 });
  const { call, close } = await service({ rules: { text } });
  t.teardown(close);
  const ports = { random: () => 0, epochMs: () => 0, newUnit: () => '', mac: () => undefined };
  const random = randomFrom(20_260_601);
  const disagreements: unknown[] = [];
  for (let i = 0; i < 1_000; i++) {
    const request = madeUp(random);
    const facts = factsOf(request);
    const assignment = newAssignment();
    const route = snapshot.find(facts);
    if (route !== undefined) assign(route, facts, ports, assignment);
    const { method, target, headers } = request;
    const sent = await call(target, { method, headers });
    if (sent.version !== assignment.version?.name) {
      disagreements.push({ request, core: assignment.version?.name, plugin: sent.version });
    }
  }
  t.same(disagreements, []);
});

test('closes the versions', async () => {
  await Promise.all([v1.close(), v2.close()]);
});

/** A token for v2 of the route shop, good for an hour. */
function tokenFor(host: string): string {
  const mac = (_: string, text: string) =>
    createHmac('sha256', secret).update(text).digest('base64url');
  const expiresAt = Math.floor(Date.now() / 1000) + 3600;
  const claim = { keyId: 'k1', route: 'shop', version: 'v2', host, expiresAt, nonce: 'n1' };
  return overrideToken(claim, mac) ?? '';
}

interface MadeUp {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly target: string;
  readonly headers: Record<string, string>;
}

/** A request with a unit, so that no split is by chance. */
function madeUp(random: () => number): MadeUp {
  const pick = <T>(...list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const user = `user-${Math.floor(random() * 1e6)}`;
  const cookies = [`uid=${user}`, ...pick([], ['insider=yes'], ['insider=no', 'x=1'])];
  const headers: Record<string, string> = {
    host: pick('api.test', 'x.api.test', 'API.test', 'other.test'),
    'x-user-id': `id-${Math.floor(random() * 1e6)}`,
    cookie: cookies.join('; '),
    'accept-language': pick('de-CH,de;q=0.9', 'en', 'fr;q=0.8,de;q=0.1'),
  };
  const path = pick('/api', '/api/', '/apis', '/api/a%20b', '/x/../api', '/%61pi/x', '//api', '/');
  return {
    method: pick('GET', 'POST', 'DELETE'),
    target: `${path}${pick('', '?u=q1', '?')}`,
    headers,
  };
}

/** What the scanner must find, written down by hand for the paths above. */
const matchedPaths: Readonly<Record<string, string>> = {
  '/x/../api': '/api',
  '/%61pi/x': '/api/x',
  '//api': '/api',
};

function factsOf({ method, target, headers }: MadeUp): Facts {
  const [path = '', query = ''] = target.split('?');
  return {
    method,
    host: (headers.host ?? '').toLowerCase(),
    path: matchedPaths[path] ?? path,
    query,
    client: '127.0.0.1',
    scheme: 'http',
    header: (name) => headers[name],
    cookie: (name) =>
      (headers.cookie ?? '')
        .split('; ')
        .find((pair) => pair.startsWith(`${name}=`))
        ?.slice(name.length + 1),
  };
}

/** Mulberry32: the same requests at every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
