import { type Test, test } from 'tap';
import { imported, outcomesOf } from './imported.ts';
import { listOf } from './ingresses.ts';

const kind = 'istio';
const to = (host: string, more: object = {}) => ({
  destination: { host, port: { number: 8080 } },
  ...more,
});

/** A VirtualService of shop.example.com with these routes. */
function virtualService(http: readonly object[], spec: object = {}, name = 'shop'): object {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace: 'shop' },
    spec: { hosts: ['shop.example.com'], http, ...spec },
  };
}

function destinationRule(spec: object): object {
  return {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'DestinationRule',
    metadata: { name: 'rule', namespace: 'shop' },
    spec,
  };
}

/** Which of two routes a request takes: the first, which asks, or the second, which takes all. */
function asks(t: Test, match: object | readonly object[]) {
  const matches = Array.isArray(match) ? match : [match];
  const routes = [{ match: matches, route: [to('first')] }, { route: [to('second')] }];
  const { text, warnings } = imported(t, kind, listOf(virtualService(routes)));
  t.same(warnings, []);
  const outcome = outcomesOf(text);
  return (made: Parameters<typeof outcome>[0]) => outcome(made)?.version === 'first';
}

test('matches hold for what Istio has them hold for', async (t) => {
  for (const { match, holds, not } of [
    {
      match: { uri: { exact: '/a' } },
      holds: [{ path: '/a' }],
      not: [{ path: '/a/' }, { path: '/A' }],
    },
    {
      match: { uri: { exact: '/a.b' }, ignoreUriCase: true },
      holds: [{ path: '/A.B' }],
      not: [{ path: '/a.bc' }, { path: '/axb' }],
    },
    {
      match: { uri: { prefix: '/a' } },
      holds: [{ path: '/a' }, { path: '/ab' }, { path: '/a/b' }],
      not: [{ path: '/A' }],
    },
    {
      match: { uri: { prefix: '/a/' } },
      holds: [{ path: '/a/b' }],
      not: [{ path: '/a' }, { path: '/ab' }],
    },
    {
      match: { uri: { prefix: '/a' }, ignoreUriCase: true },
      holds: [{ path: '/Ab' }],
      not: [{ path: '/b' }],
    },
    {
      match: { uri: { regex: '/a|/b/.*' } },
      holds: [{ path: '/a' }, { path: '/b/c' }],
      not: [{ path: '/ax' }, { path: '/x/a' }],
    },
    { match: { method: { exact: 'POST' } }, holds: [{ method: 'POST' }], not: [{}] },
    { match: { scheme: { exact: 'https' } }, holds: [{ scheme: 'https' }], not: [{}] },
    {
      match: { headers: { 'x-a': { exact: 'yes' }, 'x-b': { prefix: 'v' } } },
      holds: [{ headers: { 'x-a': 'yes', 'x-b': 'v2' } }],
      not: [{ headers: { 'x-a': 'yes' } }, { headers: { 'x-a': 'yes!', 'x-b': 'v2' } }],
    },
    {
      match: { headers: { 'x-a': { regex: 'a+' } } },
      holds: [{ headers: { 'x-a': 'aa' } }],
      not: [{ headers: { 'x-a': 'aab' } }],
    },
    { match: { headers: { 'x-a': {} } }, holds: [{ headers: { 'x-a': '' } }], not: [{}] },
    {
      match: { withoutHeaders: { 'x-a': { exact: 'no' }, 'x-b': {} } },
      holds: [{}, { headers: { 'x-a': 'yes' } }],
      not: [{ headers: { 'x-a': 'no' } }, { headers: { 'x-b': 'any' } }],
    },
    {
      match: { queryParams: { a: { exact: '' }, b: { regex: '\\d+' } } },
      holds: [{ query: 'a&b=12' }],
      not: [{ query: 'a&b=x1' }, { query: 'b=12' }],
    },
    {
      match: [{ uri: { exact: '/a' } }, { uri: { exact: '/b' }, method: { exact: 'PUT' } }],
      holds: [{ path: '/a' }, { path: '/b', method: 'PUT' }],
      not: [{ path: '/b' }],
    },
  ] as const) {
    const takes = asks(t, match);
    for (const made of holds)
      t.ok(takes(made), `${JSON.stringify(match)} takes ${JSON.stringify(made)}`);
    for (const made of not)
      t.notOk(takes(made), `${JSON.stringify(match)} not ${JSON.stringify(made)}`);
  }
});

