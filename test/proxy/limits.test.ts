import { type Test, test } from 'tap';
import { ask, get, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { type StartedProxy, type StartOptions, startProxy } from '../support/start-proxy.ts';

/** An origin that answers when it is told to; requests in the order in which they came. */
async function slowOrigin(t: Test) {
  const asked: { readonly path: string; readonly connection: OriginConnection }[] = [];
  const origin = await rawOrigin((connection) => {
    if (!connection.received.endsWith('\r\n\r\n')) return;
    asked.push({ path: connection.received.split(' ', 2)[1] ?? '', connection });
    connection.received = '';
  });
  t.teardown(() => origin.close());
  const answer = () => asked.shift()?.connection.socket.write(response('done'));
  return Object.assign(origin, { asked, answer });
}

function rulesOf(url: string, limits: string, more = ''): string {
  return `apiVersion: turnout/v1
routes:
  - name: shop
    limits: ${limits}
${more}    versions: { v1: { url: "${url}" } }
`;
}

async function started(t: Test, rules: string, options: StartOptions = {}): Promise<StartedProxy> {
  const proxy = await startProxy(rules, options);
  t.teardown(() => proxy.close());
  return proxy;
}

/** Asks on a connection of its own, by a path, and does not wait for the answer. */
async function begin(t: Test, proxy: StartedProxy, path: string): Promise<RawClient> {
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => client.destroy());
  return client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
}

test('beyond its connections requests wait in line, and are served in the order they came', async (t) => {
  const origin = await slowOrigin(t);
  const proxy = await started(t, rulesOf(origin.url, '{ connections: 2, wait: 1h }'));
  const clients: RawClient[] = [];
  for (let n = 0; n < 6; n++) {
    clients.push(await begin(t, proxy, `/${n}`));
    await eventually(() => origin.asked.length + proxy.waiting() === n + 1, 'it is somewhere');
  }
  t.equal(proxy.waiting(), 4);
  const served: string[] = [];
  while (origin.asked.length > 0) {
    served.push(origin.asked[0]?.path ?? '');
    t.ok(origin.asked.length <= 2);
    const left = 6 - served.length;
    origin.answer();
    const expected = Math.min(left, 2);
    await eventually(() => origin.asked.length === expected, 'the next one has its turn');
  }
  t.same(served, ['/0', '/1', '/2', '/3', '/4', '/5']);
  for (const client of clients) await client.receives('done');
  t.equal(origin.connections.length, 2);
  t.equal(proxy.waiting(), 0);
  t.notOk(proxy.seen.some(({ status }) => status !== 200));
});

test('beyond the places in line it is told so at once', async (t) => {
  const origin = await slowOrigin(t);
  const limits = '{ connections: 1, waiting: 1, wait: 1h }';
  const proxy = await started(t, rulesOf(origin.url, limits));
  await begin(t, proxy, '/busy');
  await eventually(() => origin.asked.length === 1, 'the first is there');
  await begin(t, proxy, '/waits');
  await eventually(() => proxy.waiting() === 1, 'the second waits');
  const answer = await ask(proxy.port);
  t.match(answer, /^HTTP\/1\.1 503 [\s\S]*Retry-After: 1\r\n[\s\S]*"error":"overflow"/);
});

test('nobody waits for longer than the wait', async (t) => {
  const origin = await slowOrigin(t);
  const proxy = await started(t, rulesOf(origin.url, '{ connections: 1, wait: 300ms }'));
  await begin(t, proxy, '/busy');
  await eventually(() => origin.asked.length === 1, 'the first is there');
  t.match(await ask(proxy.port), /^HTTP\/1\.1 503 [\s\S]*"error":"overflow"/);
  t.equal(proxy.waiting(), 0);
  origin.answer();
  const next = await begin(t, proxy, '/next');
  await eventually(() => origin.asked.length === 1, 'the version has room again');
  origin.answer();
  await next.receives('done');
});

