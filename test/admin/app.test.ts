import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { type Test, test } from 'tap';
import type { Admin } from '../../src/admin/app.ts';
import type { AdminPorts } from '../../src/admin/ports.ts';
import { snapshotOf as compiled, mirrorTo, rule } from '../core/routing/made-up.ts';
import { snapshotOf } from '../telemetry/snapshots.ts';
import { fakeAdmin } from './fake-ports.ts';

const snapshot = snapshotOf(
  [
    {
      name: 'shop',
      versions: { v1: 90, v2: 10, v3: [5, 'disabled'] },
      audiences: { testers: 'v2' },
      unit: ['header:x-user-id', 'issue'],
    },
  ],
  () => 0,
);
const good = {
  file: 'routes.yaml',
  hash: 'a1b2c3d4e5f6',
  appliedAt: 1_700_000_000_000,
  warnings: '',
  refusal: undefined,
};
const refused = {
  ...good,
  refusal: {
    hash: 'ffffffffffff',
    at: 1_700_000_060_000,
    problems: [],
    text: 'routes.yaml:4:5: error TN2004: unknown key "mach" in routes[0] "shop"\n1 error.\n',
  },
};

/** An admin listener of a process that serves, unless told otherwise. */
function app(t: Test, more: Partial<AdminPorts> = {}): Admin {
  return fakeAdmin(t, {
    inForce: () => ({ snapshot, number: 7 }),
    document: () => good,
    expose: async (accept) => ({ contentType: 'text/plain; version=0.0.4', body: `${accept}` }),
    now: () => 1_700_000_090_000,
    hosts: ['turnout.example.com'],
    ...more,
  });
}
const paths = [
  '/livez',
  '/readyz',
  '/metrics',
  '/api/v1/snapshot',
  '/api/v1/mirrors',
  '/api/v1/endpoints',
  '/api/v1/workers',
  '/api/v1/version',
  '/api/v1/status',
  '/api/v1/history',
];
const worker = {
  worker: 1,
  pid: 4_711,
  state: 'serving',
  servedMs: 61_999,
  generation: 7,
  hash: good.hash,
  vitals: { residentBytes: 100_000_000, busyShare: 0.25, connections: 12 },
} as const;
const behind = { ...worker, worker: 2, pid: 4_712, hash: 'ffffffffffff', generation: 6 };

for (const { state, ports, code } of [
  { state: 'it serves', ports: {}, code: 200 },
  { state: 'a reload was refused', ports: { document: () => refused }, code: 200 },
  {
    state: 'no document is in force',
    ports: { inForce: () => ({ snapshot: undefined, number: 0 }) },
    code: 503,
  },
  { state: 'the traffic port is closed', ports: { listening: () => false }, code: 503 },
  { state: 'it drains', ports: { draining: () => true }, code: 503 },
] satisfies { state: string; ports: Partial<AdminPorts>; code: number }[]) {
  test(`readyz answers ${code} while ${state}, livez always 200`, async (t) => {
    const admin = app(t, ports);
    const ready = await admin.inject('/readyz');
    t.equal(ready.statusCode, code);
    t.equal(ready.body, code === 200 ? 'ready\n' : 'not ready\n');
    t.equal((await admin.inject('/readyz?verbose')).statusCode, code);
    t.equal((await admin.inject('/livez')).statusCode, 200);
  });
}

test('readyz?verbose tells what is in force and what was refused', async (t) => {
  const { body } = await app(t, { document: () => refused }).inject('/readyz?verbose');
  t.equal(
    body,
    `[+] document
[+] traffic listener
[+] not draining
document a1b2c3d4e5f6 of routes.yaml, applied 90 s ago, snapshot 7
refused ffffffffffff 30 s ago:
routes.yaml:4:5: error TN2004: unknown key "mach" in routes[0] "shop"
1 error.
ready
`,
  );
});

test('readyz?verbose tells how the watches of the Kubernetes API stand', async (t) => {
  const what = 'configmaps shop/rules';
  const trouble = `${what}: may not watch: forbidden`;
  const watches = [
    { what, isSynced: true, trouble: undefined, heardMs: 12_999 },
    { what, isSynced: false, trouble, heardMs: undefined },
  ];
  const { body, statusCode } = await app(t, { watches: () => watches }).inject('/readyz?verbose');
  t.equal(statusCode, 200);
  t.match(
    body,
    `
watch of configmaps shop/rules: last heard 12 s ago
watch of configmaps shop/rules: not synced, never heard
not heard now: configmaps shop/rules: may not watch: forbidden
ready
`,
  );
});

