import { type Test, test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { type Proxied, proxied } from '../support/proxied.ts';
import { answering, response } from '../support/raw-origin.ts';
import type { StartOptions } from '../support/start-proxy.ts';

const refusedRequest = 'GET / HTTP/1.1\r\nHost : a\r\n\r\n';

/** Runs a test in both ways of reading. */
function each(
  name: string,
  body: (t: Test, setting: Proxied) => Promise<void>,
  onData: Parameters<typeof proxied>[1] = answering(response('ok')),
  options: StartOptions = {},
): void {
  for (const reading of ['borrowed', 'events'] as const) {
    test(`${name} (${reading} reads)`, async (t) => {
      const setting = await proxied(t, onData, { ...options, reading });
      await body(t, setting);
      t.same(setting.proxy.bugs, []);
    });
  }
}

each('the answer to HEAD has no body, also if it is a refusal', async (t, { client }) => {
  client.write('HEAD / HTTP/1.1\r\nHost : a\r\n\r\n');
  await client.ends();
  t.match(
    client.received,
    /^HTTP\/1\.1 400 [\s\S]*\r\nContent-Length: [1-9]\d*\r\n[\s\S]*\r\n\r\n$/,
  );
  t.equal(client.received.split('\r\n\r\n').length, 2);
});

each(
  'our side is closed at once, theirs is read and thrown away',
  async (t, { client, origin }) => {
    client.write(refusedRequest);
    await client.until(({ isEnded }) => isEnded);
    t.match(client.received, /"error":"space_before_colon"/);
    for (let sent = 0; sent < 48 * 1024; sent += 1024)
      client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.padEnd(1024));
    client.socket.end();
    await client.closes();
    t.equal(client.resetBy, undefined, 'a reset could have erased the answer');
    t.equal(origin.connections.length, 0, 'nothing of it was parsed');
  },
);

each('a client that goes on sending is cut off', async (t, { client, proxy }) => {
  client.write(refusedRequest);
  await client.until(({ isEnded }) => isEnded);
  const drip = setInterval(() => client.write('x'.repeat(16 * 1024)), 1);
  t.teardown(() => clearInterval(drip));
  await client.closes();
  t.match(client.resetBy, /^(?:ECONNRESET|EPIPE)$/);
  t.equal(proxy.open(), 0);
});

each(
  'a client that stays is cut off too',
  async (t, { client, proxy }) => {
    client.write(refusedRequest);
    await client.until(({ isEnded }) => isEnded);
    await eventually(() => proxy.open() === 0, 'the connection is gone');
    t.match(client.received, /"error":"space_before_colon"/);
  },
  undefined,
  { limits: { lingerMs: 100 } },
);

each(
  'where a response has begun the connection breaks: it must not look whole',
  async (t, { client, origin, proxy }) => {
    client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
    await client.receives('so far');
    client.write('0x3\r\nabc\r\n0\r\n\r\n');
    await client.closes();
    t.equal(client.resetBy, 'ECONNRESET');
    t.notMatch(client.received, /bad_chunk_size|400/);
    await origin.until(([first]) => first?.isClosed ?? false);
    t.notMatch(origin.connections[0]?.received, /\r\n0\r\n/, 'the last chunk is never sent');
    t.same(proxy.refused, ['bad_chunk_size']);
    t.match(proxy.seen, [{ status: 200, failure: 'bad_request' }]);
  },
  ({ socket, received }) => {
    if (received.endsWith('abc\r\n'))
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nso far');
  },
);

each(
  'an interim response is no response: a refusal may follow it',
  async (t, { client, origin }) => {
    client.write(
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    await client.receives('100 Continue');
    client.write('3\nabc\n0\n\n');
    await client.ends();
    t.match(
      client.received,
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 [\s\S]*"error":"bare_lf"/,
    );
    await origin.until(([first]) => first?.isClosed ?? false);
    t.notMatch(origin.connections[0]?.received, /\r\n0\r\n/);
  },
  ({ socket }) => {
    socket.write('HTTP/1.1 100 Continue\r\n\r\n');
  },
);
