import { test } from 'tap';
import type { Problem } from '#core/document/problem';
import { read } from '#core/document/read';
import type { RouteRule } from '#core/routing/rules';

function routes(text: string): readonly RouteRule[] {
  const reading = read(`apiVersion: turnout/v1\n${text}`);
  if (reading.kind === 'document') return reading.document.routes;
  throw new Error(JSON.stringify(reading.problems));
}

function problems(text: string): readonly Problem[] {
  const reading = read(text);
  return reading.kind === 'problems' ? reading.problems : reading.warnings;
}

/** How a route deals with its versions where it says nothing of it. */
const plain = {
  retries: { attempts: 1, statuses: [], budgetPercent: 20 },
  health: undefined,
  ejection: { failures: 5, forMs: 30_000, maxPercent: 10 },
  slowStartMs: 0,
  limits: { connections: 1_024, inFlight: 1_024, waiting: 1_024, waitMs: 1_000, bodyBytes: 0 },
  allowsUpgrade: true,
  allowsEncodedSlash: true,
  mirror: undefined,
  fault: undefined,
  rollout: undefined,
  judging: undefined,
  isHeld: false,
};

/** What a version has that names no service. */
const fromUrls = { service: undefined, isTerminating: false, trouble: '' };
const versions = 'versions: { v1: { url: "http://a:1" } }';

test('what is not written is filled in', async (t) => {
  t.strictSame(routes(`routes: [{ name: shop, ${versions} }]`), [
    {
      name: 'shop',
      match: undefined,
      versions: [
        {
          name: 'v1',
          slot: 'v1',
          urls: ['http://a:1'],
          ...fromUrls,
          weight: 1,
          state: 'active',
          headers: undefined,
          tls: undefined,
        },
      ],
      unit: [{ kind: 'issue', text: 'issue' }],
      salt: 'shop',
      audiences: [],
      sticky: undefined,
      override: undefined,
      onUnavailable: { kind: 'fail' },
      timeouts: {
        connectMs: 2_000,
        firstByteMs: 30_000,
        idleMs: 300_000,
        totalMs: 0,
        attemptMs: 0,
      },
      headers: undefined,
      rewrite: undefined,
      redirect: undefined,
      ...plain,
    },
  ]);
});