test('readyz?verbose tells why not', async (t) => {
  const { body } = await app(t, {
    inForce: () => ({ snapshot: undefined, number: 0 }),
    document: () => ({ ...good, hash: undefined, appliedAt: undefined }),
    draining: () => true,
  }).inject('/readyz?verbose');
  t.match(body, /^\[-\] document: none in force yet$/m);
  t.match(body, /^\[-\] not draining: finishing what is begun, about to end$/m);
  t.match(body, /\nnot ready\n$/);
});

test('the snapshot tells of copies and faults, where there are any', async (t) => {
  const withBoth = compiled(
    rule({
      mirror: mirrorTo('v2', { percent: 0.5 }),
      fault: {
        when: { method: ['GET'] },
        version: 'v1',
        delayMs: 0,
        delayPercent: 0,
        abortStatus: 503,
        abortPercent: 5,
      },
    }),
  );
  const made = app(t, { inForce: () => ({ snapshot: withBoth, number: 7 }) });
  t.match((await made.inject('/api/v1/snapshot')).json().routes, [
    {
      mirror: { to: 'v2', percent: 0.5, methods: ['GET'] },
      fault: {
        when: { method: ['GET'] },
        version: 'v1',
        abort: { with: 503, percent: 5 },
      },
    },
  ]);
});

test('the snapshot in force, as the API shows it', async (t) => {
  const answer = await app(t).inject('/api/v1/snapshot');
  t.equal(answer.statusCode, 200);
  t.equal(answer.headers.etag, '"a1b2c3d4e5f6-7"');
  t.strictSame(answer.json(), {
    apiVersion: 'turnout/v1',
    hash: 'a1b2c3d4e5f6',
    number: 7,
    appliedAt: '2023-11-14T22:13:20.000Z',
    routes: [
      {
        name: 'shop',
        versions: [
          {
            name: 'v1',
            weight: 90,
            share: 0.9,
            state: 'active',
            slot: 'v1',
            endpoints: ['http://shop-v1:8080'],
          },
          {
            name: 'v2',
            weight: 10,
            share: 0.1,
            state: 'active',
            slot: 'v2',
            endpoints: ['http://shop-v2:8080'],
          },
          {
            name: 'v3',
            weight: 5,
            share: 0,
            state: 'disabled',
            slot: 'v3',
            endpoints: ['http://shop-v3:8080'],
          },
        ],
        audiences: [{ name: 'testers', version: 'v2' }],
        unit: ['header:x-user-id', 'issue'],
        salt: 'shop',
        onUnavailable: { kind: 'fail' },
      },
    ],
  });
});

for (const { header, code } of [
  { header: '"a1b2c3d4e5f6-7"', code: 304 },
  { header: 'W/"a1b2c3d4e5f6-7"', code: 304 },
  { header: '"other", "a1b2c3d4e5f6-7"', code: 304 },
  { header: '*', code: 304 },
  { header: '"a1b2c3d4e5f6-6"', code: 200 },
  { header: 'a1b2c3d4e5f6-7', code: 200 },
]) {
  test(`If-None-Match: ${header} is answered ${code}`, async (t) => {
    const headers = { 'if-none-match': header };
    const answer = await app(t).inject({ url: '/api/v1/snapshot', headers });
    t.equal(answer.statusCode, code);
    t.equal(answer.headers.etag, '"a1b2c3d4e5f6-7"');
    if (code === 304) t.equal(answer.body, '');
  });
}

test('without a document there is no snapshot, and that is said', async (t) => {
  const answer = await app(t, { inForce: () => ({ snapshot: undefined, number: 0 }) }).inject(
    '/api/v1/snapshot',
  );
  t.equal(answer.statusCode, 503);
  t.match(answer.json(), { code: 'no_document', status: 503 });
});

test('metrics are those of the port, in the format that is asked for', async (t) => {
  const headers = { accept: 'application/openmetrics-text' };
  const answer = await app(t).inject({ url: '/metrics', headers });
  t.equal(answer.headers['content-type'], 'text/plain; version=0.0.4');
  t.equal(answer.body, 'application/openmetrics-text');
});

test('the version that runs', async (t) => {
  t.match((await app(t).inject('/api/v1/version')).json(), {
    version: '1.2.3',
    node: process.version,
  });
});

