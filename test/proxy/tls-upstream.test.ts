import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { type Test, test } from 'tap';
import {
  authority,
  certificate,
  expired,
  served,
  type TestCertificate,
} from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, type RawOrigin, rawOrigin, response } from '../support/raw-origin.ts';
import {
  rulesTo,
  type StartedProxy,
  type StartOptions,
  startProxy,
} from '../support/start-proxy.ts';

const ca = authority();
const other = authority('Another Authority');
const shop = certificate({ names: ['shop.example', 'localhost'], issuer: ca });
const byAddress = certificate({ names: ['127.0.0.1'], issuer: ca });
const late = certificate({ names: ['shop.example'], issuer: ca, ...expired });
const client = certificate({ names: ['turnout'], issuer: ca });

const request = 'GET / HTTP/1.1\r\nHost: shop\r\n\r\n';
const post = 'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nbody';
const ok = answering(response('hello'));

interface Parts {
  readonly origin: RawOrigin;
  readonly proxy: StartedProxy;
  /** Asks once on a connection of its own; returns the status line. */
  readonly ask: (text?: string) => Promise<string>;
}

interface Wish extends StartOptions {
  readonly shown?: TestCertificate;
  readonly origin?: tls.TlsOptions;
  readonly url?: (port: number) => string;
  readonly onData?: Parameters<typeof rawOrigin>[0];
  /** As it stands in the document, without braces. */
  readonly tls: string;
}

/** An origin with TLS and a proxy before it, whose version says `tls` so. */
async function before(t: Test, wish: Wish): Promise<Parts> {
  const { cert, key } = wish.shown ?? shop;
  const origin = await rawOrigin(wish.onData ?? ok, {
    cert,
    key,
    ALPNProtocols: ['h2', 'http/1.1'],
    ...wish.origin,
  });
  const url = wish.url?.(origin.port) ?? origin.url;
  const rules = `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "${url}"${wish.tls === '' ? '' : `, tls: { ${wish.tls} }`} } }
`;
  const proxy = await startProxy(rules, wish);
  t.teardown(async () => {
    proxy.close();
    await origin.close();
  });
  const ask = async (text = request) => {
    const one = await RawClient.connect(proxy.port);
    await one.write(text).receives('\r\n\r\n');
    one.destroy();
    return one.received.split('\r\n', 1)[0] ?? '';
  };
  return { origin, proxy, ask };
}

/** The files of these tests, in a folder of this one. */
function files(t: Test) {
  const folder = t.testdir({
    'ca.pem': ca.cert,
    'other.pem': other.cert,
    'client.pem': client.cert,
    'client.key': client.key,
  });
  return (name: string) => join(folder, name);
}

for (const reading of ['borrowed', 'events'] as const) {
  test(`a version is spoken to over TLS, connections are kept (${reading} reads)`, async (t) => {
    const file = files(t);
    const { origin, proxy, ask } = await before(t, {
      tls: `ca: ${file('ca.pem')}, serverName: shop.example`,
      reading,
    });
    t.equal(await ask(), 'HTTP/1.1 200 OK');
    t.equal(await ask(post), 'HTTP/1.1 200 OK');
    t.equal(await ask(), 'HTTP/1.1 200 OK');
    t.ok(origin.connections.length <= 2, 'not a connection each');
    const { socket } = origin.connections[0] ?? {};
    t.ok(socket instanceof tls.TLSSocket);
    t.match(socket, { servername: 'shop.example', alpnProtocol: 'http/1.1' });
    t.same(proxy.bugs, []);
  });
}

for (const { title, url, shown, tls: said, servername } of [
  {
    title: 'the host of the endpoint is asked for and looked for',
    url: (port: number) => `https://localhost:${port}`,
    shown: shop,
    tls: 'CA',
    servername: 'localhost',
  },
  {
    title: 'an address is looked for, but never asked for',
    url: undefined,
    shown: byAddress,
    tls: 'CA',
    servername: false,
  },
  {
    title: 'without verification anything goes',
    url: undefined,
    shown: late,
    tls: 'verify: false',
    servername: false,
  },
] as const) {
  test(title, async (t) => {
    const file = files(t);
    const { origin, ask } = await before(t, {
      shown,
      ...(url === undefined ? {} : { url }),
      tls: said.replace('CA', `ca: ${file('ca.pem')}`),
    });
    t.equal(await ask(), 'HTTP/1.1 200 OK');
    t.match(origin.connections[0]?.socket, { servername });
  });
}

