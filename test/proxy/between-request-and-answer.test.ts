import { type Test, test } from 'tap';
import { type Proxied, proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, type rawOrigin, response } from '../support/raw-origin.ts';

/** Runs a test in both ways of reading. */
function each(
  name: string,
  onData: Parameters<typeof rawOrigin>[0],
  body: (t: Test, setting: Proxied) => Promise<void>,
): void {
  for (const reading of ['borrowed', 'events'] as const) {
    test(`${name} (${reading} reads)`, async (t) => {
      const setting = await proxied(t, onData, { reading });
      await body(t, setting);
      t.same(setting.proxy.bugs, []);
    });
  }
}

const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n';

each(
  '16 interim responses are relayed',
  answering(hints.repeat(16) + response('page')),
  async (t, { client }) => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives('page');
    t.equal(client.received.match(/^HTTP\/1\.1 103 /gm)?.length, 16);
  },
);

each(
  'the 17th interim response is one too many',
  answering(hints.repeat(17) + response('page')),
  async (t, { client, origin, proxy }) => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives('upstream_malformed');
    await origin.until(([first]) => first?.isClosed ?? false);
    t.same(proxy.refused, ['bad_status']);
    t.notMatch(client.received, /page/);
  },
);

each(
  'a client of HTTP/1.0 gets no interim response',
  answering(`HTTP/1.1 100 Continue\r\n\r\n${hints}${response('page')}`),
  async (t, { client }) => {
    client.write('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
    await client.ends();
    t.match(client.received, /^HTTP\/1\.1 200 OK\r\n/);
  },
);

each(
  '100 goes to nobody who has not asked',
  answering(`HTTP/1.1 100 Continue\r\n\r\n${response('page')}`),
  async (t, { client }) => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives('page');
    t.match(client.received, /^HTTP\/1\.1 200 OK\r\n/);
  },
);

each(
  'a final answer instead of 100 ends the connection, and the body is never read',
  answering(response('no', '401 Unauthorized')),
  async (t, { client, origin }) => {
    client.write('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 50\r\n\r\n');
    await client.receives('no');
    t.match(client.received, /^HTTP\/1\.1 401 [\s\S]*\r\nConnection: close\r\n/);
    client.write('GET /inner HTTP/1.1\r\nHost: a\r\n\r\n'.padEnd(50));
    client.socket.end();
    await client.closes();
    t.notMatch(origin.connections.map(({ received }) => received).join(''), /inner/);
  },
);

each(
  'a client that ends its side in an exchange has gone, and its upstream connection with it',
  () => {},
  async (t, { client, origin, proxy }) => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await origin.until(([first]) => first?.received.endsWith('\r\n\r\n') ?? false);
    client.socket.end();
    await origin.until(([first]) => first?.isClosed ?? false);
    await client.closes();
    t.equal(client.received, '');
    t.match(proxy.seen, [{ failure: 'client_disconnect', status: 0 }]);
  },
);

// A socket of Node's own gives up what it has not read when a write fails.
test('who answers an upload early and resets the connection is still heard', async (t) => {
  const answer = response('too large', '413 Content Too Large', 'Connection: close\r\n');
  const { proxy } = await proxied(t, ({ socket, received }) => {
    socket.pause();
    if (received.startsWith('POST')) socket.write(answer, () => socket.resetAndDestroy());
  });
  for (let round = 0; round < 20; round++) {
    const client = await RawClient.connect(proxy.port);
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n');
    const upload = setInterval(() => client.write('x'.repeat(64 * 1024)), 0);
    await client.ends();
    clearInterval(upload);
    t.match(client.received, /^HTTP\/1\.1 413 [\s\S]*too large$/, `round ${round}`);
    client.destroy();
  }
});
