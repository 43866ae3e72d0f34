import fc from 'fast-check';
import { test } from 'tap';
import type { HeaderEdits, RouteRule, UpstreamTls } from '#core/routing/rules';
import { compileEndpoint } from '#core/snapshot/compile-endpoint';
import { facts, mirrorTo, routeOf, rule, snapshotOf, source, version } from '../routing/made-up.ts';

const edits = (name: string): HeaderEdits => ({ set: { [name]: '1' }, add: {}, remove: [] });

test('a snapshot keeps the routes in order and finds the first that holds', async (t) => {
  const snapshot = snapshotOf(
    rule({ name: 'shop', match: { host: ['shop.example.com'] } }),
    rule({ name: 'rest' }),
  );
  t.same(
    snapshot.routes.map(({ name, index }) => ({ name, index })),
    [
      { name: 'shop', index: 0 },
      { name: 'rest', index: 1 },
    ],
  );
  t.equal(snapshot.find(facts())?.name, 'shop');
  t.equal(snapshot.find(facts({ host: 'other.example' }))?.name, 'rest');
  t.equal(snapshot.hash, 'a1b2c3d4e5f6');
});

test('versions and routes have the rows of the process', async (t) => {
  const { routes } = snapshotOf(rule({ name: 'a' }), rule({ name: 'b' }));
  t.same(
    routes.map(({ row, versions }) => [row, ...versions.map((one) => one.row)]),
    [
      [-1, 0, 1],
      [-1, 2, 3],
    ],
  );
});

for (const { url, endpoint } of [
  {
    url: 'http://Shop-V1:8080',
    endpoint: {
      key: 'http://shop-v1:8080',
      host: 'shop-v1',
      port: 8080,
      authority: 'shop-v1:8080',
    },
  },
  {
    url: 'http://shop',
    endpoint: { key: 'http://shop:80', host: 'shop', port: 80, authority: 'shop:80' },
  },
  {
    url: 'http://[::1]:9000',
    endpoint: { key: 'http://[::1]:9000', host: '::1', port: 9000, authority: '[::1]:9000' },
  },
  {
    url: 'https://shop',
    endpoint: {
      key: 'https://shop:443',
      protocol: 'https',
      host: 'shop',
      port: 443,
      authority: 'shop:443',
    },
  },
  // Names that the URL parser of the platform throws at.
  {
    url: 'http://xn--a:80',
    endpoint: { key: 'http://xn--a:80', host: 'xn--a', port: 80, authority: 'xn--a:80' },
  },
  {
    url: 'http://a.0x10:80',
    endpoint: { key: 'http://a.0x10:80', host: 'a.0x10', port: 80, authority: 'a.0x10:80' },
  },
]) {
  test(`${url} is an endpoint`, async (t) => {
    const [v1] = routeOf({ versions: [version('v1', { urls: [url] })] }).versions;
    t.strictSame(v1?.endpoints, [{ protocol: 'http', tls: undefined, ...endpoint }]);
  });
}

const plainTls: UpstreamTls = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  serverName: undefined,
  verify: true,
};

for (const { tls, key } of [
  { tls: {}, key: 'https://shop:443' },
  { tls: { verify: false }, key: 'https://shop:443#verify=false' },
  { tls: { ca: '/etc/a#b&c=d.pem' }, key: 'https://shop:443#ca=%2Fetc%2Fa%23b%26c%3Dd.pem' },
  {
    tls: { ca: 'a', cert: 'c', key: 'k', serverName: 'shop.internal', verify: false },
    key: 'https://shop:443#ca=a&cert=c&key=k&serverName=shop.internal&verify=false',
  },
]) {
  test(`the key of an endpoint tells how it is verified: ${key}`, async (t) => {
    const rule = { ...plainTls, ...tls };
    const v1 = version('v1', { urls: ['https://shop'], tls: rule });
    const [endpoint] = routeOf({ versions: [v1] }).versions[0]?.endpoints ?? [];
    t.equal(endpoint?.key, key);
    t.strictSame(endpoint?.tls, Object.keys(tls).length === 0 ? undefined : rule);
  });
}

test('endpoints with different TLS settings have different keys', async () => {
  const text = fc.option(fc.string({ minLength: 1, maxLength: 4 }), { nil: undefined });
  const anyTls: fc.Arbitrary<UpstreamTls> = fc.record({
    ca: text,
    cert: text,
    key: text,
    serverName: text,
    verify: fc.boolean(),
  });
  const keyOf = (tls: UpstreamTls) => compileEndpoint('https://shop', tls).key;
  fc.assert(
    fc.property(anyTls, anyTls, (one, other) => {
      const areEqual = JSON.stringify(one) === JSON.stringify(other);
      return (keyOf(one) === keyOf(other)) === areEqual;
    }),
  );
});

for (const { state, isMirrored } of [
  { state: 'active', isMirrored: true },
  { state: 'drain', isMirrored: false },
  { state: 'disabled', isMirrored: false },
] as const) {
  test(`a version that is ${state} gets ${isMirrored ? '' : 'no '}copies`, async (t) => {
    const versions = [version('v1'), version('v2', { weight: 0, state })];
    const { mirror } = routeOf({ versions, mirror: mirrorTo('v2') });
    t.equal(mirror?.version.name, isMirrored ? 'v2' : undefined);
    t.equal(mirror?.methods.has('GET'), isMirrored ? true : undefined);
  });
}