test('what is written is taken over', async (t) => {
  const [route] = routes(`
routes:
  - name: shop
    match: { host: "*.Example.com", path: [/a, { exact: /b }], header: { X-A: [x, { present: false }] } }
    versions:
      "10": { urls: ["http://A:80", "http://[::1]:8080"], weight: 0, slot: "9" }
      "9": { url: http://b, state: drain, headers: { response: { add: { X-V: "9" } } } }
      "11": { url: "http://c:3" }
    unit: ["header:X-User-Id", "cookie:Uid", "query:u", issue]
    salt: pepper
    audiences:
      - { name: a, when: { device: mobile }, version: "11" }
      - { name: b, when: { os: ios }, split: { "10": 1, "11": 3 } }
    sticky: { cookie: v, maxAge: 90s }
    override: { header: X-V, trusted: 10.0.0.0/8 }
    onUnavailable: { hold: 1500ms }
    timeouts: { connect: 100ms, firstByte: off, idle: 2m, total: 1h }
    headers: { request: { set: { X-A: b }, remove: [Cookie] } }
    rewrite: { path: /, host: Internal:8080 }`);
  t.strictSame(route, {
    name: 'shop',
    match: {
      host: ['*.example.com'],
      path: [{ prefix: '/a' }, { exact: '/b' }],
      header: { 'x-a': [{ exact: 'x' }, { present: false }] },
    },
    versions: [
      {
        name: '10',
        slot: '9',
        urls: ['http://a:80', 'http://[::1]:8080'],
        ...fromUrls,
        weight: 0,
        state: 'active',
        headers: undefined,
        tls: undefined,
      },
      {
        name: '9',
        slot: '9',
        urls: ['http://b:80'],
        ...fromUrls,
        weight: 1,
        state: 'drain',
        headers: { request: undefined, response: { set: {}, add: { 'x-v': '9' }, remove: [] } },
        tls: undefined,
      },
      {
        name: '11',
        slot: '11',
        urls: ['http://c:3'],
        ...fromUrls,
        weight: 1,
        state: 'active',
        headers: undefined,
        tls: undefined,
      },
    ],
    unit: [
      { kind: 'header', name: 'x-user-id', text: 'header:X-User-Id' },
      { kind: 'cookie', name: 'Uid', text: 'cookie:Uid' },
      { kind: 'query', name: 'u', text: 'query:u' },
      { kind: 'issue', text: 'issue' },
    ],
    salt: 'pepper',
    audiences: [
      { name: 'a', when: { device: ['mobile'] }, to: { kind: 'version', version: '11' } },
      {
        name: 'b',
        when: { os: ['ios'] },
        to: {
          kind: 'split',
          weights: new Map([
            ['10', 1],
            ['11', 3],
          ]),
        },
      },
    ],
    sticky: { cookie: 'v', maxAgeSeconds: 90 },
    override: { header: 'x-v', query: undefined, cookie: undefined, trusted: ['10.0.0.0/8'] },
    onUnavailable: { kind: 'hold', holdMs: 1_500 },
    timeouts: { connectMs: 100, firstByteMs: 0, idleMs: 120_000, totalMs: 3_600_000, attemptMs: 0 },
    headers: { request: { set: { 'x-a': 'b' }, add: {}, remove: ['cookie'] }, response: undefined },
    rewrite: { path: { kind: 'prefix', path: '/' }, host: 'internal:8080' },
    redirect: undefined,
    ...plain,
  });
});

test('a redirect, a unit alone, a fallback', async (t) => {
  const [old, shop] = routes(`
routes:
  - { name: old, match: { path: /old }, redirect: { path: { full: /new } } }
  - { name: shop, versions: { v1: { url: "http://a:1" }, v2: { url: "http://b:1" } }, unit: request, onUnavailable: { fallback: v1 } }`);
  t.strictSame(old?.redirect, {
    scheme: undefined,
    host: undefined,
    port: undefined,
    path: { kind: 'full', path: '/new' },
    status: 302,
  });
  t.strictSame(old?.versions, []);
  t.equal(shop?.unit, 'request');
  t.strictSame(shop?.onUnavailable, { kind: 'fallback', version: 'v1' });
});

test('defaults hold where a route says nothing; timeouts one by one', async (t) => {
  const [own, none] = routes(`
defaults: { timeouts: { connect: 1s, total: 9s, attempt: 3s }, unit: "cookie:uid", sticky: { cookie: v } }
routes:
  - { name: own, match: { path: /a }, ${versions}, timeouts: { total: off }, unit: issue }
  - { name: none, ${versions} }`);
  t.strictSame(own?.timeouts, {
    connectMs: 1_000,
    firstByteMs: 30_000,
    idleMs: 300_000,
    totalMs: 0,
    attemptMs: 3_000,
  });
  t.strictSame(own?.unit, [{ kind: 'issue', text: 'issue' }]);
  t.strictSame(none?.timeouts.totalMs, 9_000);
  t.strictSame(none?.unit, [{ kind: 'cookie', name: 'uid', text: 'cookie:uid' }]);
  t.strictSame(none?.sticky, { cookie: 'v', maxAgeSeconds: 30 * 86_400 });
});

