import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { registering, type Service, service, upstream } from './service.ts';

const v1 = await upstream('v1');
const v2 = await upstream('v2');
const only = (url: string, version: string) => `apiVersion: turnout/v1
routes:
  - { name: shop, versions: { ${version}: { url: "${url}" } } }
`;

function folder(t: { teardown(end: () => unknown): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'turnout-fastify-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

async function until({ call }: Service, version: string): Promise<void> {
  const since = Date.now();
  while ((await call('/')).version !== version) {
    if (Date.now() - since > 10_000) throw new Error(`${version} never came into force`);
  }
}

async function metricSays({ app }: Service, line: string): Promise<void> {
  const since = Date.now();
  while (!(await app.turnout.metrics()).includes(line)) {
    if (Date.now() - since > 10_000) throw new Error(`the metrics never said ${line}`);
    await new Promise(setImmediate);
  }
}

test('a changed file is put in force, and a bad one leaves the last good one', async (t) => {
  const file = join(folder(t), 'routes.yaml');
  writeFileSync(file, only(v1.url, 'v1'));
  const started = await service({ rules: file, watch: true });
  t.teardown(started.close);
  t.equal((await started.call('/')).version, 'v1');
  const { hash } = started.app.turnout.snapshot();

  writeFileSync(file, 'routes: [');
  await metricSays(started, 'turnout_document_reloads_total{result="refused"} 1');
  await metricSays(started, 'turnout_document_last_reload_successful 0');
  t.equal((await started.call('/')).version, 'v1');
  t.equal(started.app.turnout.snapshot().hash, hash);

  writeFileSync(file, only(v2.url, 'v2'));
  await until(started, 'v2');
  await metricSays(started, 'turnout_document_last_reload_successful 1');
  t.not(started.app.turnout.snapshot().hash, hash);
  t.notMatch(await started.app.turnout.metrics(), `hash="${hash}"`);
});

test('a mounted ConfigMap is followed: a link that is moved', async (t) => {
  const directory = folder(t);
  for (const [name, text] of [
    ['a', only(v1.url, 'v1')],
    ['b', only(v2.url, 'v2')],
  ] as const) {
    writeFileSync(join(directory, name), text);
  }
  const file = join(directory, 'routes.yaml');
  symlinkSync('a', file);
  const started = await service({ rules: file, watch: true });
  t.teardown(started.close);
  t.equal((await started.call('/')).version, 'v1');
  symlinkSync('b', join(directory, 'next'));
  renameSync(join(directory, 'next'), file);
  await until(started, 'v2');
});

test('without watch the file is looked at when asked', async (t) => {
  const file = join(folder(t), 'routes.yaml');
  writeFileSync(file, only(v1.url, 'v1'));
  const { app, call, close } = await service({ rules: file });
  t.teardown(close);
  t.equal(await app.turnout.reload(), 'unchanged');
  writeFileSync(file, only(v2.url, 'v2'));
  t.equal((await call('/')).version, 'v1');
  t.equal(await app.turnout.reload(), 'applied');
  t.equal((await call('/')).version, 'v2');
  rmSync(file);
  t.equal(await app.turnout.reload(), 'refused');
  t.equal((await call('/')).version, 'v2');
});

test('10 reloads under way lose no request, and each is answered by a version in force', async (t) => {
  const file = join(folder(t), 'routes.yaml');
  writeFileSync(file, only(v1.url, 'v1'));
  const { app, call, close } = await service({ rules: file });
  t.teardown(close);
  const statuses = new Set<number>();
  let isDone = false;
  const asking = Array.from({ length: 4 }, async () => {
    while (!isDone) statuses.add((await call('/')).status);
  });
  for (let i = 0; i < 10; i++) {
    writeFileSync(file, i % 2 === 0 ? only(v2.url, 'v2') : only(v1.url, 'v1'));
    await app.turnout.reload();
    await call('/');
  }
  isDone = true;
  await Promise.all(asking);
  t.same([...statuses], [200]);
});

test('a bad document at registration is refused with every problem and its place', async (t) => {
  const text = `apiVersion: turnout/v1
routes:
  - name: shop
    mach: { path: / }
    versions: { v1: { url: "http://a:1", weight: 5% } }
`;
  const refused = registering({ rules: { text } });
  await t.rejects(
    refused,
    /rules:4:5: error TN2004: unknown key "mach"[\s\S]*rules:5:\d+: error TN2010/,
  );
});

test('a file that is not there, or is no text, is refused', async (t) => {
  const file = join(folder(t), 'routes.yaml');
  for (const make of [() => {}, () => writeFileSync(file, Buffer.from([0xff, 0xfe]))]) {
    make();
    await t.rejects(registering({ rules: file }), /routes\.yaml/);
  }
});

test('closes the versions', async () => {
  await Promise.all([v1.close(), v2.close()]);
});