for (const { title, shown, tls: said, detail, origin } of [
  {
    title: 'an authority that Node does not believe',
    tls: '',
    detail: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/,
  },
  {
    title: 'another authority than the one named',
    tls: 'ca: OTHER, serverName: shop.example',
    detail: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/,
  },
  {
    title: 'a name that the certificate is not good for',
    tls: 'ca: CA, serverName: other.example',
    detail: /ERR_TLS_CERT_ALTNAME_INVALID \(.*other\.example.*shop\.example/,
  },
  {
    title: 'an address that the certificate is not good for',
    tls: 'ca: CA',
    detail: /ERR_TLS_CERT_ALTNAME_INVALID/,
  },
  {
    title: 'a certificate that has expired',
    shown: late,
    tls: 'ca: CA, serverName: shop.example',
    detail: /CERT_HAS_EXPIRED/,
  },
  {
    title: 'a version of TLS that is too old',
    tls: 'verify: false',
    origin: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    detail: /PROTOCOL/,
  },
] as { title: string; shown?: TestCertificate; tls: string; detail: RegExp; origin?: object }[]) {
  test(`no request is sent to a version with ${title}`, async (t) => {
    const file = files(t);
    const {
      origin: started,
      proxy,
      ask,
    } = await before(t, {
      ...(shown === undefined ? {} : { shown }),
      ...(origin === undefined ? {} : { origin }),
      tls: said.replace('OTHER', file('other.pem')).replace('CA', file('ca.pem')),
    });
    for (const text of [request, post]) t.equal(await ask(text), 'HTTP/1.1 502 Bad Gateway');
    t.match(proxy.seen, [
      { version: 'v1', failure: 'tls_failure' },
      { version: 'v1', failure: 'tls_failure' },
    ]);
    t.match(proxy.details[0], detail);
    t.notOk(started.connections.some(({ received }) => received.includes('HTTP')));
    t.same(proxy.bugs, []);
  });
}

for (const [what, onData] of [
  ['answers in plain HTTP', ({ socket }) => socket.write(response('plain'))],
  ['hangs up in the middle of the handshake', ({ socket }) => socket.end()],
  ['resets the connection in the handshake', ({ socket }) => socket.resetAndDestroy()],
] as [string, Parameters<typeof rawOrigin>[0]][]) {
  test(`it is a failure of TLS when a version ${what}`, async (t) => {
    const origin = await rawOrigin(onData);
    const proxy = await startProxy(rulesTo(origin.url.replace('http:', 'https:')));
    const one = await RawClient.connect(proxy.port);
    t.teardown(async () => {
      one.destroy();
      proxy.close();
      await origin.close();
    });
    await one.write(request).receives('502 Bad Gateway');
    t.match(proxy.seen, [{ failure: 'tls_failure', version: 'v1' }]);
    t.same(proxy.bugs, []);
  });
}

test('a kept connection goes on being read, though a response ended while its client was full', async (t) => {
  const file = files(t);
  // More than a connection takes unsent, in several records: some are handed over after a stop.
  const body = '#'.repeat(300_000);
  const { origin, proxy } = await before(t, {
    tls: `ca: ${file('ca.pem')}, serverName: shop.example`,
    certificates: served(shop),
    onData: answering(response(body)),
  });
  const trusting = { ca: ca.cert, servername: 'shop.example' };
  const one = await RawClient.connectSecure(proxy.port, trusting);
  for (let asked = 0; asked < 20; asked++) {
    one.received = '';
    await one.write(request).until(({ received }) => received.endsWith(body));
  }
  one.destroy();
  t.equal(origin.connections.length, 1);
});

test('another endpoint of the version is tried, whatever the method: nothing was sent', async (t) => {
  const file = files(t);
  const bad = await rawOrigin(ok, { cert: late.cert, key: late.key });
  const good = await rawOrigin(ok, { cert: shop.cert, key: shop.key });
  const proxy = await startProxy(`apiVersion: turnout/v1
routes:
  - name: shop
    versions:
      v1: { urls: ["${bad.url}", "${good.url}"], tls: { ca: ${file('ca.pem')}, serverName: shop.example } }
`);
  t.teardown(async () => {
    proxy.close();
    await bad.close();
    await good.close();
  });
  for (let asked = 0; asked < 5; asked++) {
    const one = await RawClient.connect(proxy.port);
    await one.write(post).receives('200 OK');
    one.destroy();
  }
  t.ok(good.connections.length > 0);
});

test('a version that demands a certificate gets the one the document names', async (t) => {
  const file = files(t);
  const demanding = { requestCert: true, rejectUnauthorized: true, ca: ca.cert };
  const pair = `cert: ${file('client.pem')}, key: ${file('client.key')}`;
  const common = `ca: ${file('ca.pem')}, serverName: shop.example`;
  const right = await before(t, { origin: demanding, tls: `${common}, ${pair}` });
  t.equal(await right.ask(), 'HTTP/1.1 200 OK');
  const socket = right.origin.connections[0]?.socket as tls.TLSSocket;
  t.equal(socket.getPeerCertificate().subject.CN, 'turnout');

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const wrong = await before(t, { origin: { ...demanding, maxVersion }, tls: common });
    t.equal(await wrong.ask(post), 'HTTP/1.1 502 Bad Gateway');
    t.match(wrong.proxy.seen, [{ failure: 'tls_failure', version: 'v1' }]);
  }
});