test('how a route deals with its versions is taken over', async (t) => {
  const [route] = routes(`
routes:
  - name: shop
    versions:
      v1:
        urls: ["https://A", "https://b:8443"]
        tls: { ca: /etc/ca.pem, cert: c.pem, key: k.pem, serverName: Shop.internal }
      v2: { url: "https://c", weight: 0 }
    retries: { attempts: 2, statuses: [503, 429], budget: 12.5% }
    health: { path: /healthz?deep=1, host: Shop.internal, interval: 1s, timeout: 500ms, unhealthy: 1, healthy: 4, statuses: 204 }
    ejection: { failures: 3, for: 1m, max: 50 }
    slowStart: 30s
    limits: { connections: 10, inFlight: 20, waiting: 0, wait: 50ms, body: 10MiB }
    tls: { verify: false }
    upgrade: off
    encodedSlash: refuse
    mirror:
      to: v2
      percent: 0.5%
      methods: [GET, PROPFIND]
      inFlight: 5
      body: 0
      compare: { status: false, body: json, ignore: [/time, "/a~1b/*/~01"], latency: false, bytes: 1KiB }
    fault:
      when: { header: { X-Rehearsal: yes } }
      version: v1
      delay: { time: 200ms, percent: 10 }
      abort: { status: 503, percent: 0.125 }`);
  t.strictSame(
    route?.versions.map(({ urls, tls }) => ({ urls, tls })),
    [
      {
        urls: ['https://a:443', 'https://b:8443'],
        tls: {
          ca: '/etc/ca.pem',
          cert: 'c.pem',
          key: 'k.pem',
          serverName: 'shop.internal',
          verify: true,
        },
      },
      {
        urls: ['https://c:443'],
        tls: {
          ca: undefined,
          cert: undefined,
          key: undefined,
          serverName: undefined,
          verify: false,
        },
      },
    ],
  );
  t.strictSame(route?.retries, { attempts: 2, statuses: [503, 429], budgetPercent: 12.5 });
  t.strictSame(route?.health, {
    path: '/healthz?deep=1',
    host: 'shop.internal',
    intervalMs: 1_000,
    timeoutMs: 500,
    unhealthy: 1,
    healthy: 4,
    statuses: [204],
  });
  t.strictSame(route?.ejection, { failures: 3, forMs: 60_000, maxPercent: 50 });
  t.equal(route?.slowStartMs, 30_000);
  t.strictSame(route?.limits, {
    connections: 10,
    inFlight: 20,
    waiting: 0,
    waitMs: 50,
    bodyBytes: 10 * 1_024 ** 2,
  });
  t.equal(route?.allowsUpgrade, false);
  t.equal(route?.allowsEncodedSlash, false);
  t.strictSame(route?.mirror, {
    to: 'v2',
    percent: 0.5,
    methods: ['GET', 'PROPFIND'],
    inFlight: 5,
    bodyBytes: 0,
    compare: {
      status: false,
      latency: false,
      body: 'json',
      ignore: [['time'], ['a/b', '*', '~1']],
      bodyBytes: 1_024,
    },
  });
  t.strictSame(route?.fault, {
    when: { header: { 'x-rehearsal': [{ exact: 'yes' }] } },
    version: 'v1',
    delayMs: 200,
    delayPercent: 10,
    abortStatus: 503,
    abortPercent: 0.125,
  });
});

test('off is an answer too, and little is enough', async (t) => {
  const [route] = routes(`
defaults: { slowStart: 1s, retries: { attempts: 5, statuses: 503 }, ejection: { failures: 1 }, limits: { wait: 2s, body: 1GiB } }
routes:
  - name: shop
    versions: { v1: { url: "http://a:1" }, v2: { url: "http://b:1" } }
    retries: off
    health: { path: / }
    ejection: off
    slowStart: off
    limits: { inFlight: 7, body: off }
    upgrade: websocket
    encodedSlash: keep
    mirror: { to: v2 }
    fault: { abort: { reset: true } }`);
  t.strictSame(route?.retries, { attempts: 0, statuses: [], budgetPercent: 20 });
  t.strictSame(route?.health, {
    path: '/',
    host: undefined,
    intervalMs: 5_000,
    timeoutMs: 2_000,
    unhealthy: 3,
    healthy: 2,
    statuses: undefined,
  });
  t.equal(route?.ejection, undefined);
  t.equal(route?.slowStartMs, 0);
  t.strictSame(route?.limits, { ...plain.limits, inFlight: 7, waitMs: 2_000 });
  t.equal(route?.allowsUpgrade, true);
  t.equal(route?.allowsEncodedSlash, true);
  t.strictSame(route?.mirror, {
    to: 'v2',
    percent: 100,
    methods: ['GET', 'HEAD', 'OPTIONS'],
    inFlight: 100,
    bodyBytes: 65_536,
    compare: { status: true, latency: true, body: 'off', ignore: [], bodyBytes: 65_536 },
  });
  t.strictSame(route?.fault, {
    when: undefined,
    version: undefined,
    delayMs: 0,
    delayPercent: 0,
    abortStatus: 0,
    abortPercent: 100,
  });
});

