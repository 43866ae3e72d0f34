import net from 'node:net';
import { test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { sendAll } from '../support/pipelining-client.ts';
import { proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo, startProxy } from '../support/start-proxy.ts';

for (const { method, retried } of [
  { method: 'GET', retried: true },
  { method: 'DELETE', retried: true },
  { method: 'POST', retried: false },
]) {
  const does = retried ? 'is sent once more' : 'is never sent twice';
  test(`a ${method} on a connection that dies as it is used again ${does}`, async (t) => {
    // Answers the first request of a connection, resets it at the second.
    const requests: string[] = [];
    let now = 0;
    const { origin, proxy, client } = await proxied(
      t,
      (connection, all) => {
        const heads = connection.received.split('\r\n\r\n').length - 1;
        if (heads === 1) connection.socket.write(response('first'));
        if (heads === 2 && all.length === 1) connection.socket.resetAndDestroy();
        requests.push(connection.received);
      },
      { now: () => (now += 10) },
    );
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives('first');
    client.write(`${method} /again HTTP/1.1\r\nHost: a\r\n\r\n`);
    await eventually(() => proxy.seen.length === 2, 'both exchanges have ended');
    const [, again] = proxy.seen;
    t.equal(again?.retries, retried ? 1 : 0);
    t.equal(again?.status, retried ? 200 : 502);
    t.equal(again?.failure, retried ? undefined : 'upstream_reset');
    t.equal(origin.connections.length, retried ? 2 : 1);
    t.same(proxy.bugs, []);
  });
}

test('an upstream that closes unannounced after every 5 responses loses no GET', async (t) => {
  const counts = new WeakMap<object, number>();
  const answer = answering(response('ok'));
  const origin = await rawOrigin((connection) => {
    answer(connection);
    const count = (counts.get(connection) ?? 0) + 1;
    counts.set(connection, count);
    if (count === 5) connection.socket.end();
  });
  const proxy = await startProxy(rulesTo(origin.url));
  t.teardown(async () => {
    proxy.close();
    await origin.close();
  });
  const statuses: number[] = [];
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  await sendAll(
    proxy.port,
    2_000,
    () => request,
    (_index, { status }) => statuses.push(status),
  );
  t.equal(statuses.filter((status) => status === 200).length, 2_000);
  t.ok(origin.connections.length >= 400, 'the origin did close');
});

test('nobody listens: 502 with a reason, and the address only in the log', async (t) => {
  const port = await freePort();
  const proxy = await startProxy(rulesTo(`http://127.0.0.1:${port}`));
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => {
    client.destroy();
    proxy.close();
  });
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc');
  await client.receives('"error":"connect_failure"');
  t.match(client.received, /^HTTP\/1\.1 502 /);
  t.notMatch(client.received, String(port));
  t.match(proxy.details, [new RegExp(`${port}: ECONNREFUSED`)]);
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until(({ received }) => received.split('connect_failure').length === 3);
  t.pass('the connection of the client goes on');
});

test('of several endpoints the ones that answer serve', async (t) => {
  const dead = await freePort();
  const origin = await rawOrigin(answering(response('alive')));
  const proxy = await startProxy(rulesTo(`http://127.0.0.1:${dead}`, origin.url));
  t.teardown(async () => {
    proxy.close();
    await origin.close();
  });
  const statuses: number[] = [];
  const request = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n';
  await sendAll(
    proxy.port,
    100,
    () => request,
    (_index, { status }) => statuses.push(status),
  );
  t.ok(
    statuses.every((status) => status === 200),
    'nothing was sent, so any method may go elsewhere',
  );
});

test('a version nobody can reach falls back on the one its route names', async (t) => {
  const dead = await freePort();
  const origin = await rawOrigin(
    answering((head) => response(head.includes('\r\nx-from: v1\r\n') ? 'v1' : '?')),
  );
  const proxy = await startProxy(`apiVersion: turnout/v1
routes:
  - name: shop
    onUnavailable: { fallback: v1 }
    audiences: [{ name: new, when: { path: /new }, version: v2 }]
    versions:
      v1: { url: "${origin.url}", headers: { request: { set: { x-from: v1 } } } }
      v2: { url: "http://127.0.0.1:${dead}", headers: { request: { set: { x-from: v2 } } } }
`);
  const client = await RawClient.connect(proxy.port);
  t.teardown(async () => {
    client.destroy();
    proxy.close();
    await origin.close();
  });
  client.write('POST /new HTTP/1.1\r\nHost: a\r\nX-Keep: me\r\nContent-Length: 4\r\n\r\nbody');
  await client.receives('\r\n\r\nv1');
  t.match(proxy.seen, [{ version: 'v1', reason: 'fallback', status: 200 }]);
  const { received } = origin.connections[0] ?? { received: '' };
  t.match(received, /^X-Keep: me\r$/m);
  t.notMatch(received, /x-from: v2/);
  t.match(received, /\r\n\r\nbody$/);
});

test('a route that holds waits for its version, and no longer than it says', async (t) => {
  const port = await freePort();
  const rules = (hold: string) => `apiVersion: turnout/v1
routes:
  - name: shop
    onUnavailable: { hold: ${hold} }
    versions: { v1: { url: "http://127.0.0.1:${port}" } }
`;
  const proxy = await startProxy(rules('10s'));
  const client = await RawClient.connect(proxy.port);
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody');
  await eventually(() => proxy.held() === 1, 'the request is held');
  const server = net.createServer((socket) => {
    socket.on('data', () => socket.write(response('at last')));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await client.receives('at last');
  t.equal(proxy.held(), 0);
  t.match(proxy.seen, [{ status: 200, bytesIn: 4 }]);
  client.destroy();
  proxy.close();
  server.close();

  const late = await startProxy(rules('300ms'));
  const waiting = await RawClient.connect(late.port);
  t.teardown(() => {
    waiting.destroy();
    late.close();
  });
  waiting.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await waiting.receives('"error":"hold_timeout"');
  t.match(waiting.received, /^HTTP\/1\.1 503 [\s\S]*Retry-After: 1\r\n/);
  t.equal(late.held(), 0);
});

for (const { answer, because } of [
  { answer: 'HTTP/2.0 200 OK\r\n\r\n', because: 'not HTTP/1' },
  { answer: 'nonsense\r\n\r\n', because: 'no status line' },
  {
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    because: 'two lengths',
  },
  { answer: 'HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n', because: 'a folded field' },
  { answer: 'HTTP/1.1 101 Switching Protocols\r\n\r\n', because: '101 that nobody asked for' },
]) {
  test(`an answer that is not valid becomes a 502: ${because}`, async (t) => {
    const { origin, proxy, client } = await proxied(t, (connection) =>
      connection.socket.write(answer, 'latin1'),
    );
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives('"error":"upstream_malformed"');
    t.match(client.received, /^HTTP\/1\.1 502 /);
    await origin.until(([first]) => first?.isClosed ?? false);
    t.pass('the connection upstream is gone');
    t.equal(proxy.refused.length, 1, 'it is counted by what was wrong');
  });
}

test('bytes behind a response are shown to nobody', async (t) => {
  const { origin, client } = await proxied(t, (connection) => {
    connection.socket.write(
      `${response('mine')}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nothers`,
    );
  });
  for (let n = 1; n <= 3; n++) {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until(({ received }) => received.split('mine').length === n + 1);
  }
  t.notMatch(client.received, /others/);
  t.equal(origin.connections.length, 3, 'such a connection is not used again');
});
