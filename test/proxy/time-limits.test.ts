import { test } from 'tap';
import { certificate, served } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo, startProxy } from '../support/start-proxy.ts';
import { steppedClock } from '../support/stepped-clock.ts';

const edge = certificate({ names: ['a'] });

function rulesWith(url: string, timeouts: string): string {
  return rulesTo(url).replace('    versions:', `    timeouts: ${timeouts}\n    versions:`);
}

test('no response in time: 504', async (t) => {
  const { origin, proxy, client } = await proxied(t, () => {}, {
    rules: (url) => rulesWith(url, '{ firstByte: 300ms }'),
  });
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.receives('"error":"response_timeout"');
  t.match(client.received, /^HTTP\/1\.1 504 /);
  await origin.until(([first]) => first?.isClosed ?? false);
  t.match(proxy.seen, [{ failure: 'response_timeout', status: 504 }]);
});

test('a response that stops is broken off', async (t) => {
  const { proxy, client } = await proxied(
    t,
    ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    },
    { rules: (url) => rulesWith(url, '{ idle: 300ms }') },
  );
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.closes();
  t.equal(client.resetBy, 'ECONNRESET');
  t.match(proxy.seen, [{ failure: 'idle_timeout' }]);
});

test('the total limit holds however busy the exchange is', async (t) => {
  const { proxy, client } = await proxied(
    t,
    ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
      const drip = setInterval(() => socket.write('.'), 20);
      socket.on('close', () => clearInterval(drip));
    },
    { rules: (url) => rulesWith(url, '{ total: 500ms }') },
  );
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.closes();
  t.match(proxy.seen, [{ failure: 'total_timeout' }]);
});

test('a head that does not come to its end: 408', async (t) => {
  const origin = await rawOrigin(() => {});
  const proxy = await startProxy(rulesTo(origin.url), { limits: { headMs: 300 } });
  const slow = await RawClient.connect(proxy.port);
  const silent = await RawClient.connect(proxy.port);
  t.teardown(async () => {
    slow.destroy();
    silent.destroy();
    proxy.close();
    await origin.close();
  });
  slow.write('GET / HTTP/1.1\r\nHost: a\r\nX-');
  await slow.ends();
  t.match(slow.received, /^HTTP\/1\.1 408 /);
  await silent.ends();
  t.equal(silent.received, '', 'who has said nothing is told nothing');
});

test('a body that stops: 408, and the upstream is let go', async (t) => {
  const { origin, proxy, client } = await proxied(t, () => {}, { limits: { bodyMs: 300 } });
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
  await client.ends();
  t.match(client.received, /^HTTP\/1\.1 408 /);
  await origin.until(([first]) => first?.isClosed ?? false);
  t.match(proxy.seen, [{ failure: 'request_timeout' }]);
});

test('an idle connection is closed without a word', async (t) => {
  const { client } = await proxied(t, ({ socket }) => socket.write(response('ok')), {
    limits: { keepAliveMs: 300 },
  });
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.receives('ok');
  await client.ends();
  t.match(client.received, /ok$/);
});

for (const { what, connect, ...options } of [
  { what: 'a plain connection', connect: (port: number) => RawClient.connect(port) },
  {
    what: "a plain connection on Node's sockets",
    connect: (port: number) => RawClient.connect(port),
    reading: 'events' as const,
  },
  {
    what: 'a connection with TLS',
    connect: (port: number) => RawClient.connectSecure(port, { ca: edge.cert, servername: 'a' }),
    certificates: served(edge),
  },
]) {
  test(`who takes nothing of an answer is cut off, who takes some is not: ${what}`, async (t) => {
    const clock = steppedClock();
    const sent = Buffer.alloc(256 * 1024, 'x');
    const { proxy, client } = await proxied(
      t,
      ({ socket }) => {
        const more = () => {
          while (!socket.destroyed && socket.write(sent));
        };
        socket.on('drain', more);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${1e9}\r\n\r\n`);
        more();
      },
      { ...options, connect, now: clock.now, limits: { writeMs: 60_000 } },
    );
    const takeSome = async () => {
      const before = client.received.length;
      client.socket.resume();
      // More than what waits for it in the proxy at any time.
      await client.until(({ received }) => received.length > before + 1_000_000);
      client.socket.pause();
    };
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    for (let round = 0; round < 4; round++) {
      await takeSome();
      await clock.pass(40_000);
    }
    t.equal(proxy.open(), 1, 'no limit for who goes on');
    await clock.pass(61_000);
    await eventually(() => proxy.open() === 0, 'cut off');
    t.match(proxy.seen, [{ failure: 'client_disconnect' }]);
    t.same(proxy.bugs, []);
  });
}

test('more connections than allowed are not taken', async (t) => {
  const origin = await rawOrigin(({ socket }) => socket.write(response('ok')));
  const proxy = await startProxy(rulesTo(origin.url), { limits: { maxConnections: 2 } });
  const clients: RawClient[] = [];
  for (let n = 0; n < 2; n++) clients.push(await RawClient.connect(proxy.port));
  await eventually(() => proxy.open() === 2, 'both are taken');
  const third = await RawClient.connect(proxy.port);
  t.teardown(async () => {
    for (const client of [...clients, third]) client.destroy();
    proxy.close();
    await origin.close();
  });
  await third.ends();
  t.equal(third.received, '');
  clients[0]?.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await clients[0]?.receives('ok');
  t.equal(proxy.open(), 2);
});