test('a fault asks its condition and knows its version', async (t) => {
  const { fault, versions } = routeOf({
    fault: {
      when: { header: { 'x-rehearsal': [{ exact: 'yes' }] } },
      version: 'v2',
      delayMs: 200,
      delayPercent: 10,
      abortStatus: 0,
      abortPercent: 0,
    },
  });
  t.equal(fault?.version, versions[1]);
  t.equal(fault?.holds?.(facts({ headers: { 'x-rehearsal': 'yes' } })), true);
  t.equal(fault?.holds?.(facts()), false);
  t.match(fault, { delayMs: 200, delayPercent: 10, abortStatus: 0, abortPercent: 0 });
});

test("a version's edits come after the route's", async (t) => {
  const route = routeOf({
    headers: { request: edits('x-route'), response: undefined },
    versions: [
      version('v1', { headers: { request: edits('x-v1'), response: edits('x-v1') } }),
      version('v2'),
    ],
  });
  const [v1, v2] = route.versions;
  t.same(v1?.requestHeaders, [edits('x-route'), edits('x-v1')]);
  t.same(v1?.responseHeaders, [edits('x-v1')]);
  t.same(v2?.requestHeaders, [edits('x-route')]);
  t.equal(v2?.responseHeaders, undefined);
});

for (const { state, fallback } of [
  { state: 'active', fallback: 'v2' },
  { state: 'drain', fallback: undefined },
  { state: 'disabled', fallback: undefined },
] as const) {
  test(`a version that is ${state} is ${fallback ? 'a' : 'no'} fallback`, async (t) => {
    const versions = [version('v1'), version('v2', { state })];
    const route = routeOf({ versions, onUnavailable: { kind: 'fallback', version: 'v2' } });
    t.equal(route.fallback?.name, fallback);
  });
}

for (const { that, rest, names } of [
  {
    that: 'tests of fields, at any depth',
    rest: {
      match: {
        header: { 'X-A': [{ present: true }] },
        any: [{ all: [{ header: { 'x-b': [{ exact: '1' }] } }] }],
        not: { header: { 'x-c': [{ exact: '1' }] } },
      },
    },
    names: ['x-a', 'x-b', 'x-c'],
  },
  {
    that: 'what device, os and browser read',
    rest: { match: { device: ['mobile'], os: ['ios'], browser: ['safari'] } },
    names: ['user-agent', 'sec-ch-ua', 'sec-ch-ua-mobile', 'sec-ch-ua-platform'],
  },
  {
    that: 'what language, cookie and userAgent read',
    rest: {
      match: {
        language: ['de'],
        cookie: { a: [{ present: true }] },
        userAgent: [{ contains: 'x' }],
      },
    },
    names: ['accept-language', 'cookie', 'user-agent'],
  },
  {
    that: 'conditions of audiences',
    rest: {
      audiences: [
        {
          name: 'a',
          when: { header: { 'x-beta': [{ present: true }] } },
          to: { kind: 'version', version: 'v1' },
        },
      ],
    },
    names: ['x-beta'],
  },
  {
    that: 'the condition of a fault',
    rest: {
      fault: {
        when: { header: { 'x-rehearsal': [{ present: true }] } },
        version: undefined,
        delayMs: 0,
        delayPercent: 0,
        abortStatus: 503,
        abortPercent: 5,
      },
    },
    names: ['x-rehearsal'],
  },
  {
    that: 'sources of the unit',
    rest: { unit: [source('header:X-User-Id'), source('query:u'), source('issue')] },
    names: ['x-user-id', 'cookie', 'sec-fetch-mode', 'accept'],
  },
  {
    that: 'override and sticky',
    rest: {
      override: { header: 'X-Turnout-Version', query: 'v', cookie: undefined, trusted: [] },
      sticky: { cookie: 'version', maxAgeSeconds: 1 },
    },
    names: ['x-turnout-version', 'cookie'],
  },
  {
    that: 'edits',
    rest: {
      headers: {
        request: { set: { 'X-Set': '1' }, add: { 'x-add': '1' }, remove: ['x-remove'] },
        response: undefined,
      },
      versions: [version('v1', { headers: { request: undefined, response: edits('x-v1') } })],
    },
    names: ['x-set', 'x-add', 'x-remove', 'x-v1'],
  },
] satisfies { that: string; rest: Partial<RouteRule>; names: string[] }[]) {
  test(`the field names of a snapshot hold ${that}`, async (t) => {
    const { fieldNames } = snapshotOf(rule({ unit: 'request', ...rest }));
    t.same([...fieldNames].sort(), names.toSorted());
  });
}

test('no field is looked at for a document without conditions and unit', async (t) => {
  t.equal(snapshotOf(rule({ unit: 'request' })).fieldNames.size, 0);
});

test('equal parts of routes are kept once', async (t) => {
  const when = { cookie: { insider: [{ exact: 'yes' }] } };
  const audiences = [{ name: 'a', when, to: { kind: 'version', version: 'v2' } as const }];
  const { routes } = snapshotOf(
    rule({ name: 'a', audiences: structuredClone(audiences) }),
    rule({ name: 'b', audiences: structuredClone(audiences) }),
    rule({
      name: 'c',
      unit: [source('cookie:uid')],
      versions: [version('v1')],
      audiences: [{ name: 'a', when: {}, to: { kind: 'version', version: 'v1' } }],
    }),
  );
  const [a, b, c] = routes;
  t.equal(a?.audienceConditions, b?.audienceConditions);
  t.equal(a?.unit, b?.unit);
  t.equal(a?.split.weights, b?.split.weights);
  t.not(a?.unit, c?.unit);
  t.not(a?.audienceConditions, c?.audienceConditions);
  t.not(a?.split.weights, c?.split.weights);
  t.not(a?.split.versions, b?.split.versions);
});