test('the time limit of a connection covers its handshake', async (t) => {
  let nowMs = 0;
  const origin = await rawOrigin(() => {});
  const rules = rulesTo(origin.url.replace('http:', 'https:'));
  const proxy = await startProxy(rules, { now: () => nowMs });
  t.teardown(async () => {
    proxy.close();
    await origin.close();
  });
  const one = await RawClient.connect(proxy.port);
  one.write(request);
  await origin.until(([connection]) => (connection?.received.length ?? 0) > 0);
  nowMs = 2_500;
  await origin.until(([, again]) => (again?.received.length ?? 0) > 0);
  nowMs = 5_000;
  await one.receives('504 Gateway Timeout');
  t.match(proxy.seen, [{ failure: 'connect_timeout' }]);
  one.destroy();
});

test('later connections resume the session of the first', async (t) => {
  const file = files(t);
  const answer = answering(response('hello', '200 OK', 'Connection: close\r\n'));
  const reused: boolean[] = [];
  const { ask } = await before(t, {
    tls: `ca: ${file('ca.pem')}, serverName: shop.example`,
    onData: (connection) => {
      reused.push((connection.socket as tls.TLSSocket).isSessionReused());
      answer(connection);
    },
  });
  await ask();
  await ask();
  t.same(reused, [false, true]);
});

test('files that change are read again: other authorities hold for new connections', async (t) => {
  const file = files(t);
  const { proxy, ask } = await before(t, {
    tls: `ca: ${file('ca.pem')}, serverName: shop.example`,
    onData: answering(response('hello', '200 OK', 'Connection: close\r\n')),
  });
  t.equal(await ask(), 'HTTP/1.1 200 OK');
  writeFileSync(file('ca.pem'), other.cert);
  await eventually(async () => (await ask()).includes('502'), 'the other authority holds');
  t.match(proxy.seen.at(-1), { failure: 'tls_failure' });
  const refused = 'this is no certificate';
  writeFileSync(file('ca.pem'), refused);
  t.match(await ask(), '502', 'what was good last holds');
});

test('a certificate that is not believed is not looked at twice', async (t) => {
  const { proxy, ask, origin } = await before(t, { tls: 'serverName: shop.example' });
  t.match(await ask(), ' 502 ');
  t.match(proxy.seen, [{ failure: 'tls_failure', retries: 0 }]);
  t.same(proxy.retried, []);
  t.ok(origin.connections.length <= 1);
});
