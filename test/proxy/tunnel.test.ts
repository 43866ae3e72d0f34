import type net from 'node:net';
import { test } from 'tap';
import type { ReadingBy } from '../../src/proxy/borrowed-reads.ts';
import { pattern, stalled, wholeBytes, writePattern } from '../support/big-body.ts';
import { eventually } from '../support/eventually.ts';
import { proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { rulesTo } from '../support/start-proxy.ts';
import { tunnelled, tunnelWays } from '../support/tunnelled.ts';
import { asking, switching } from '../support/web-socket.ts';

const readings = ['borrowed', 'events'] as const satisfies readonly ReadingBy[];

/** Reads from a paused socket until all bytes are there; returns how many reads were wrong. */
function readPattern(socket: net.Socket): Promise<number> {
  return new Promise((resolve) => {
    let received = 0;
    let wrong = 0;
    socket.on('data', (chunk: Buffer) => {
      const at = received % 251;
      if (!chunk.equals(pattern.subarray(at, at + chunk.length))) wrong++;
      received += chunk.length;
      if (received >= wholeBytes) resolve(wrong + received - wholeBytes);
    });
    socket.resume();
  });
}

for (const { way, options } of tunnelWays) {
  for (const slow of ['client', 'upstream'] as const) {
    test(`a slow ${slow} stops the other side, and nobody's memory grows (${way})`, async (t) => {
      const { client, far, proxy } = await tunnelled(t, options);
      const [sender, reader] =
        slow === 'client' ? [far.socket, client.socket] : [client.socket, far.socket];
      reader.removeAllListeners('data');
      reader.pause();
      const written = sender.bytesWritten;
      const all = writePattern(sender);
      const taken = (await stalled(sender)) - written;
      t.ok(taken < wholeBytes / 2, `${taken} bytes are on the way, the rest waits at the sender`);
      t.equal(await readPattern(reader), 0, 'every byte is at its place');
      await all;
      const { tunnelled: counted } = proxy;
      const direction = slow === 'client' ? 'out' : 'in';
      await eventually(() => counted[direction] === wholeBytes, 'all bytes are counted');
      t.equal(counted.in + counted.out, wholeBytes);
      t.same(proxy.bugs, []);
    });
  }

  for (const first of ['client', 'upstream'] as const) {
    test(`FIN of the ${first} is passed on, and the other side goes on (${way})`, async (t) => {
      const { client, far, origin, proxy, arrived, returned } = await tunnelled(t, options);
      // The origin of these tests answers FIN with FIN at once: not where the client is first.
      const ends = first === 'client' ? client.socket : far.socket;
      if (first === 'client') {
        far.socket.removeAllListeners('end');
        far.socket.once('end', () => far.socket.write('late'));
        ends.end('last');
        await client.receives(/late$/);
        t.equal(arrived(), 'last');
        t.equal(client.isEnded, false, 'its own way stays open');
        far.socket.end('bye');
        await client.ends();
        t.equal(returned(), 'latebye');
      } else {
        ends.end('last');
        await client.ends();
        t.equal(returned(), 'last');
        client.write('late');
        await origin.until(() => arrived() === 'late');
        client.socket.end('bye');
        await origin.until(() => far.isClosed);
        t.equal(arrived(), 'latebye');
      }
      await eventually(() => proxy.open() === 0, 'the connections are gone');
      t.equal(client.resetBy, undefined);
      t.same(proxy.tunnelEnds, ['closed']);
      t.same(proxy.tunnelled, { in: arrived().length, out: returned().length });
      t.equal(proxy.inFlight(), 0);
      t.same(proxy.bugs, []);
    });
  }

  test(`what is written last comes out before FIN, however slow the reader (${way})`, async (t) => {
    const { client, far, proxy } = await tunnelled(t, options);
    client.socket.removeAllListeners('data');
    client.socket.pause();
    far.socket.removeAllListeners('end');
    const all = writePattern(far.socket).then(() => far.socket.end());
    await stalled(far.socket);
    client.socket.end();
    t.equal(await readPattern(client.socket), 0);
    await all;
    await client.ends();
    t.equal(client.resetBy, undefined);
    await eventually(() => proxy.open() === 0, 'the connections are gone');
    t.same(proxy.tunnelEnds, ['closed']);
  });
}

for (const reading of readings) {
  for (const first of ['client', 'upstream'] as const) {
    test(`a reset of the ${first} is passed on as one (${reading} reads)`, async (t) => {
      const { client, far, proxy } = await tunnelled(t, { reading });
      let resetBy: string | undefined;
      far.socket.on('error', ({ code }: NodeJS.ErrnoException) => {
        resetBy = code;
      });
      if (first === 'client') client.socket.resetAndDestroy();
      else far.socket.resetAndDestroy();
      await eventually(() => client.isClosed && far.isClosed, 'both ends are closed');
      t.equal(first === 'client' ? resetBy : client.resetBy, 'ECONNRESET');
      t.same(proxy.tunnelEnds, [`${first}_lost`]);
      await eventually(() => proxy.open() === 0, 'the connections are gone');
      t.equal(proxy.inFlight(), 0);
      t.same(
        proxy.seen.map(({ failure }) => failure),
        [undefined],
      );
      t.same(proxy.bugs, []);
    });
  }

  test(`who writes to a side that has closed is told by a reset (${reading} reads)`, async (t) => {
    const { client, far, proxy } = await tunnelled(t, { reading });
    // Closes both ways: FIN comes, and whatever is sent there later is answered with a reset.
    far.socket.destroy();
    await client.ends();
    const drip = setInterval(() => client.write('.'), 5);
    t.teardown(() => clearInterval(drip));
    await client.closes();
    clearInterval(drip);
    t.ok(client.resetBy);
    t.same(proxy.tunnelEnds, ['upstream_lost']);
    t.equal(proxy.inFlight(), 0);
  });
}

function limited(timeouts: string) {
  return (url: string) =>
    rulesTo(url).replace('    versions:', `    timeouts: ${timeouts}\n    versions:`);
}

test('a tunnel on which nothing passes for too long is reset, and its bytes keep it', async (t) => {
  let now = 1_000;
  const { client, far, proxy } = await tunnelled(t, {
    now: () => now,
    rules: limited('{ idle: 60s, total: 90s, firstByte: 10s }'),
  });
  const { tunnelled: bytes } = proxy;
  for (const [before, from] of [far.socket, client.socket, far.socket].entries()) {
    now += 59_000;
    from.write('.');
    await eventually(() => bytes.in + bytes.out > before, 'the byte has passed');
  }
  t.equal(proxy.tunnels(), 1, 'no limit on the whole counts: 177 s have passed');
  now += 60_500;
  await client.closes();
  t.equal(client.resetBy, 'ECONNRESET');
  t.same(proxy.tunnelEnds, ['idle_timeout']);
  t.equal(proxy.inFlight(), 0);
});

test('a tunnel without an idle limit stays', async (t) => {
  let now = 1_000;
  const { far, client, proxy } = await tunnelled(t, {
    // Every look at it lets an hour pass; a tick is one.
    now: () => {
      now += 3_600_000;
      return now;
    },
    rules: limited('{ idle: off, connect: 30d, firstByte: 30d }'),
  });
  const later = now + 5 * 3_600_000;
  await eventually(() => now > later, 'some ticks have passed');
  far.socket.write('still there');
  await client.receives(/still there$/);
  t.equal(proxy.tunnels(), 1);
});

test('a client that takes nothing for too long is reset', async (t) => {
  const { client, far, proxy } = await tunnelled(t, { limits: { writeMs: 300 } });
  client.socket.pause();
  writePattern(far.socket);
  await eventually(() => far.isClosed, 'the upstream is told');
  t.same(proxy.tunnelEnds, ['client_lost']);
});

test('the connection of a tunnel never goes back to its pool', async (t) => {
  const { origin, proxy, client } = await tunnelled(t);
  client.socket.end();
  await eventually(() => proxy.open() === 0, 'the tunnel is over');
  const next = await RawClient.connect(proxy.port);
  t.teardown(() => next.destroy());
  next.write(asking());
  await next.receives(/^HTTP\/1\.1 101 /);
  t.equal(origin.connections.length, 2);
});

test('a WebSocket over a connection that has carried requests, and to one', async (t) => {
  const { origin, client } = await proxied(t, ({ socket, received }) => {
    if (received.endsWith('chat HTTP/1.1\r\n\r\n')) return;
    if (!received.endsWith('\r\n\r\n')) return;
    const isAsked = received.slice(0, -4).split('\r\n\r\n').at(-1)?.includes('Upgrade: websocket');
    socket.write(isAsked ? switching() : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  for (const count of [1, 2]) {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until(({ received }) => received.split('\r\n\r\nok').length > count);
  }
  client.write(asking());
  await client.receives(/HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/);
  t.equal(origin.connections.length, 1);
  origin.connections[0]?.socket.write('through');
  await client.receives(/through$/);
});