test('the authority is asked for as a host, or else as its header', async (t) => {
  const takes = asks(t, { authority: { exact: 'other.example.com' } });
  t.notOk(takes({}));
  const byHeader = asks(t, { authority: { prefix: 'shop.' } });
  t.ok(byHeader({ headers: { host: 'shop.example.com:8443' } }));
  t.notOk(byHeader({ headers: { host: 'other.example.com' } }));
});

test('what comes after a route that takes everything is left out and told', async (t) => {
  const routes = [
    { match: [{ uri: { prefix: '/' } }], route: [to('first')] },
    { route: [to('second')] },
  ];
  const { rules, warnings } = imported(t, kind, listOf(virtualService(routes)));
  t.equal(rules.length, 1);
  t.match(warnings, [/TN6005 shop\.shop is left out: no request can reach/]);
});

test('a match that cannot be asked takes nothing, and is told', async (t) => {
  for (const [key, match] of Object.entries({
    sourceLabels: { sourceLabels: { app: 'a' } },
    port: { port: 80 },
    sourceNamespace: { sourceNamespace: 'a' },
    gateways: { gateways: ['mesh'] },
    method: { method: { prefix: 'P' } },
  })) {
    const routes = [{ match: [match], route: [to('first')] }, { route: [to('second')] }];
    const { text, warnings } = imported(t, kind, listOf(virtualService(routes)));
    t.equal(outcomesOf(text)({})?.version, 'second');
    t.match(warnings, [
      new RegExp(`TN6005 a match of route 1 of shop/shop is left out: ${key} cannot be asked`),
    ]);
  }
});

test('hosts: those of the mesh by all their names, the nearest first', async (t) => {
  const outcome = outcomesOf(
    imported(
      t,
      kind,
      listOf(
        virtualService([{ route: [to('any')] }], { hosts: ['*'] }, 'any'),
        virtualService([{ route: [to('wide')] }], { hosts: ['*.example.com'] }, 'wide'),
        virtualService([{ match: [{ uri: { exact: '/a' } }], route: [to('near')] }]),
        virtualService([{ route: [to('mesh')] }], { hosts: ['reviews'] }, 'mesh'),
      ),
    ).text,
  );
  for (const [host, version] of [
    ['elsewhere.org', 'any'],
    ['x.example.com', 'wide'],
    ['shop.example.com', undefined],
    ['reviews', 'mesh'],
    ['reviews.shop', 'mesh'],
    ['reviews.shop.svc.cluster.local', 'mesh'],
  ] as const) {
    t.equal(outcome({ host })?.version, version, host);
  }
});

test('a match that is no list is not one of everything', async (t) => {
  const { rules, warnings } = imported(
    t,
    kind,
    listOf(virtualService([{ match: { uri: { exact: '/a' } }, route: [to('a')] }])),
  );
  t.same(rules, []);
  t.match(warnings, [/TN6005 route 1 of shop\/shop is left out: its match is no list/]);
});

test('what others delegate to is no rule for every host', async (t) => {
  const root = virtualService([{ delegate: { name: 'inner' } }]);
  const inner = virtualService([{ route: [to('inner')] }], { hosts: undefined }, 'inner');
  const { text, warnings } = imported(t, kind, listOf(root, inner));
  t.equal(outcomesOf(text)({})?.rule.fault?.abortStatus, 503);
  t.equal(outcomesOf(text)({ host: 'elsewhere.org' }), undefined);
  t.match(warnings, [/TN6004 the delegate of/, /TN6005 shop\/inner is left out: it has no hosts/]);
});

