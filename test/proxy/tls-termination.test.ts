import { once } from 'node:events';
import net from 'node:net';
import { duplexPair } from 'node:stream';
import tls from 'node:tls';
import { type Test, test } from 'tap';
import { authority, certificate, loaded, served } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, response } from '../support/raw-origin.ts';
import { type StartOptions, startProxy } from '../support/start-proxy.ts';
import { steppedClock } from '../support/stepped-clock.ts';

const ca = authority();
const shop = certificate({ names: ['shop.example', '*.shop.example'], issuer: ca });
const blog = certificate({ names: ['blog.example', 'www.shop.example'], issuer: ca });
const trusting = { ca: ca.cert, servername: 'shop.example' };
const request = 'GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n';
const ok = answering(response('hello'));

/** An origin, a proxy that speaks TLS, and a client that does. */
function secured(t: Test, onData: Parameters<typeof proxied>[1] = ok, options: StartOptions = {}) {
  return proxied(t, onData, {
    certificates: served(shop, blog),
    connect: (port) => RawClient.connectSecure(port, trusting),
    ...options,
  });
}

/** A proxy that speaks TLS, for clients that fail to. */
async function awaiting(t: Test, options: StartOptions = {}) {
  const rules = `apiVersion: turnout/v1\nroutes: [{ name: r, redirect: { scheme: https } }]`;
  const proxy = await startProxy(rules, { certificates: served(shop), ...options });
  t.teardown(proxy.close);
  return proxy;
}

/** Returns the names of the certificate that a client is shown. */
async function shown(port: number, servername: string): Promise<string | undefined> {
  // Whether the name is right is not asked here.
  const checkServerIdentity = () => undefined;
  const socket = tls.connect({ port, ca: ca.cert, servername, checkServerIdentity });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject?.CN as string | undefined;
}

for (const reading of ['borrowed', 'events'] as const) {
  test(`a request over TLS is served, and the version learns of it (${reading} reads)`, async (t) => {
    const { origin, proxy, client } = await secured(t, ok, { reading });
    await client.write(request).receives('hello');
    await client.write(request).receives(/hello[\s\S]*hello/);
    t.match(origin.connections[0]?.received, 'X-Forwarded-Proto: https\r\n');
    t.same(
      proxy.seen.map(({ status }) => status),
      [200, 200],
    );
    t.same(proxy.bugs, []);
  });
}

test('rules know who speaks TLS, cookies are secure, redirects stay on https', async (t) => {
  const rules = (url: string) => `apiVersion: turnout/v1
routes:
  - { name: to-https, match: { scheme: http }, redirect: { scheme: https } }
  - { name: moved, match: { path: /moved }, redirect: { path: { prefix: /new } } }
  - { name: shop, versions: { v1: { url: "${url}" }, v2: { url: "${url}" } } }
`;
  const { client } = await secured(t, ok, { rules } as StartOptions);
  await client.write(request.replace('GET /', 'GET /moved/a')).receives('\r\n\r\n');
  t.match(client.received, 'Location: https://shop.example/new/a\r\n');
  client.write(request.replace('\r\n\r\n', '\r\nAccept: text/html\r\n\r\n'));
  await client.receives('hello');
  t.match(client.received, /Set-Cookie: [^\r]*; Secure/);
});

test('the certificate is that of the name the client asks for', async (t) => {
  const { port } = await awaiting(t, { certificates: served(shop, blog) });
  for (const [asked, cn] of [
    ['shop.example', 'shop.example'],
    ['blog.example', 'blog.example'],
    ['BLOG.example', 'blog.example'],
    ['a.shop.example', 'shop.example'],
    ['www.shop.example', 'blog.example'],
    ['a.b.shop.example', 'shop.example'],
    ['other.example', 'shop.example'],
    ['', 'shop.example'],
  ] as const) {
    t.equal(await shown(port, asked), cn, `asked for "${asked}"`);
  }
});