test('tls of a version goes before that of its route, and that before defaults', async (t) => {
  const [own, none] = routes(`
defaults: { tls: { ca: d.pem } }
routes:
  - { name: own, match: { path: /a }, tls: { ca: r.pem }, versions: { v1: { url: "https://a", tls: { ca: v.pem } }, v2: { url: "https://b" } } }
  - { name: none, versions: { v1: { url: "https://a" }, v2: { url: "http://b" } } }`);
  t.strictSame(
    [...(own?.versions ?? []), ...(none?.versions ?? [])].map(({ tls }) => tls?.ca),
    ['v.pem', 'r.pem', 'd.pem', undefined],
  );
});

test('nothing of a mirror is compared where it says so', async (t) => {
  const [route] = routes(`
routes:
  - { name: shop, versions: { v1: { url: "http://a" }, v2: { url: "http://b" } }, mirror: { to: v2, compare: off } }`);
  t.equal(route?.mirror?.compare, undefined);
});

test('JSON is YAML', async (t) => {
  const text = JSON.stringify({
    apiVersion: 'turnout/v1',
    routes: [{ name: 'shop', versions: { v1: { url: 'http://a:1' } } }],
  });
  t.equal(read(text).kind, 'document');
});

test('anchors and aliases stand for what they name', async (t) => {
  const [a, b] = routes(`
routes:
  - { name: a, match: { path: /a }, versions: &both { v1: { url: "http://a:1" }, v2: { url: "http://b:1" } } }
  - { name: b, versions: *both }`);
  t.strictSame(a?.versions, b?.versions);
});

test('places are right', async (t) => {
  const start = 'apiVersion: turnout/v1\nroutes:\n';
  for (const { how, text, line, column, length } of [
    {
      how: 'in block maps',
      text: `${start}  - name: shop\n    match:\n      path: x\n    ${versions}\n`,
      line: 5,
      column: 13,
      length: 1,
    },
    {
      how: 'in flow maps over several lines',
      text: `${start}  - { name: shop, match: {\n      path: x }, ${versions} }\n`,
      line: 4,
      column: 13,
      length: 1,
    },
    {
      how: 'with CRLF',
      text: `${start}  - name: shop\n    match: { path: x }\n    ${versions}\n`.replaceAll(
        '\n',
        '\r\n',
      ),
      line: 4,
      column: 20,
      length: 1,
    },
    {
      how: 'behind a byte order mark',
      text: `\ufeffapiVersion: turnout/v2\nroutes: [{ name: shop, ${versions} }]\n`,
      line: 1,
      column: 13,
      length: 10,
    },
    {
      how: 'behind tabs',
      text: `${start}  - {\tname: shop,\t\tmatch: { path: x }, ${versions} }\n`,
      line: 3,
      column: 35,
      length: 1,
    },
    {
      how: 'behind characters of two units',
      text: `${start}  - { match: { header: { x: 🚂🚂 }, path: x }, name: shop, ${versions} }\n`,
      line: 3,
      column: 41,
      length: 1,
    },
    {
      how: 'for a value over several lines',
      text: `${start}  - name: "sh\n      op x"\n    ${versions}\n`,
      line: 3,
      column: 11,
      length: 3,
    },
    {
      how: 'for an empty value, at its key',
      text: `${start}  - name: shop\n    match:\n    ${versions}\n`,
      line: 4,
      column: 5,
      length: 5,
    },
    {
      how: 'for an unknown key',
      text: `${start}  - name: shop\n    ${versions}\n    bogus: 1\n`,
      line: 5,
      column: 5,
      length: 5,
    },
    {
      how: 'for a missing key, at its parent',
      text: `${start}  - ${versions}\n`,
      line: 3,
      column: 5,
      length: 1,
    },
    {
      how: 'for a second document',
      text: `${start}  - name: shop\n    ${versions}\n---\na: 1\n`,
      line: 6,
      column: 1,
      length: 1,
    },
    {
      how: 'behind an anchor',
      text: `${start}  - { name: shop, match: { path: &p x }, ${versions} }\n`,
      line: 3,
      column: 37,
      length: 1,
    },
  ]) {
    t.test(how, async (t) => {
      const [first, ...more] = problems(text);
      t.strictSame(
        { line: first?.line, column: first?.column, length: first?.length },
        { line, column, length },
      );
      t.strictSame(more, []);
    });
  }
});