test('weights', async (t) => {
  for (const { route, weights } of [
    { route: [to('a')], weights: { a: 1 } },
    { route: [to('a', { weight: 90 }), to('b', { weight: 10 })], weights: { a: 90, b: 10 } },
    { route: [to('a', { weight: 100 }), to('b')], weights: { a: 100, b: 0 } },
    {
      route: [to('a', { weight: 1 }), to('a', { weight: 2 }), to('b', { weight: 3 })],
      weights: { a: 3, b: 3 },
    },
    {
      route: [to('a', { weight: 4_000_000 }), to('b', { weight: 1_000_000 })],
      weights: { a: 1_000_000, b: 250_000 },
    },
    {
      route: [to('a', { weight: 66.6 }), to('b', { weight: 33.4 })],
      weights: { a: 66_600, b: 33_400 },
    },
    { route: [to('a', { weight: 9e9 }), to('b', { weight: 1 })], weights: { a: 1_000_000, b: 1 } },
  ]) {
    const { rules } = imported(t, kind, listOf(virtualService([{ route }])));
    const found = rules[0]?.versions.map(({ name, weight }) => [name, weight]) ?? [];
    t.same(Object.fromEntries(found), weights);
  }
});

test('routes of one object give a user the same version', async (t) => {
  const route = [to('a', { weight: 50 }), to('b', { weight: 50 })];
  const { rules } = imported(
    t,
    kind,
    listOf(virtualService([{ match: [{ uri: { prefix: '/x' } }], route }, { route }])),
  );
  t.same(
    rules.map(({ salt }) => salt),
    ['shop/shop', 'shop/shop'],
  );
});

test('subsets are the pods with their label', async (t) => {
  const route = [
    { destination: { host: 'reviews', subset: 'v1', port: { number: 9080 } }, weight: 90 },
    { destination: { host: 'reviews', subset: 'v2', port: { number: 9080 } }, weight: 10 },
  ];
  const rule = (...subsets: readonly object[]) =>
    destinationRule({ host: 'reviews.shop.svc.cluster.local', subsets });
  const made = imported(
    t,
    kind,
    listOf(
      virtualService([{ route }]),
      rule({ name: 'v1', labels: { version: 'v1' } }, { name: 'v2', labels: { version: '2.0' } }),
    ),
  );
  t.match(made.rules[0]?.versions, [
    {
      name: 'v1',
      service: {
        name: 'reviews',
        namespace: 'shop',
        port: 9080,
        podLabel: { key: 'version', value: 'v1' },
      },
    },
    { name: 'v2', service: { podLabel: { key: 'version', value: '2.0' } } },
  ]);
  t.same(made.warnings, []);

  const several = imported(
    t,
    kind,
    listOf(
      virtualService([{ route }]),
      rule(
        { name: 'v1', labels: { app: 'reviews', version: 'v1' } },
        { name: 'v2', labels: { app: 'reviews', version: 'v2' } },
      ),
    ),
  );
  t.match(several.rules[0]?.versions, [{ service: { podLabel: { key: 'version' } } }, {}]);
  t.match(several.warnings, [
    /TN6006 subset "v1" of reviews has several labels: version alone/,
    /TN6006/,
  ]);

  for (const [told, ...objects] of [
    [/TN6004 subset "v1" of reviews cannot be found: no DestinationRule/],
    [
      /TN6004 subset "v1" .*none of its labels tells/,
      rule({ name: 'v1' }, { name: 'v2', labels: { a: 'b' } }),
    ],
    [
      /TN6004 the subsets of route 1 of shop\/shop differ in version and track/,
      rule({ name: 'v1', labels: { version: 'v1' } }, { name: 'v2', labels: { track: 'canary' } }),
    ],
  ] as const) {
    const { text, warnings } = imported(t, kind, listOf(virtualService([{ route }]), ...objects));
    t.match(outcomesOf(text)({})?.rule.fault, { abortStatus: 503 }, 'the route is closed');
    t.match(warnings.join('\n'), told);
  }
});

