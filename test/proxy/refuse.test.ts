import { test } from 'tap';
import { RawClient } from '../support/raw-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo, startProxy } from '../support/start-proxy.ts';

for (const { bytes, status, error, because } of [
  { bytes: 'GET / HTTP/1.1\r\n\r\n', status: 400, error: /host/, because: 'no Host' },
  {
    bytes:
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    status: 400,
    error: /./,
    because: 'two ways to know the length (request smuggling)',
  },
  { bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 505, error: /./, because: 'HTTP/2 preface' },
  {
    bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    status: 400,
    error: /./,
    because: 'TLS',
  },
  {
    bytes: 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n',
    status: 405,
    error: /./,
    because: 'CONNECT',
  },
  {
    bytes: `GET /${'a'.repeat(9_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    status: 414,
    error: /./,
    because: 'a long target',
  },
  {
    bytes:
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n',
    status: 400,
    error: /^bad_chunk_size$/,
    because: 'a chunk size that readers disagree on',
  },
]) {
  test(`refuses with ${status}: ${because}`, async (t) => {
    const origin = await rawOrigin(answering(response('served')));
    const proxy = await startProxy(rulesTo(origin.url));
    t.teardown(async () => {
      proxy.close();
      await origin.close();
    });
    const client = await RawClient.connect(proxy.port);
    client.write(bytes);
    await client.ends();
    t.match(client.received, new RegExp(`^HTTP/1\\.1 ${status} `));
    t.match(client.received, /connection: close/i);
    const body = JSON.parse(client.received.slice(client.received.indexOf('\r\n\r\n') + 4));
    t.equal(body.status, status);
    t.match(body.error, error);
    t.notOk(origin.connections.some(({ received }) => received.includes('\r\n0\r\n\r\n')));
    t.match(proxy.seen, [{ status }]);
    t.same(proxy.bugs, []);
    client.destroy();
  });
}

test('answers what was asked before, then refuses, and parses nothing behind it', async (t) => {
  const origin = await rawOrigin(answering(response('served')));
  const proxy = await startProxy(rulesTo(origin.url));
  t.teardown(async () => {
    proxy.close();
    await origin.close();
  });
  const client = await RawClient.connect(proxy.port);
  client.write(
    'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\nGET /never HTTP/1.1\r\nHost: a\r\n\r\n',
  );
  await client.ends();
  t.match(client.received, /^HTTP\/1\.1 200 OK[\s\S]*servedHTTP\/1\.1 400 /);
  t.notMatch(origin.connections[0]?.received, /never/);
  client.destroy();
});

test('no route, no answer from anybody: 404 with a reason', async (t) => {
  const proxy = await startProxy(`apiVersion: turnout/v1
routes:
  - name: shop
    match: { host: shop.example.com }
    versions: { v1: { url: "http://127.0.0.1:9" } }
`);
  t.teardown(proxy.close);
  const client = await RawClient.connect(proxy.port);
  client.write('GET / HTTP/1.1\r\nHost: other.example.com\r\n\r\n');
  await client.receives('"error":"no_route"');
  t.match(client.received, /^HTTP\/1\.1 404 Not Found\r\n/);
  client.write('GET / HTTP/1.1\r\nHost: other.example.com\r\n\r\n');
  await client.until(({ received }) => received.split('no_route').length === 3);
  t.pass('the connection goes on: the request was read to its end');
  client.destroy();
});

test('thousands of pipelined requests that end at once do not end the proxy', async (t) => {
  const origin = await rawOrigin(answering(response('served')));
  const proxy = await startProxy(`apiVersion: turnout/v1
routes:
  - name: shop
    match: { path: /shop }
    versions: { v1: { url: "${origin.url}" } }
`);
  t.teardown(async () => {
    proxy.close();
    await origin.close();
  });
  const client = await RawClient.connect(proxy.port);
  // The first one waits for its upstream, so that the others wait behind it.
  client.write('GET /shop HTTP/1.1\r\nHost: a\r\n\r\n');
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5_000));
  await client.until(({ received }) => received.split('no_route').length === 5_001);
  t.same(proxy.bugs, []);
  client.destroy();
});