for (const { host, code } of [
  { host: '127.0.0.1:9090', code: 200 },
  { host: '10.1.2.3', code: 200 },
  { host: '[::1]:9090', code: 200 },
  { host: 'localhost:9090', code: 200 },
  { host: 'LOCALHOST', code: 200 },
  { host: 'turnout.example.com:9090', code: 200 },
  { host: 'Turnout.Example.com.', code: 200 },
  { host: 'evil.example.com', code: 403 },
  { host: 'evillocalhost', code: 403 },
  { host: 'localhost.evil.example.com', code: 403 },
  { host: '127.0.0.1.evil.example.com', code: 403 },
  { host: 'x.turnout.example.com', code: 403 },
  { host: 'localhost@evil.example.com', code: 403 },
]) {
  test(`Host "${host}" is answered ${code} on every path`, async (t) => {
    const admin = app(t);
    for (const url of [...paths, '/nothing']) {
      const answer = await admin.inject({ url, headers: { host } });
      const expected = code === 200 && url === '/nothing' ? 404 : code;
      t.equal(answer.statusCode, expected, url);
    }
  });
}

for (const { method, url, code, word } of [
  { method: 'GET', url: '/', code: 404, word: 'not_found' },
  { method: 'GET', url: '/api/v1/snapshot/', code: 404, word: 'not_found' },
  { method: 'GET', url: '/%', code: 400, word: 'bad_request' },
  { method: 'POST', url: '/nothing', code: 404, word: 'not_found' },
  { method: 'POST', url: '/readyz?verbose', code: 405, word: 'method_not_allowed' },
  { method: 'PUT', url: '/api/v1/snapshot', code: 405, word: 'method_not_allowed' },
  { method: 'DELETE', url: '/metrics', code: 405, word: 'method_not_allowed' },
  { method: 'OPTIONS', url: '/livez', code: 405, word: 'method_not_allowed' },
] as const) {
  test(`${method} ${url} is a problem: ${code} ${word}`, async (t) => {
    const answer = await app(t).inject({ method, url });
    t.equal(answer.statusCode, code);
    t.equal(answer.headers['content-type'], 'application/problem+json');
    t.equal(answer.headers.allow, code === 405 ? 'GET, HEAD' : undefined);
    t.match(answer.json(), { type: `urn:turnout:error:${word}`, code: word, status: code });
    t.equal(typeof answer.json().title, 'string');
    t.equal(typeof answer.json().detail, 'string');
  });
}

test('HEAD is answered like GET, without a body', async (t) => {
  const admin = app(t);
  for (const url of paths) {
    const answer = await admin.inject({ method: 'HEAD', url });
    t.equal(answer.statusCode, 200, url);
    t.equal(answer.body, '', url);
  }
});

test('every answer is guarded, and none is for another site', async (t) => {
  const admin = app(t);
  for (const url of [...paths, '/nothing', '/%']) {
    const { headers } = await admin.inject({
      url,
      headers: { origin: 'https://evil.example.com' },
    });
    t.match(
      headers,
      {
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': /default-src 'none'.*frame-ancestors 'none'/,
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      },
      url,
    );
    const cors = Object.keys(headers).filter((name) => name.startsWith('access-control'));
    t.same(cors, [], url);
  }
});

test('a bug in answering is told to the log, and to the client only that there was one', async (t) => {
  const failed: unknown[] = [];
  const answer = await app(t, {
    expose: () => Promise.reject(new Error('at 10.0.0.1 with a secret')),
    failed: (error) => failed.push(error),
  }).inject('/metrics');
  t.equal(answer.statusCode, 500);
  t.match(answer.json(), { code: 'internal' });
  t.notMatch(answer.body, /secret/);
  t.match(failed, [{ message: /secret/ }]);
});