test('fewer in flight than connections: what is more is told so at once', async (t) => {
  const origin = await slowOrigin(t);
  const proxy = await started(t, rulesOf(origin.url, '{ inFlight: 1 }'));
  await begin(t, proxy, '/busy');
  await eventually(() => origin.asked.length === 1, 'the first is there');
  t.match(await ask(proxy.port), /^HTTP\/1\.1 503 [\s\S]*"error":"overflow"/);
  t.equal(proxy.waiting(), 0);
});

test('who goes away while waiting leaves the line', async (t) => {
  const origin = await slowOrigin(t);
  const proxy = await started(t, rulesOf(origin.url, '{ connections: 1, wait: 1h }'));
  await begin(t, proxy, '/busy');
  await eventually(() => origin.asked.length === 1, 'the first is there');
  const gone = await begin(t, proxy, '/gone');
  await eventually(() => proxy.waiting() === 1, 'it waits');
  const stays = await begin(t, proxy, '/stays');
  await eventually(() => proxy.waiting() === 2, 'both wait');
  gone.destroy();
  await eventually(() => proxy.waiting() === 1, 'one has left');
  origin.answer();
  await eventually(() => origin.asked[0]?.path === '/stays', 'the other has its turn');
  origin.answer();
  await stays.receives('done');
});

test('whoever ends makes room: an answer, a client that leaves, an upstream that dies', async (t) => {
  const origin = await slowOrigin(t);
  const rules = rulesOf(origin.url, '{ connections: 1, wait: 1h }', '    retries: off\n');
  const proxy = await started(t, rules);
  const ends: ((client: RawClient) => void)[] = [
    () => origin.answer(),
    (client) => client.destroy(),
    () => origin.asked[0]?.connection.socket.resetAndDestroy(),
  ];
  for (const end of ends) {
    const busy = await begin(t, proxy, '/busy');
    await eventually(() => origin.asked.length === 1, 'the first is there');
    const waits = await begin(t, proxy, '/waits');
    await eventually(() => proxy.waiting() === 1, 'the second waits');
    end(busy);
    await eventually(() => origin.asked.some(({ path }) => path === '/waits'), 'its turn');
    while (origin.asked.length > 0) origin.answer();
    await waits.receives('done');
  }
  t.same(proxy.bugs, []);
});

test('a version at its limit is no matter for another one', async (t) => {
  const [slow, quick] = [await slowOrigin(t), await slowOrigin(t)];
  const proxy = await started(
    t,
    `apiVersion: turnout/v1
routes:
  - name: shop
    limits: { connections: 4, waiting: 4, wait: 1h }
    audiences: [{ name: new, when: { path: /new }, version: v2 }]
    versions: { v1: { url: "${quick.url}" }, v2: { url: "${slow.url}", weight: 0 } }
`,
  );
  for (let n = 0; n < 8; n++) await begin(t, proxy, '/new');
  await eventually(() => slow.asked.length === 4 && proxy.waiting() === 4, 'v2 is full');
  t.equal(statusOf(await ask(proxy.port, get.replace('GET /', 'GET /new'))), 503);
  for (let n = 0; n < 8; n++) {
    const client = await begin(t, proxy, '/');
    await eventually(() => quick.asked.length === 1, 'v1 is asked');
    quick.answer();
    await client.receives('done');
  }
});

test('an idle connection makes room for one to another endpoint', async (t) => {
  const origins = [await slowOrigin(t), await slowOrigin(t)];
  const urls = origins.map(({ url }) => url);
  const proxy = await started(
    t,
    `apiVersion: turnout/v1
routes:
  - name: shop
    limits: { connections: 1, wait: 1h }
    versions: { v1: { urls: ${JSON.stringify(urls)} } }
`,
  );
  const open = () =>
    origins.reduce((sum, o) => sum + o.connections.filter((c) => !c.isClosed).length, 0);
  // By chance both are asked, one after the other.
  while (origins.some(({ connections }) => connections.length < 2)) {
    const client = await begin(t, proxy, '/');
    await eventually(() => origins.some(({ asked }) => asked.length > 0), 'one is asked');
    await eventually(() => open() === 1, 'no other connection is open', 2_000);
    for (const one of origins) one.answer();
    await client.receives('done');
  }
  t.pass('each of them twice');
});

