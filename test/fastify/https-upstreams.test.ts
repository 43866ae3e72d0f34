import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { type Test, test } from 'tap';
import { failureOf } from '../../src/fastify/failed.ts';
import { authority, certificate, expired, type TestCertificate } from '../support/certificates.ts';
import { registering, type Service, service, upstream } from './service.ts';

const ours = authority();
const shop = certificate({ names: ['shop.internal'], issuer: ours });
const local = certificate({ names: ['127.0.0.1', 'localhost'], issuer: ours });
const client = certificate({ names: ['turnout'], issuer: ours });

interface Version {
  readonly url: string;
  readonly port: number;
  /** Handshakes that came about, with the name each asked for. */
  readonly names: readonly (string | false)[];
  readonly stop: () => void;
}

/** A version that speaks TLS and answers with the name of its client's certificate. */
async function version(t: Test, { cert, key }: TestCertificate, more: ServerOptions = {}) {
  const names: (string | false)[] = [];
  const server = createServer({ cert, key, ...more }, (request, response) => {
    const socket = request.socket as import('node:tls').TLSSocket;
    response.setHeader('x-client', String(socket.getPeerCertificate().subject?.CN ?? 'nobody'));
    request.pipe(response);
  });
  server.on('secureConnection', ({ servername }) => names.push(servername ?? false));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  t.teardown(stop);
  return { url: `https://127.0.0.1:${port}`, port, names, stop } satisfies Version;
}

/** Puts PEM texts into files. */
function files<Name extends string>(t: Test, texts: Record<Name, string>): Record<Name, string> {
  const folder = t.testdir(texts);
  const names = Object.keys(texts).map((name) => [name, resolve(folder, name)]);
  return Object.fromEntries(names) as Record<Name, string>;
}

function rules(...lines: string[]): { readonly text: string } {
  const more = lines.map((line) => `    ${line}`);
  return { text: ['apiVersion: turnout/v1', 'routes:', '  - name: shop', ...more, ''].join('\n') };
}

async function serving(t: Test, ...lines: string[]): Promise<Service> {
  const started = await service({ rules: rules(...lines) });
  t.teardown(started.close);
  return started;
}

test('a version is spoken to over TLS, verified by an authority of our own', async (t) => {
  const v1 = await version(t, local);
  const { ca } = files(t, { ca: ours.cert });
  const { call } = await serving(t, `versions: { v1: { url: "${v1.url}" } }`, `tls: { ca: ${ca} }`);
  const body = 'x'.repeat(100_000);
  for (const host of ['a.example', 'b.example', 'a.example']) {
    const sent = await call('/', { method: 'POST', headers: { host }, body });
    t.equal(sent.status, 200);
    t.equal(sent.text, body);
    t.equal(sent.headers['x-client'], 'nobody');
  }
  t.strictSame(v1.names, [false], 'one connection, whatever Host says, and no name for an address');
});

test('the name that is asked for and verified is serverName, else the host', async (t) => {
  const v1 = await version(t, shop);
  const v2 = await version(t, local);
  const { ca } = files(t, { ca: ours.cert });
  const { call } = await serving(
    t,
    'unit: request',
    `versions: { v1: { url: "${v1.url}", tls: { ca: ${ca}, serverName: shop.internal } }, v2: { url: "https://localhost:${v2.port}", tls: { ca: ${ca} } } }`,
  );
  // By chance 100 requests leave one of two versions out once in 2^99 runs.
  for (let i = 0; i < 100; i++) t.equal((await call('/')).status, 200);
  t.strictSame([...v1.names, ...v2.names], ['shop.internal', 'localhost']);
});

test('our certificate is shown where it is asked for', async (t) => {
  const v1 = await version(t, local, { ca: ours.cert, requestCert: true });
  const { ca, cert, key } = files(t, { ca: ours.cert, cert: client.cert, key: client.key });
  const { call } = await serving(
    t,
    `versions: { v1: { url: "${v1.url}" } }`,
    `tls: { ca: ${ca}, cert: ${cert}, key: ${key} }`,
  );
  t.equal((await call('/')).headers['x-client'], 'turnout');
});

test('a version that wants a certificate and gets none refuses us', async (t) => {
  const wants = { ca: ours.cert, requestCert: true, rejectUnauthorized: true };
  // TLS 1.3 tells it after the handshake, with an alert that a reset may overtake.
  const v1 = await version(t, local, { ...wants, maxVersion: 'TLSv1.2' });
  const { ca } = files(t, { ca: ours.cert });
  const { call } = await serving(t, `versions: { v1: { url: "${v1.url}" } }`, `tls: { ca: ${ca} }`);
  const { status, text } = await call('/', { method: 'POST', body: 'x' });
  t.equal(status, 502);
  t.equal(JSON.parse(text).error, 'tls_failure');
  const code = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';
  t.equal(failureOf(Object.assign(new Error('alert'), { code })), 'tls_failure');
});

