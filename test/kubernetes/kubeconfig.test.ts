import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { resources } from '../../src/core/kubernetes/api.ts';
import { fromKubeconfig } from '../../src/kubernetes/kubeconfig.ts';
import { ApiServer } from '../support/api-server.ts';
import { opened } from './opened.ts';

function folderOf(t: Test, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
}

/** JSON is YAML. */
function config({ cluster, user }: Parts): string {
  return JSON.stringify({
    'current-context': 'here',
    contexts: [
      { name: 'there', context: { cluster: 'x', user: 'y' } },
      { name: 'here', context: { cluster: 'one', user: 'me', namespace: 'shop' } },
    ],
    clusters: [{ name: 'one', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'me', user: user ?? {} }],
  });
}

test('reads texts from data and from files beside it', async (t) => {
  const data = (text: string) => Buffer.from(text).toString('base64');
  const folder = folderOf(t, {
    'ca.pem': 'the authority\n',
    token: ' secret\n',
    files: config({
      cluster: { 'certificate-authority': 'ca.pem', 'tls-server-name': 'api' },
      user: { tokenFile: 'token' },
    }),
    data: config({
      cluster: { 'certificate-authority-data': data('the authority') },
      user: { 'client-certificate-data': data('my cert'), 'client-key-data': data('my key') },
    }),
  });
  const files = fromKubeconfig(join(folder, 'files'));
  t.match(files, {
    server: new URL('https://127.0.0.1:6443'),
    serverName: 'api',
    namespace: 'shop',
  });
  t.strictSame(await files.read(), {
    token: 'secret',
    ca: 'the authority',
    cert: undefined,
    key: undefined,
  });
  writeFileSync(join(folder, 'token'), 'another');
  t.match(await files.read(), { token: 'another' });
  t.strictSame(await fromKubeconfig(join(folder, 'data')).read(), {
    token: undefined,
    ca: 'the authority',
    cert: 'my cert',
    key: 'my key',
  });
});

test('comes in with a certificate', async (t) => {
  const server = await ApiServer.start(t);
  const { cert, key } = server.clientCertificate('admin');
  const folder = folderOf(t, {
    'ca.pem': server.ca,
    'cert.pem': cert,
    'key.pem': key,
    config: config({
      cluster: { server: server.url, 'certificate-authority': 'ca.pem' },
      user: { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' },
    }),
  });
  const api = opened(t, { env: { KUBECONFIG: join(folder, 'config') } });
  t.equal(await api.get(resources.configMaps, 'shop', 'a'), undefined);
});

test('through kubectl proxy: a path before the paths of the API, and no token in the clear', async (t) => {
  const asked: unknown[] = [];
  const proxy = createServer(({ url, headers }, response) => {
    asked.push([url, headers.authorization, headers['user-agent']]);
    response.end('{"metadata":{"name":"a"}}');
  }).listen(0, '127.0.0.1');
  t.teardown(() => proxy.close());
  await new Promise((resolve) => proxy.once('listening', resolve));
  const { port } = proxy.address() as AddressInfo;
  const cluster = { server: `http://127.0.0.1:${port}/clusters/one/` };
  const folder = folderOf(t, { config: config({ cluster, user: { token: 'secret' } }) });
  const api = opened(t, { env: { KUBECONFIG: join(folder, 'config') } });
  await api.get(resources.leases, 'shop', 'a');
  const path = '/clusters/one/apis/coordination.k8s.io/v1/namespaces/shop/leases/a';
  t.strictSame(asked, [[path, undefined, 'turnout/test']]);
});

for (const { what, text, message } of [
  {
    what: 'a program for its token',
    text: config({ user: { exec: { command: 'aws' } } }),
    message: /context "here" runs a program for its token \(exec\), which Turnout does not do$/,
  },
  {
    what: 'a provider',
    text: config({ user: { 'auth-provider': { name: 'gcp' } } }),
    message: /asks a provider for its token \(auth-provider\)/,
  },
  {
    what: 'a password',
    text: config({ user: { username: 'a', password: 'b' } }),
    message: /comes in with a password \(username\)/,
  },
  {
    what: 'an unverified server',
    text: config({ cluster: { 'insecure-skip-tls-verify': true } }),
    message: /does not verify the server \(insecure-skip-tls-verify\)/,
  },
  { what: 'no context', text: '{}', message: /is not a kubeconfig: .*current-context/s },
  { what: 'no YAML', text: '{', message: /cannot be read/ },
  {
    what: 'a context that is not there',
    text: config({}).replace('"here"', '"nowhere"'),
    message: /has no context "nowhere"$/,
  },
  {
    what: 'a cluster that is not there',
    text: config({}).replace('"current-context":"here"', '"current-context":"there"'),
    message: /has no cluster "x"$/,
  },
  {
    what: 'a server that is no URL',
    text: config({ cluster: { server: 'localhost' } }),
    message: /is not a kubeconfig: .*server/s,
  },
]) {
  test(`refused: ${what}`, async (t) => {
    const file = join(folderOf(t, { config: text }), 'config');
    t.throws(() => fromKubeconfig(file), { message, remedy: String });
  });
}

test('refused: no such file, and several', async (t) => {
  t.throws(() => fromKubeconfig('/nowhere/config'), { message: /^KUBECONFIG .+ENOENT/ });
  t.throws(() => fromKubeconfig('/a:/b'), { message: /names several files/ });
});