test('limits that a reload raises let in who waits', async (t) => {
  const origin = await slowOrigin(t);
  const proxy = await started(t, rulesOf(origin.url, '{ connections: 1, wait: 1h }'));
  await begin(t, proxy, '/1');
  await eventually(() => origin.asked.length === 1, 'the first is there');
  await begin(t, proxy, '/2');
  await eventually(() => proxy.waiting() === 1, 'the second waits');
  proxy.swap(rulesOf(origin.url, '{ connections: 2, wait: 1h }'));
  await eventually(() => origin.asked.length === 2, 'both are there');
  t.equal(statusOf(await ask(proxy.port, 'GET /3 HTTP/1.1\r\n\r\n')), 400);
  const third = await begin(t, proxy, '/3');
  await eventually(() => proxy.waiting() === 1, 'what is in flight is counted on');
  for (let n = 0; n < 3; n++) origin.answer();
  await eventually(() => origin.asked.length === 1, 'the third');
  origin.answer();
  await third.receives('done');
});

test('several processes share what a version may have', async (t) => {
  const origin = await slowOrigin(t);
  const rules = rulesOf(origin.url, '{ connections: 4, waiting: 0 }');
  const proxy = await started(t, rules, { limits: { processes: 4 } });
  await begin(t, proxy, '/busy');
  await eventually(() => origin.asked.length === 1, 'the first is there');
  t.equal(statusOf(await ask(proxy.port)), 503, 'a quarter of four is one');
});

const chunked = (...sizes: number[]) =>
  `${sizes.map((size) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`).join('')}0\r\n\r\n`;

for (const { lines, body, status, because } of [
  { lines: 'Content-Length: 100', body: 'x'.repeat(100), status: 200, because: 'exactly as long' },
  { lines: 'Content-Length: 101', body: '', status: 413, because: 'the head says so' },
  {
    lines: 'Content-Length: 101\r\nExpect: 100-continue',
    body: '',
    status: 413,
    because: 'and nobody was told to go on',
  },
  {
    lines: 'Transfer-Encoding: chunked',
    body: chunked(50, 50),
    status: 200,
    because: 'framing is no part of it',
  },
  {
    lines: 'Transfer-Encoding: chunked',
    body: chunked(50, 51),
    status: 413,
    because: 'found out on the way',
  },
]) {
  test(`a body of at most 100 bytes, ${JSON.stringify(lines)}: ${status}, ${because}`, async (t) => {
    const origin = await rawOrigin((connection) => {
      const isWhole = /x{100}$|0\r\n\r\n$/.test(connection.received);
      if (isWhole) connection.socket.write(response('taken'));
    });
    t.teardown(() => origin.close());
    const proxy = await started(t, rulesOf(origin.url, '{ body: 100B }'));
    const answer = await ask(proxy.port, `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n${body}`);
    t.equal(statusOf(answer), status);
    if (status === 200) return;
    t.match(answer, /"error":"body_too_large"/);
    t.match(answer, /\r\nConnection: close\r\n/i);
    t.notMatch(answer, /100 Continue/);
    t.match(proxy.seen, [{ failure: 'body_too_large', status: 413 }]);
    await eventually(
      () => origin.connections.every(({ isClosed }) => isClosed),
      'nothing of it is left upstream',
    );
  });
}

test('a body that becomes too long under an answer ends both', async (t) => {
  const origin = await rawOrigin(({ socket }, all) => {
    if (all.length === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  });
  t.teardown(() => origin.close());
  const proxy = await started(t, rulesOf(origin.url, '{ body: 100B }'));
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => client.destroy());
  client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  await client.receives('half');
  client.write(chunked(101));
  await client.closes();
  t.equal(client.resetBy, 'ECONNRESET');
  t.match(proxy.seen, [{ failure: 'body_too_large' }]);
});