test('all problems are found at once, by place', async (t) => {
  const found = problems(`apiVersion: turnout/v2
routes:
  - name: shop
    bogus: 1
    versions: { v1: { url: "http://a:1", weight: -1 } }
    audiences: [{ name: a, when: { device: tv }, version: v9 }]
  - name: shop
    versions: { v1: { url: "http://a:1", weight: 0 } }
`);
  t.strictSame(
    found.map(({ line, code }) => `${line} ${code}`),
    ['1 TN2006', '4 TN2004', '5 TN2010', '6 TN3002', '7 TN3001', '8 TN3003'],
  );
});

test('keys of later work are unknown', async (t) => {
  for (const key of ['experiment']) {
    const [problem] = problems(
      `apiVersion: turnout/v1\nroutes:\n  - name: shop\n    ${versions}\n    ${key}: {}\n`,
    );
    t.equal(problem?.code, 'TN2004', key);
    t.equal(problem?.hint, undefined, key);
  }
});

test('a key named __proto__ is refused, and changes nothing', async (t) => {
  const [problem] = problems(`apiVersion: turnout/v1\n__proto__: { routes: [] }\n`);
  t.equal(problem?.code, 'TN1009');
});

test('aliases cannot be made to stand for endless values', async (t) => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`)}]`,
  );
  const found = problems(['l0: &l0 [x]', ...levels].join('\n'));
  t.ok(found.every((problem) => problem.code === 'TN1004'));
  t.ok(found.length > 0);
});

test('a service, with all that it may say, and with the little that it must', async (t) => {
  const [first, second] = routes(`
defaults: { versionFrom: { podLabel: app.kubernetes.io/version }, tls: { verify: false } }
routes:
  - name: api
    match: { path: /api }
    versions:
      v1: { service: { name: shop, namespace: store, port: 8443, protocol: https, label: "1.2.3" } }
      v2: { service: { name: shop, port: http } }
  - name: shop
    versionFrom: { podLabel: version }
    versions: { v1: { service: { name: shop, port: http } }, v2: { url: "http://a:1" } }
`);
  t.match(first?.versions, [
    {
      urls: [],
      service: {
        name: 'shop',
        namespace: 'store',
        port: 8443,
        protocol: 'https',
        podLabel: { key: 'app.kubernetes.io/version', value: '1.2.3' },
      },
      tls: { verify: false },
    },
    {
      service: {
        name: 'shop',
        namespace: undefined,
        port: 'http',
        protocol: 'http',
        podLabel: { key: 'app.kubernetes.io/version', value: 'v2' },
      },
      tls: undefined,
    },
  ]);
  t.match(second?.versions, [
    { service: { podLabel: { key: 'version', value: 'v1' } } },
    { service: undefined },
  ]);
});
