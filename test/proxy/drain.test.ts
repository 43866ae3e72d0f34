import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { portCloses } from '../support/port-closes.ts';
import { proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo, startProxy } from '../support/start-proxy.ts';

const atOnce = Promise.resolve();
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('a drain finishes what is begun, tells clients to go, and takes nothing new', async (t) => {
  const waiting: OriginConnection[] = [];
  const origin = await rawOrigin((connection) => {
    if (connection.received.includes('/slow')) waiting.push(connection);
    else connection.socket.write(response('quick'));
  });
  const proxy = await startProxy(rulesTo(origin.url));
  const slow = await RawClient.connect(proxy.port);
  const idle = await RawClient.connect(proxy.port);
  t.teardown(async () => {
    slow.destroy();
    idle.destroy();
    await origin.close();
  });
  idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await idle.receives('quick');
  t.notMatch(idle.received, /connection: close/i);
  slow.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => waiting.length === 1, 'the slow request is at its origin');

  const drained = proxy.proxy.drain({ acceptUntil: atOnce, timeoutMs: 10_000 });
  await portCloses(proxy.port);
  idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await idle.ends();
  t.match(idle.received, /connection: close[\s\S]*quick$/i, 'used once more, then told to go');
  waiting[0]?.socket.write(response('at last'));
  await slow.ends();
  t.match(slow.received, /^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*at last$/i);
  idle.destroy();
  slow.destroy();
  t.same(await drained, { cut: 0 });
  t.ok(proxy.seen.every(({ failure }) => failure === undefined));
});

test('what does not end in time is cut, and counted', async (t) => {
  const origin = await rawOrigin(() => {});
  const proxy = await startProxy(rulesTo(origin.url));
  const slow = await RawClient.connect(proxy.port);
  t.teardown(async () => {
    slow.destroy();
    await origin.close();
  });
  slow.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await origin.until(([first]) => first?.received.endsWith('\r\n\r\n') ?? false);
  t.same(await proxy.proxy.drain({ acceptUntil: atOnce, timeoutMs: 300 }), { cut: 1 });
  await slow.closes();
  t.equal(slow.resetBy, 'ECONNRESET');
  t.equal(proxy.inFlight(), 0);
});

test('connections that are let go end with their next answer, the oldest first', async (t) => {
  const { proxy, client } = await proxied(t, ({ socket }) => socket.write(response('ok')));
  const younger = await RawClient.connect(proxy.port);
  t.teardown(() => younger.destroy());
  for (const one of [client, younger]) await one.write(get).receives('ok');
  proxy.proxy.letGo(1);
  await younger.write(get).receives(/ok[\s\S]*ok/);
  t.notMatch(younger.received, /connection: close/i);
  client.write(get);
  await client.ends();
  t.match(client.received, /ok[\s\S]*connection: close[\s\S]*ok$/i);
  client.destroy();
  await eventually(() => proxy.open() === 1, 'it is gone');
  proxy.proxy.letGo(5);
  younger.write(get);
  await younger.ends();
  t.match(younger.received, /connection: close[\s\S]*ok$/i);
});

test('who waits at the port when it closes is answered', async (t) => {
  const { proxy, client } = await proxied(t, ({ socket }) => socket.write(response('ok')));
  client.destroy();
  // A turn of the loop accepts one connection; the others wait, their requests already sent.
  const sockets = Array.from({ length: 100 }, () => net.connect(proxy.port, '127.0.0.1'));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  const answers = sockets.map(async (socket) => {
    socket.write(get);
    return text(socket);
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  t.ok(proxy.open() < 50, 'most of them are not accepted yet');
  const drained = proxy.proxy.drain({ acceptUntil: atOnce, timeoutMs: 10_000 });
  const whole = /^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*ok$/i;
  t.same(
    (await Promise.all(answers)).filter((answer) => !whole.test(answer)),
    [],
  );
  t.same(await drained, { cut: 0 });
});

test('a connection is not ended by an answer that did not say so', async (t) => {
  const { origin, proxy, client } = await proxied(t, ({ socket, received }) => {
    if (received.endsWith('\r\n\r\n')) {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nA');
    }
  });
  client.write(get);
  await client.receives(/\r\n\r\nA$/);
  t.notMatch(client.received, /connection: close/i);
  const drained = proxy.proxy.drain({ acceptUntil: atOnce, timeoutMs: 10_000 });
  await portCloses(proxy.port);
  origin.connections[0]?.socket.write('B');
  await client.receives('AB');
  client.write(get);
  await client.receives(/AB[\s\S]*connection: close[\s\S]*A$/i);
  origin.connections[0]?.socket.write('B');
  await client.ends();
  client.destroy();
  t.same(await drained, { cut: 0 });
});

test('a request that waits for its version waits until the port is closed', async (t) => {
  const proxy = await startProxy(`apiVersion: turnout/v1
routes:
  - name: shop
    onUnavailable: { hold: 1m }
    versions: { v1: { url: "http://127.0.0.1:1" } }
`);
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => client.destroy());
  client.write(get);
  await eventually(() => proxy.held() === 1, 'the request is held');
  const closing = Promise.withResolvers<void>();
  const drained = proxy.proxy.drain({ acceptUntil: closing.promise, timeoutMs: 10_000 });
  const late = await RawClient.connect(proxy.port);
  t.teardown(() => late.destroy());
  late.write(get);
  await eventually(() => proxy.held() === 2, 'so is one that comes while the port is open');
  closing.resolve();
  for (const held of [client, late]) {
    await held.ends();
    t.match(held.received, /^HTTP\/1\.1 503 [\s\S]*retry-after: 1\r\n[\s\S]*hold_timeout/i);
    t.match(held.received, /connection: close/i);
    held.destroy();
  }
  t.same(await drained, { cut: 0 });
});

test('at the end an idle connection is closed, and not counted', async (t) => {
  const { proxy, client } = await proxied(t, ({ socket }) => socket.write(response('ok')));
  client.write(get);
  await client.receives('ok');
  t.same(await proxy.proxy.drain({ acceptUntil: atOnce, timeoutMs: 50 }), { cut: 0 });
  await client.ends();
  t.equal(client.resetBy, undefined, 'with a FIN');
});

test('a version that leaves the document keeps no idle connections', async (t) => {
  const { origin, proxy, client } = await proxied(t, ({ socket }) => socket.write(response('ok')));
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.receives('ok');
  t.equal(origin.connections[0]?.isClosed, false);
  proxy.swap(rulesTo('http://127.0.0.1:1'));
  await origin.until(([first]) => first?.isClosed ?? false);
  t.pass('the connection is closed');
});
