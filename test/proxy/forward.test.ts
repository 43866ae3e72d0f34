import { type Test, test } from 'tap';
import type { ReadingBy } from '../../src/proxy/borrowed-reads.ts';
import { type Proxied, proxied } from '../support/proxied.ts';
import { answering, type rawOrigin, response } from '../support/raw-origin.ts';

/** Runs a test with an origin, a proxy before it and a client, in both ways of reading. */
function each(
  name: string,
  onData: Parameters<typeof rawOrigin>[0],
  body: (t: Test, setting: Proxied) => Promise<void>,
): void {
  for (const reading of ['borrowed', 'events'] as const satisfies readonly ReadingBy[]) {
    test(`${name} (${reading} reads)`, async (t) => {
      const setting = await proxied(t, onData, { reading });
      await body(t, setting);
      t.same(setting.proxy.bugs, [], 'the proxy made no mistake');
    });
  }
}

each(
  'a request is forwarded with framing and forwarding fields written anew',
  answering(response('hello')),
  async (t, { origin, proxy, client }) => {
    client.write('GET /a?b=c HTTP/1.1\r\nHost: shop.example.com\r\nX-Own: 1\r\n\r\n');
    await client.receives('hello');
    t.match(client.received, /^HTTP\/1\.1 200 OK\r\n/);
    t.match(client.received, /content-length: 5\r\n/i);
    const { received } = origin.connections[0] ?? { received: '' };
    t.match(received, /^GET \/a\?b=c HTTP\/1\.1\r\n/);
    t.match(received, /^host: shop\.example\.com\r$/im);
    t.match(received, /^x-own: 1\r$/im);
    t.match(received, /^x-forwarded-for: 127\.0\.0\.1\r$/im);
    t.match(received, /^x-forwarded-proto: http\r$/im);
    t.match(received, /^via: 1\.1 turnout\r$/im);
    t.match(proxy.seen, [{ route: 'shop', version: 'v1', status: 200, bytesOut: 5 }]);
  },
);

each(
  'one connection of a client carries many requests, over one connection upstream',
  answering((head) => response(/^GET (\S+)/.exec(head)?.[1] ?? '')),
  async (t, { origin, client }) => {
    for (let n = 0; n < 20; n++) {
      client.write(`GET /${n}. HTTP/1.1\r\nHost: a\r\n\r\n`);
      await client.receives(`\r\n/${n}.`);
    }
    t.equal(origin.connections.length, 1);
  },
);

each(
  'pipelined requests are answered in their order',
  answering((head) => response(`[${/^GET (\S+)/.exec(head)?.[1]}]`)),
  async (t, { client }) => {
    const paths = Array.from({ length: 50 }, (_, n) => `/${n}`);
    client.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    await client.receives('[/49]');
    const order = [...client.received.matchAll(/\[(\S+?)\]/g)].map(([, path]) => path);
    t.same(order, paths);
  },
);

