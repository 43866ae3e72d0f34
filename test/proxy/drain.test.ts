import { test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo, startProxy } from '../support/start-proxy.ts';

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

  const drained = proxy.proxy.drain({ delayMs: 0, timeoutMs: 10_000 });
  await eventually(async () => {
    try {
      (await RawClient.connect(proxy.port)).destroy();
      return false;
    } catch {
      return true;
    }
  }, 'the port is closed');
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
  t.same(await proxy.proxy.drain({ delayMs: 100, timeoutMs: 300 }), { cut: 1 });
  await slow.closes();
  t.equal(slow.resetBy, 'ECONNRESET');
  t.equal(proxy.inFlight(), 0);
});

test('a version that leaves the document keeps no idle connections', async (t) => {
  const { origin, proxy, client } = await proxied(t, ({ socket }) => socket.write(response('ok')));
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.receives('ok');
  t.equal(origin.connections[0]?.isClosed, false);
  proxy.proxy.retain(new Set());
  await origin.until(([first]) => first?.isClosed ?? false);
  t.pass('the connection is closed');
});