test('the port of a Service with one port is known', async (t) => {
  const service = (ports: readonly object[]) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a', namespace: 'shop' },
    spec: { ports },
  });
  const made = virtualService([{ route: [{ destination: { host: 'a' } }] }]);
  t.same(imported(t, kind, listOf(made, service([{ port: 9080 }]))).rules[0]?.versions[0]?.urls, [
    'http://a.shop.svc:9080',
  ]);
  const unknown = imported(t, kind, listOf(made, service([{ port: 1 }, { port: 2 }])));
  t.match(unknown.warnings, [/TN6009 the port of a is not said/]);
});

test('rewrites, redirects and answers', async (t) => {
  for (const { http, rule } of [
    {
      http: { match: [{ uri: { prefix: '/a' } }], rewrite: { uri: '/' } },
      rule: { rewrite: { path: { kind: 'prefix', path: '/' } } },
    },
    {
      http: { match: [{ uri: { prefix: '/a/' } }], rewrite: { uri: '/c/' } },
      rule: { rewrite: { path: { kind: 'prefix', path: '/c' } } },
    },
    {
      http: { match: [{ uri: { exact: '/a/b' } }], rewrite: { uri: '/c' } },
      rule: { rewrite: { path: { kind: 'full', path: '/c' } } },
    },
    {
      http: { rewrite: { uri: '/c' } },
      rule: { rewrite: { path: { kind: 'prefix', path: '/c' } } },
    },
    { http: { rewrite: { uri: '/' } }, rule: { rewrite: undefined } },
    {
      http: { rewrite: { authority: 'inner' } },
      rule: { rewrite: { host: 'inner', path: undefined } },
    },
    {
      http: { redirect: { uri: '/b', authority: 'b.org:8443' } },
      rule: {
        redirect: { host: 'b.org', port: 8443, path: { kind: 'full', path: '/b' }, status: 301 },
      },
    },
    {
      http: { redirect: { scheme: 'https', redirectCode: 308 } },
      rule: { redirect: { scheme: 'https', status: 308 } },
    },
    { http: { directResponse: { status: 403 } }, rule: { fault: { abortStatus: 403 } } },
    { http: { directResponse: { status: 200 } }, rule: { fault: { abortStatus: 503 } } },
    { http: { delegate: { name: 'x' } }, rule: { fault: { abortStatus: 503 } } },
    {
      http: { rewrite: { uriRegexRewrite: { match: 'a', rewrite: 'b' } } },
      rule: { fault: { abortStatus: 503 } },
    },
    { http: { redirect: { redirectCode: 304 } }, rule: { fault: { abortStatus: 503 } } },
  ] as const) {
    const answers = 'redirect' in http || 'directResponse' in http || 'delegate' in http;
    const made = answers ? http : { ...http, route: [to('a')] };
    const { text } = imported(t, kind, listOf(virtualService([made])));
    t.match(outcomesOf(text)({ path: '/a/b' })?.rule, rule, JSON.stringify(http));
  }
});

test('time, retries, faults, copies and headers', async (t) => {
  const { rules, warnings } = imported(
    t,
    kind,
    listOf(
      virtualService([
        {
          timeout: '1m30s',
          retries: {
            attempts: 9,
            perTryTimeout: '1.5s',
            retryOn: 'connect-failure,gateway-error,500',
          },
          fault: {
            delay: { fixedDelay: '2s', percentage: { value: 0.12345 } },
            abort: { httpStatus: 503, percentage: { value: 10 } },
          },
          mirror: { host: 'copy', port: { number: 80 } },
          mirrorPercentage: { value: 50 },
          headers: { request: { set: { 'X-A': '100%%' }, remove: ['x-b'] } },
          route: [to('a', { headers: { response: { add: { 'x-c': '1' } } } })],
        },
      ]),
    ),
  );
  t.same(warnings, []);
  t.match(rules[0], {
    timeouts: { totalMs: 90_000, firstByteMs: 1_500 },
    retries: { attempts: 5, statuses: [502, 503, 504, 500] },
    fault: { delayMs: 2_000, delayPercent: 0.123, abortStatus: 503, abortPercent: 10 },
    mirror: { to: 'copy', percent: 50 },
    headers: { request: { set: { 'x-a': '100%' }, remove: ['x-b'] } },
    versions: [
      { name: 'a', headers: { response: { add: { 'x-c': '1' } } } },
      { name: 'copy', weight: 0 },
    ],
  });
  const off = imported(
    t,
    kind,
    listOf(virtualService([{ timeout: '0s', retries: { attempts: 0 }, route: [to('a')] }])),
  );
  t.match(off.rules[0], { timeouts: { totalMs: 0 }, retries: { attempts: 0 } });
});