/** Sends bytes and returns all that comes back. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

test('on a real socket', async (t) => {
  const admin = app(t);
  await admin.listen({ host: '127.0.0.1', port: 0 });
  const address = admin.server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;

  t.test('it answers', async (t) => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    t.equal(answer.status, 200);
    t.equal(await answer.text(), 'ready\n');
  });

  t.test('a probe without a Host, which no browser sends, is answered', async (t) => {
    t.match(await exchange(port, 'GET /livez HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /);
  });

  t.test('an empty Host is not allowed', async (t) => {
    const answer = await exchange(
      port,
      'GET /livez HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n',
    );
    t.match(answer, /^HTTP\/1\.1 403 /);
  });

  t.test('what is no HTTP is a problem too, guarded like any other', async (t) => {
    for (const bytes of ['nonsense\r\n\r\n', 'GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n']) {
      const answer = await exchange(port, bytes);
      t.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
      t.match(answer, /\r\ncontent-type: application\/problem\+json\r\n/);
      t.match(answer, /\r\nx-content-type-options: nosniff\r\n/);
      t.match(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''), { code: 'bad_request' });
    }
  });

  t.test('a head that is too large is refused as such', async (t) => {
    const answer = await exchange(port, `GET / HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`);
    t.match(answer, /^HTTP\/1\.1 431 /);
  });

  t.test('a body changes nothing and does not hang', async (t) => {
    const status = await new Promise((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/v1/snapshot' });
      sent.on('response', (response) => resolve(response.resume().statusCode));
      sent.on('error', reject);
      sent.end('{"weights":');
    });
    t.equal(status, 405);
  });

  t.test('slow and endless heads have an end', async (t) => {
    t.equal(admin.server.headersTimeout, 10_000);
    t.equal(admin.server.maxHeadersCount, 100);
    t.equal(admin.initialConfig.bodyLimit, 1_048_576);
  });
});

test('the reference has a row for each path', async (t) => {
  const reference = readFileSync(new URL('../../docs/reference/admin.md', import.meta.url), 'utf8');
  const rows = [...reference.matchAll(/^\| `GET (\S+)` \|/gm)].map(([, path = '']) => path);
  const admin = app(t);
  await admin.ready();
  const named = [
    '/api/v1/status/:route',
    '/api/v1/history/:revision',
    '/api/v1/routes/:route/ticks',
    '/api/v1/routes/:route/overlay',
    '/api/v1/document',
  ];
  t.same(rows.toSorted(), [...paths, ...named].toSorted());
  for (const url of rows) t.ok(admin.hasRoute({ method: 'GET', url }), url);
});

test('how each worker stands is shown; a process that serves alone has none', async (t) => {
  const alone = await app(t).inject('/api/v1/workers');
  t.same(alone.json(), { apiVersion: 'turnout/v1', workers: [] });
  const starting = { ...behind, state: 'starting' as const, servedMs: 0, vitals: undefined };
  const { body } = await app(t, { workers: () => [worker, starting] }).inject('/api/v1/workers');
  t.same(JSON.parse(body).workers, [
    {
      worker: 1,
      pid: 4_711,
      state: 'serving',
      generation: 7,
      hash: 'a1b2c3d4e5f6',
      servedSeconds: 61,
      connections: 12,
      busyShare: 0.25,
      residentBytes: 100_000_000,
    },
    {
      worker: 2,
      pid: 4_712,
      state: 'starting',
      generation: 6,
      hash: 'ffffffffffff',
      servedSeconds: 0,
    },
  ]);
});

test('readiness tells how many workers serve the document', async (t) => {
  const { body } = await app(t, { workers: () => [worker, behind] }).inject('/readyz?verbose');
  t.match(body, 'snapshot 7, served by 1 of 2 workers\n');
});

test('mirrors are shown with what was different, those without differences too', async (t) => {
  const found = {
    at: 1_700_000_000_000,
    method: 'GET',
    path: '/cart',
    differences: [{ what: 'body' as const, place: '/a', original: '1', copy: '2' }],
  };
  const mirrored = compiled(
    rule({ name: 'shop', mirror: mirrorTo('v2') }),
    rule({ name: 'api', mirror: mirrorTo('v2') }),
  );
  const admin = app(t, {
    inForce: () => ({ snapshot: mirrored, number: 7 }),
    mirrorSamples: async () => [
      { ...found, route: 'shop', version: 'v2' },
      { ...found, route: 'gone', version: 'v2' },
    ],
  });
  const { body } = await admin.inject('/api/v1/mirrors');
  t.same(JSON.parse(body), {
    apiVersion: 'turnout/v1',
    mirrors: [
      {
        route: 'shop',
        version: 'v2',
        different: [{ ...found, at: '2023-11-14T22:13:20.000Z' }],
      },
      { route: 'api', version: 'v2', different: [] },
    ],
  });
});

test('how the endpoints of the versions stand is shown, of all routes or of one', async (t) => {
  const asked: (string | undefined)[] = [];
  const v1 = {
    route: 'shop',
    version: 'v1',
    inFlight: 3,
    waiting: 0,
    panicking: 0,
    processes: 1,
    reachable: 1,
    terminating: 0,
    trouble: '',
    endpoints: [
      {
        url: 'http://shop-v1:8080',
        address: '10.0.0.7',
        seen: { healthy: 1, unhealthy: 0, ejected: 0 },
        proven: 1,
        inFlight: 3,
        connections: 5,
      },
    ],
  };
  const admin = app(t, {
    versions: async (route) => {
      asked.push(route);
      return [v1];
    },
  });
  t.same((await admin.inject('/api/v1/endpoints')).json(), {
    apiVersion: 'turnout/v1',
    versions: [v1],
  });
  await admin.inject('/api/v1/endpoints?route=shop');
  await admin.inject('/api/v1/endpoints?route=a&route=b');
  t.same(asked, [undefined, 'shop', 'a,b']);
});
