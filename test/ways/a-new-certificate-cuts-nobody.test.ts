import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { type Test, test } from 'tap';
import { authority, certificate, expired } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { type Serving, startServing, startTurnout } from '../support/turnout-process.ts';

const ca = authority();
const before = certificate({ names: ['localhost'], issuer: ca });
const after = certificate({ names: ['localhost', 'new.example'], issuer: ca });
const late = certificate({ names: ['localhost'], issuer: ca, ...expired });
const stranger = authority('Nobody');
const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const skip = spawnSync('curl', ['--version']).error === undefined ? false : 'curl is not installed';
const trusting = { ca: ca.cert, servername: 'localhost' };

function folderOf(t: Test) {
  const folder = t.testdir({
    'tls.crt': before.cert,
    'tls.key': before.key,
    'ca.pem': ca.cert,
    'stranger.pem': stranger.cert,
  });
  return (name: string) => join(folder, name);
}

function rulesTo(url: string, tls = ''): string {
  return `apiVersion: turnout/v1
routes: [{ name: shop, versions: { v1: { url: "${url}"${tls} } } }]
`;
}

async function originOf(t: Test, secure?: TlsOptions) {
  const origin = await rawOrigin(answering(response('hello')), secure);
  t.teardown(() => origin.close());
  return origin;
}

/** What curl prints, with its exit code. */
function curl(...words: string[]): Promise<{ readonly out: string; readonly code: number }> {
  return new Promise((resolve) => {
    execFile('curl', ['-s', '--max-time', '10', ...words], (error, out) =>
      resolve({ out, code: typeof error?.code === 'number' ? error.code : error ? -1 : 0 }),
    );
  });
}

async function metric({ adminPort }: Serving, line: RegExp): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  const [, value] = line.exec(await answer.text()) ?? [];
  return Number(value);
}

/** Whether a new connection is shown the certificate of these names. */
async function isShown(port: number, name: string): Promise<boolean> {
  try {
    (await RawClient.connectSecure(port, { ...trusting, servername: name })).destroy();
    return true;
  } catch {
    return false;
  }
}

test('a certificate is replaced while connections go on; a bad one changes nothing', async (t) => {
  const path = folderOf(t);
  const { url } = await originOf(t);
  const flags = ['--tls-cert', path('tls.crt'), '--tls-key', path('tls.key')];
  const serving = await startServing(t, rulesTo(url), [...flags, '--drain-delay', '0']);
  const old = await RawClient.connectSecure(serving.port, trusting);
  await old.write(request).receives('hello');
  t.notOk(await isShown(serving.port, 'new.example'));

  writeFileSync(path('tls.crt'), after.cert);
  writeFileSync(path('tls.key'), after.key);
  await eventually(() => isShown(serving.port, 'new.example'), 'the new one is shown');
  await old.write(request).receives(/hello[\s\S]*hello/);
  const expiry = /^turnout_tls_certificate_expiry_timestamp_seconds\{.*tls\.crt"\} (\d+)/m;
  t.ok((await metric(serving, expiry)) > Date.now() / 1_000);

  writeFileSync(path('tls.crt'), late.cert);
  writeFileSync(path('tls.key'), late.key);
  await serving.says(/"certificate_refused".*the certificate expired/);
  const successful = /^turnout_tls_certificate_last_reload_successful\{.*tls\.crt"\} (\d)/m;
  t.equal(await metric(serving, successful), 0);
  t.ok(await isShown(serving.port, 'new.example'), 'the last good one stays');
  await old.write(request).receives(/hello[\s\S]*hello[\s\S]*hello/);
  old.destroy();

  serving.child.kill('SIGTERM');
  t.equal(await serving.ended, 0);
});

test('a port of its own for TLS leaves the other one plain; curl believes whom it should', {
  skip,
}, async (t) => {
  const path = folderOf(t);
  const { url } = await originOf(t);
  const flags = ['--tls-cert', path('tls.crt'), '--tls-key', path('tls.key')];
  const serving = await startServing(t, rulesTo(url), [...flags, '--tls-listen', '127.0.0.1:0']);
  const [, tlsPort] = /traffic +https:\/\/127\.0\.0\.1:(\d+)\n/.exec(serving.output()) ?? [];
  t.match(await curl(`http://127.0.0.1:${serving.port}/`), { out: 'hello', code: 0 });
  const there = ['--resolve', `localhost:${tlsPort}:127.0.0.1`, `https://localhost:${tlsPort}/`];
  t.match(await curl('--cacert', path('ca.pem'), ...there), { out: 'hello', code: 0 });
  // 60: the peer's certificate is not believed.
  t.match(await curl('--cacert', path('stranger.pem'), ...there), { out: '', code: 60 });
  const refused = /^turnout_tls_handshake_failures_total\{reason="certificate_refused"\} (\d+)/m;
  await eventually(async () => (await metric(serving, refused)) === 1, 'counted');
});

test('a certificate that is not good at the start ends the process with a sentence, and 2', async (t) => {
  const path = folderOf(t);
  writeFileSync(path('tls.key'), after.key);
  writeFileSync(path('routes.yaml'), rulesTo('http://127.0.0.1:9'));
  const words = ['--rules', path('routes.yaml'), '--listen', '127.0.0.1:0', '--admin', 'off'];
  const flags = ['--tls-cert', path('tls.crt'), '--tls-key', path('tls.key')];
  const { ended, output } = startTurnout(t, ['run', ...words, ...flags]);
  t.equal(await ended, 2);
  t.match(output(), `tls.crt, ${path('tls.key')}: the key is not that of the certificate\n`);
});

test('a document whose files are not there is refused, and taken when they are', async (t) => {
  const path = folderOf(t);
  const plain = await originOf(t);
  const secure = await originOf(t, { cert: before.cert, key: before.key });
  const serving = await startServing(t, rulesTo(plain.url));
  const tls = `, tls: { ca: ${path('later.pem')}, serverName: localhost }`;
  writeFileSync(serving.rulesFile, rulesTo(secure.url, tls));
  await serving.says(
    /tls\.ca of version \\"v1\\" of route \\"shop\\": .*later\.pem: there is no such file/,
  );
  const client = await RawClient.connect(serving.port);
  await client.write(request).receives('hello');
  t.equal(secure.connections.length, 0, 'the last good document stays');

  writeFileSync(path('later.pem'), ca.cert);
  await eventually(async () => {
    client.received = '';
    await client.write(request).receives('hello');
    return secure.connections.length > 0;
  }, 'the document is in force');
  client.destroy();
});