test('traffic policies', async (t) => {
  const { rules, warnings } = imported(
    t,
    kind,
    listOf(
      virtualService([{ route: [to('a')] }]),
      destinationRule({
        host: 'a',
        trafficPolicy: {
          connectionPool: {
            tcp: { maxConnections: 10, connectTimeout: '500ms' },
            http: { http1MaxPendingRequests: 5, http2MaxRequests: 2_147_483_647 },
          },
          outlierDetection: {
            consecutive5xxErrors: 3,
            baseEjectionTime: '1m',
            maxEjectionPercent: 50,
          },
          loadBalancer: { consistentHash: { httpHeaderName: 'x-user' } },
          tls: { mode: 'SIMPLE', sni: 'inner.example.com', insecureSkipVerify: true },
        },
      }),
    ),
  );
  t.match(rules[0], {
    limits: { connections: 10, waiting: 5, inFlight: 1_000_000 },
    timeouts: { connectMs: 500 },
    ejection: { failures: 3, forMs: 60_000, maxPercent: 50 },
    unit: [{ kind: 'header', name: 'x-user' }, { kind: 'issue' }],
    versions: [
      {
        urls: ['https://a.shop.svc:8080'],
        tls: { serverName: 'inner.example.com', verify: false },
      },
    ],
  });
  t.match(warnings, [/TN6006 consistentHash of shop\/rule keeps a client at one endpoint/]);
});

test('what is not translated is told where it stands', async (t) => {
  const route = [to('a')];
  for (const { http = { route }, spec = {}, more = [], told } of [
    {
      http: { route, corsPolicy: {} },
      told: /TN6002 corsPolicy of route 1 of shop\/shop is not translated/,
    },
    { http: { route, rateLimit: {} }, told: /TN6003 rateLimit/ },
    { http: { route, madeUp: 1 }, told: /TN6008 madeUp of route 1 of shop\/shop is not known/ },
    {
      http: { route, retries: { attempts: 1, retryOn: 'retriable-4xx' } },
      told: /TN6002 "retriable-4xx" of retryOn/,
    },
    {
      http: { route, fault: { abort: { grpcStatus: 'X' } } },
      told: /TN6002 fault\.abort of route 1/,
    },
    {
      http: { route, headers: { request: { set: { host: 'x' } } } },
      told: /TN6002 header host is left out/,
    },
    {
      http: { route, headers: { request: { set: { a: '%REQ(x)%' } } } },
      told: /TN6002 header a is left out: .*variable of Envoy/,
    },
    { spec: { tcp: [{}] }, told: /TN6002 tcp of shop\/shop is not translated/ },
    { spec: { gateways: ['gw'] }, told: /TN6007 gateways of shop\/shop/ },
    {
      more: [destinationRule({ host: 'a', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } })],
      told: /TN6002 tls ISTIO_MUTUAL of a/,
    },
    {
      more: [destinationRule({ host: 'a', trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } })],
      told: /TN6007 loadBalancer RANDOM/,
    },
    {
      more: [destinationRule({ host: '*.x' })],
      told: /TN6005 DestinationRule shop\/rule is left out: hosts with \*/,
    },
    {
      more: [{ apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'gw' } }],
      told: /TN6001 Gateway gw/,
    },
  ]) {
    const { warnings, rules } = imported(t, kind, listOf(virtualService([http], spec), ...more));
    t.match(warnings, [told]);
    t.equal(rules.length, 1);
  }
});