each(
  'a body of known length passes byte for byte',
  (connection) => {
    if (connection.received.endsWith('END')) connection.socket.write(response('ok'));
  },
  async (t, { origin, proxy, client }) => {
    const body = `${'0123456789'.repeat(30_000)}END`;
    client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`);
    client.write(body);
    await client.receives('ok');
    t.ok(origin.connections[0]?.received.endsWith(`\r\n\r\n${body}`));
    t.match(proxy.seen, [{ method: 'POST', bytesIn: body.length, status: 200 }]);
  },
);

each(
  'a chunked body passes with chunks of our own and its trailers',
  (connection) => {
    if (connection.received.includes('\r\n0\r\n')) connection.socket.write(response('ok'));
  },
  async (t, { origin, client }) => {
    client.write(
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n',
    );
    client.write('5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nx-sum: 11\r\n\r\n');
    await client.receives('ok');
    const { received } = origin.connections[0] ?? { received: '' };
    t.match(received, /^transfer-encoding: chunked\r$/im);
    t.notMatch(received, /content-length/i);
    t.notMatch(received, /name=value/, 'extensions are dropped');
    const chunks = received.slice(received.indexOf('\r\n\r\n') + 4);
    const data = [...chunks.matchAll(/([0-9a-f]+)\r\n([\s\S]*?)\r\n(?=[0-9a-f]+\r\n)/g)];
    t.equal(data.map(([, , text]) => text).join(''), 'hello world');
    t.match(chunks, /0\r\nx-sum: 11\r\n\r\n$/);
  },
);

each(
  'a chunked response reaches a client of HTTP/1.1 chunked',
  answering(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n',
  ),
  async (t, { client }) => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives('0\r\n\r\n');
    t.match(client.received, /transfer-encoding: chunked/i);
    t.match(client.received, /\r\n\r\n7\r\nabcdefg\r\n0\r\n\r\n$/);
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until(({ received }) => received.split('0\r\n\r\n').length === 3);
    t.pass('the connection goes on');
  },
);

each(
  'a chunked response reaches a client of HTTP/1.0 plain, and the connection ends',
  answering(
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n',
  ),
  async (t, { client }) => {
    client.write('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
    await client.ends();
    t.notMatch(client.received, /transfer-encoding/i);
    t.match(client.received, /\r\n\r\nabcdefg$/);
  },
);

each(
  'HTTP/1.0 keeps the connection only if asked and the length is known',
  answering(response('abc')),
  async (t, { client }) => {
    client.write('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    await client.receives('abc');
    t.match(client.received, /connection: keep-alive/i);
    client.write('GET / HTTP/1.0\r\n\r\n');
    await client.ends();
    t.equal(client.received.split('abc').length, 3);
  },
);

each(
  'a response that ends with its connection is chunked for a client of HTTP/1.1',
  (connection) => {
    if (connection.received.includes('\r\n\r\n')) {
      connection.socket.end('HTTP/1.1 200 OK\r\n\r\nall of it');
    }
  },
  async (t, { client }) => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives('0\r\n\r\n');
    t.match(client.received, /\r\n\r\n9\r\nall of it\r\n0\r\n\r\n$/);
  },
);

each(
  'HEAD, 204 and 304 have no body whatever their heads say',
  answering((head) => {
    if (head.startsWith('HEAD')) return 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';
    if (head.includes('/204')) return 'HTTP/1.1 204 No Content\r\n\r\n';
    if (head.includes('/304')) return 'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n';
    return response('last');
  }),
  async (t, { client }) => {
    client.write('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
    client.write('GET /204 HTTP/1.1\r\nHost: a\r\n\r\n');
    client.write('GET /304 HTTP/1.1\r\nHost: a\r\n\r\n');
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives('last');
    const statuses = [...client.received.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => code);
    t.same(statuses, ['200', '204', '304', '200']);
    t.equal(client.received.match(/content-length: 10/gi)?.length, 2, 'kept for HEAD and 304');
  },
);

each(
  "the upstream's 100 reaches a client that waits for it",
  (connection) => {
    const { received, socket } = connection;
    if (received.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    else if (received.endsWith('body')) socket.write(response('done'));
  },
  async (t, { client }) => {
    client.write('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    await client.receives('HTTP/1.1 100 Continue\r\n\r\n');
    client.write('body');
    await client.receives('done');
    t.match(client.received, /100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  },
);

each(
  'an upstream that does not say 100 does not stop the client',
  (connection) => {
    if (connection.received.endsWith('body')) connection.socket.write(response('done'));
  },
  async (t, { client }) => {
    client.write('PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    await client.receives('HTTP/1.1 100 Continue\r\n\r\n');
    client.write('body');
    await client.receives('done');
    t.pass('the client was told to go on');
  },
);

each(
  'an early answer is relayed at once and ends the connection',
  (connection, all) => {
    if (
      all.length === 1 &&
      connection.received.includes('\r\n\r\n') &&
      connection.received.length < 600
    )
      connection.socket.write(response('too large', '413 Content Too Large'));
  },
  async (t, { client }) => {
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc');
    await client.ends();
    t.match(client.received, /^HTTP\/1\.1 413 /);
    t.match(client.received, /connection: close/i);
    t.match(client.received, /too large$/);
  },
);

each(
  '103 is relayed before the answer',
  answering(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${response('page')}`),
  async (t, { client }) => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.receives('page');
    t.match(
      client.received,
      /^HTTP\/1\.1 103 [^\r]*\r\nLink: <\/a\.css>\r\n(?:Via: [^\r]+\r\n)?\r\nHTTP\/1\.1 200 OK/i,
    );
  },
);

each(
  'a client that goes away takes its upstream connection with it',
  () => {},
  async (t, { origin, proxy, client }) => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await origin.until(([first]) => first?.received.includes('\r\n\r\n') ?? false);
    client.destroy();
    await origin.until(([first]) => first?.isClosed ?? false);
    t.match(proxy.seen, [{ failure: 'client_disconnect', status: 0 }]);
    t.equal(proxy.inFlight(), 0);
  },
);

each(
  'a response that breaks off is a reset, never a clean end',
  (connection) => {
    if (!connection.received.includes('\r\n\r\n')) return;
    connection.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
  },
  async (t, { proxy, client }) => {
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.closes();
    t.equal(client.resetBy, 'ECONNRESET');
    t.match(proxy.seen, [{ failure: 'upstream_reset', status: 200 }]);
  },
);

each(
  'hop-by-hop fields stay on their hop, also those that Connection names',
  answering(
    response('ok', '200 OK', 'Connection: x-back\r\nX-Back: 1\r\nKeep-Alive: timeout=5\r\n'),
  ),
  async (t, { origin, client }) => {
    client.write(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Secret\r\nX-Secret: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nProxy-Authorization: x\r\n\r\n',
    );
    await client.receives('ok');
    const { received } = origin.connections[0] ?? { received: '' };
    t.notMatch(received, /x-secret|keep-alive:|proxy-authorization/i);
    t.notMatch(client.received, /x-back|keep-alive:/i);
  },
);

each(
  'what an untrusted client says about itself is taken out',
  answering(response('ok')),
  async (t, { origin, client }) => {
    client.write(
      'GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\nX_Forwarded_For: 1.2.3.4\r\n\r\n',
    );
    await client.receives('ok');
    t.notMatch(origin.connections[0]?.received, /1\.2\.3\.4/);
  },
);