test('an https version that is not there is not reached', async (t) => {
  const { url } = await upstream('gone').then(async (gone) => {
    await gone.close();
    return gone;
  });
  const { call } = await serving(t, `versions: { v1: { url: "${url.replace('http', 'https')}" } }`);
  t.equal(JSON.parse((await call('/')).text).error, 'connect_failure');
});

for (const { because, made, tls } of [
  { because: 'its authority is not known', made: local, tls: () => '{ serverName: localhost }' },
  { because: 'it is of another name', made: shop, tls: (ca: string) => `{ ca: ${ca} }` },
  {
    because: 'it has expired',
    made: certificate({ names: ['127.0.0.1'], issuer: ours, ...expired }),
    tls: (ca: string) => `{ ca: ${ca} }`,
  },
]) {
  test(`a certificate is not believed: ${because}`, async (t) => {
    const v1 = await version(t, made);
    const { ca } = files(t, { ca: ours.cert });
    const lines = [`versions: { v1: { url: "${v1.url}" } }`, `tls: ${tls(ca)}`] as const;
    const { status, text } = await (await serving(t, ...lines)).call('/');
    t.equal(status, 502);
    t.equal(JSON.parse(text).error, 'tls_failure');
    const blind = await serving(t, lines[0], 'tls: { verify: false }');
    t.equal((await blind.call('/')).status, 200, 'but where nothing is verified');
  });
}

test('a route that verifies gets no connection of one that does not', async (t) => {
  const v1 = await version(t, shop);
  const { call } = await service({
    rules: {
      text: `apiVersion: turnout/v1
routes:
  - { name: blind, match: { path: /blind }, versions: { v1: { url: "${v1.url}" } }, tls: { verify: false } }
  - { name: strict, versions: { v1: { url: "${v1.url}" } } }
`,
    },
  }).then((started) => {
    t.teardown(started.close);
    return started;
  });
  t.equal((await call('/blind')).status, 200);
  t.equal((await call('/strict')).status, 502);
});

test('another endpoint is asked where one cannot prove who it is', async (t) => {
  const [bad, good] = [await version(t, shop), await version(t, local)];
  const { ca } = files(t, { ca: ours.cert });
  const { call } = await serving(
    t,
    `versions: { v1: { urls: ["${bad.url}", "${good.url}"] } }`,
    `tls: { ca: ${ca} }`,
  );
  for (let i = 0; i < 10; i++) {
    const sent = await call('/', { method: 'POST', body: `body ${i}` });
    t.equal(sent.text, `body ${i}`);
  }
});

test('a file that was renewed counts for the next connection', async (t) => {
  const other = authority('Other Authority');
  const { ca } = files(t, { ca: other.cert });
  const v1 = await version(t, local);
  const { call } = await serving(t, `versions: { v1: { url: "${v1.url}" } }`, `tls: { ca: ${ca} }`);
  t.equal((await call('/')).status, 502);
  writeFileSync(ca, ours.cert);
  t.equal((await call('/')).status, 200);
});

test('a version that speaks no TLS is not reached by https', async (t) => {
  const plain = await upstream('plain');
  t.teardown(plain.close);
  const url = plain.url.replace('http:', 'https:');
  const { call } = await serving(
    t,
    `versions: { v1: { url: "${url}" } }`,
    'tls: { verify: false }',
  );
  const { status, text } = await call('/');
  t.equal(status, 502);
  t.equal(JSON.parse(text).error, 'tls_failure');
  t.equal(plain.count(), 0);
});

for (const { because, make, message } of [
  { because: 'is not there', make: () => '/nowhere/ca.pem', message: /ENOENT.*\/nowhere\/ca\.pem/ },
  {
    because: 'holds no certificate',
    make: (t: Test) => files(t, { ca: 'no PEM' }).ca,
    message: /tls of version "v1" of route "shop": /,
  },
]) {
  test(`rules with a file that ${because} are refused`, async (t) => {
    const file = make(t);
    for (const tls of [`{ ca: ${file} }`, `{ cert: ${file}, key: ${file} }`]) {
      const text = rules('versions: { v1: { url: "https://a" } }', `tls: ${tls}`);
      await t.rejects(registering({ rules: text }), message, tls);
    }
  });
}

test('what a reload lacks may come later without another document', async (t) => {
  const v1 = await version(t, local);
  const folder = t.testdir({
    'routes.yaml': rules(`versions: { v1: { url: "${v1.url}" } }`, 'tls: { verify: false }').text,
  });
  const [file, ca] = [resolve(folder, 'routes.yaml'), resolve(folder, 'ca.pem')];
  const { app, close } = await service({ rules: file });
  t.teardown(close);
  const before = app.turnout.snapshot().hash;
  writeFileSync(file, rules(`versions: { v1: { url: "${v1.url}" } }`, `tls: { ca: ${ca} }`).text);
  t.equal(await app.turnout.reload(), 'refused');
  t.equal(await app.turnout.reload(), 'unchanged', 'the same trouble is told once');
  t.equal(app.turnout.snapshot().hash, before);
  writeFileSync(ca, ours.cert);
  t.equal(await app.turnout.reload(), 'applied');
  t.not(app.turnout.snapshot().hash, before);
});