test('a new certificate is shown to new connections, and the open ones go on', async (t) => {
  const certificates = served(shop);
  const { proxy, client } = await secured(t, ok, { certificates });
  await client.write(request).receives('hello');
  certificates.replace(0, loaded(blog));
  t.equal(await shown(proxy.port, 'shop.example'), 'blog.example');
  await client.write(request).receives(/hello[\s\S]*hello/);
});

test('a session is resumed, also by another process with the same ticket keys', async (t) => {
  const [one, other] = [await awaiting(t), await awaiting(t)];
  const first = tls.connect({ port: one.port, host: '127.0.0.1', ...trusting });
  const [session] = (await once(first, 'session')) as [Buffer];
  first.destroy();
  const second = tls.connect({ port: other.port, host: '127.0.0.1', ...trusting, session });
  await once(second, 'secureConnect');
  t.equal(second.isSessionReused(), true);
  second.destroy();
});

/** Hello of a client, as bytes: of one that goes on to nothing. */
async function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', ...options });
  client.on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}

for (const { reason, options, code } of [
  { reason: 'no_common_protocol', options: { ALPNProtocols: ['h2'] }, code: /NO_APPLICATION/ },
  {
    reason: 'no_common_version',
    options: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    code: /PROTOCOL_VERSION/,
  },
  {
    reason: 'no_common_cipher',
    options: { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' },
    code: /HANDSHAKE_FAILURE/,
  },
] as const) {
  test(`a handshake fails, counted as ${reason}`, async (t) => {
    const proxy = await awaiting(t);
    await t.rejects(RawClient.connectSecure(proxy.port, { ...trusting, ...options }), { code });
    await eventually(() => proxy.handshakeFailures.length > 0, 'counted');
    t.same(proxy.handshakeFailures, [reason]);
    await eventually(() => proxy.open() === 0, 'closed');
    t.same(proxy.bugs, []);
  });
}

test('a client that offers h2 and http/1.1 gets http/1.1', async (t) => {
  const { port } = await awaiting(t);
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    ...trusting,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  await once(socket, 'secureConnect');
  t.equal(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
});

test('plain HTTP on a TLS port is answered in plain HTTP, with 400', async (t) => {
  const proxy = await awaiting(t);
  const client = await RawClient.connect(proxy.port);
  await client.write(request).ends();
  t.match(client.received, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*"plain_http"[\s\S]*\n$/);
  client.socket.end();
  await eventually(() => proxy.open() === 0, 'closed');
  t.same(proxy.handshakeFailures, ['plain_http']);
});

test('bytes that are no TLS close the connection, before and after the handshake', async (t) => {
  const proxy = await awaiting(t);
  const early = await RawClient.connect(proxy.port);
  await early.write('\x16\x03\x01\x00\x05hello').ends();
  early.socket.end();
  t.same(proxy.handshakeFailures, ['malformed']);

  const raw = net.connect(proxy.port, '127.0.0.1');
  const [inner, outer] = duplexPair();
  outer.pipe(raw).pipe(outer);
  const secure = tls.connect({ socket: inner, ...trusting });
  secure.on('error', () => {});
  await once(secure, 'secureConnect');
  secure.write(request);
  await once(secure, 'data');
  t.equal(proxy.open(), 1);
  // Past TLS, into the connection itself.
  raw.write('these bytes are no record of TLS');
  await eventually(() => proxy.open() === 0, 'the connection is closed');
  t.same(proxy.handshakeFailures, ['malformed'], 'its handshake had not failed');
  t.same(proxy.bugs, []);
});

test('who leaves in the middle of a handshake is let go at once', async (t) => {
  const proxy = await awaiting(t);
  const client = await RawClient.connect(proxy.port);
  await eventually(() => proxy.open() === 1, 'accepted');
  client.socket.end();
  await client.closes();
  await eventually(() => proxy.open() === 0, 'let go');
  t.same(proxy.handshakeFailures, ['closed']);
});

test('a handshake has 5 seconds in all, however its bytes trickle in', async (t) => {
  const clock = steppedClock();
  const proxy = await awaiting(t, { now: clock.now });
  const hello = await helloOf(trusting);
  const client = await RawClient.connect(proxy.port);
  await eventually(() => proxy.open() === 1, 'accepted');
  client.socket.write(hello.subarray(0, 10));
  await clock.pass(4_900);
  client.socket.write(hello.subarray(10, 20));
  t.same(proxy.handshakeFailures, []);
  await clock.pass(200);
  await client.ends();
  t.same(proxy.handshakeFailures, ['timeout']);
  t.equal(proxy.open(), 0);
});

test('handshakes count as connections, and what is beyond the limit is closed unread', async (t) => {
  const proxy = await awaiting(t, { limits: { maxConnections: 1 } });
  const first = await RawClient.connect(proxy.port);
  await eventually(() => proxy.open() === 1, 'accepted');
  const second = await RawClient.connect(proxy.port);
  await second.ends();
  t.equal(proxy.open(), 1);
  t.same(proxy.handshakeFailures, []);
  first.destroy();
  second.destroy();
});

test('a client cannot make TLS 1.2 begin anew', async (t) => {
  const { port } = await awaiting(t);
  const socket = tls.connect({ port, host: '127.0.0.1', ...trusting, maxVersion: 'TLSv1.2' });
  await once(socket, 'secureConnect');
  socket.renegotiate({}, () => {});
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  t.match(error.code, /NO_RENEGOTIATION/);
  socket.destroy();
});

test('a refused request is answered to its end, and the client may still write', async (t) => {
  const { proxy, client } = await secured(t);
  client.write('GET / HTTP/1.1\r\nHost: a b\r\n\r\n');
  await client.ends();
  t.match(client.received, /^HTTP\/1\.1 400 [\s\S]*\}\n$/);
  t.equal(client.resetBy, undefined);
  client.write('bytes that nobody reads');
  client.socket.end();
  await eventually(() => proxy.open() === 0, 'closed when the client has ended too');
  t.equal(client.resetBy, undefined);
  t.same(proxy.bugs, []);
});

test('a response that breaks off is a reset, not an end', async (t) => {
  const { proxy, client } = await secured(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun');
    setTimeout(() => socket.destroy(), 20);
  });
  await client.write(request).closes();
  t.equal(client.resetBy, 'ECONNRESET');
  t.equal(client.isEnded, false);
  t.same(
    proxy.seen.map(({ failure }) => failure),
    ['upstream_reset'],
  );
  t.same(proxy.bugs, []);
});

test('a drain waits for what is under way over TLS, and says that the connection ends', async (t) => {
  const { origin, proxy, client } = await secured(t, () => {});
  client.write(request);
  await origin.until(([connection]) => connection?.received.endsWith('\r\n\r\n') ?? false);
  const begun = await RawClient.connect(proxy.port);
  await eventually(() => proxy.open() === 2, 'a second one shakes hands');
  const drained = proxy.proxy.drain({ acceptUntil: Promise.resolve(), timeoutMs: 20_000 });
  begun.destroy();
  origin.connections[0]?.socket.write(response('late'));
  await client.ends();
  t.match(client.received, /Connection: close\r\n[\s\S]*late$/);
  client.socket.end();
  t.same(await drained, { cut: 0 });
});

test('what is cut at the end of a drain is counted, handshakes are not', async (t) => {
  const { origin, proxy, client } = await secured(t, () => {});
  client.write(request);
  await origin.until(([connection]) => connection?.received.endsWith('\r\n\r\n') ?? false);
  const begun = await RawClient.connect(proxy.port);
  await eventually(() => proxy.open() === 2, 'a second one shakes hands');
  t.same(proxy.proxy.close(), { cut: 1 });
  await Promise.all([client.closes(), begun.ends()]);
  t.equal(client.resetBy, 'ECONNRESET');
  begun.destroy();
});
