import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { type Reading, read } from '#core/document/read';
import { compile } from '#core/snapshot/compile';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Content } from '../../src/config/read-content.ts';
import { ReadOffThread } from '../../src/config/read-off-thread.ts';
import { type Outcome, Reload, type ReloadPorts } from '../../src/config/reload.ts';
import { watchFile } from '../../src/config/watch-file.ts';
import { ConfigMapVolume } from '../support/configmap-volume.ts';
import { until } from './until.ts';

function document(version: string): string {
  return `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { ${version}: { url: "http://shop-${version}:8080" } }
`;
}
const bad = document('v1').replace('versions', 'verions');

function bytes(text: string): Content {
  return { kind: 'bytes', bytes: Buffer.from(text) };
}

/** A reload whose swaps and log can be looked at; it reads on this thread. */
function reloading(more: Partial<ReloadPorts> = {}) {
  const swapped: Snapshot[] = [];
  const logged: Outcome[] = [];
  let nowMs = 1_000;
  const reload = new Reload({
    file: 'routes.yaml',
    read: async (text) => read(text),
    compile: (written, hash) => compile(written, { hash, rowOf: () => 0 }),
    swap: (snapshot) => {
      swapped.push(snapshot);
    },
    log: (outcome) => logged.push(outcome),
    now: () => nowMs++,
    ...more,
  });
  const versions = () => swapped.map((snapshot) => snapshot.routes[0]?.versions[0]?.name);
  return { reload, swapped, logged, versions };
}

test('a good document is put in force under the hash of its text', async (t) => {
  const { reload, versions, logged } = reloading();
  const text = document('v1');
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  t.match(await reload.take(bytes(text)), {
    kind: 'applied',
    hash,
    previous: undefined,
    routes: 1,
  });
  t.same(versions(), ['v1']);
  t.match(reload.status(), { hash, refusal: undefined, counts: { applied: 1, refused: 0 } });
  t.equal(logged.length, 1);
});

test('it is known how long a document took, since it was heard of and since it was written', async (t) => {
  const { reload } = reloading();
  t.equal(reload.status().activation, undefined);
  await reload.take({ kind: 'bytes', bytes: Buffer.from(document('v1')), writtenAt: 1 });
  t.strictSame(reload.status().activation, { tookMs: 2, ageMs: undefined });
  const bytes = Buffer.from(document('v2'));
  await reload.take({ kind: 'bytes', bytes, noticedAt: 990, writtenAt: 500 });
  const { appliedAt = 0, activation } = reload.status();
  // The clock of this test has gone one further since.
  t.strictSame(activation, { tookMs: appliedAt - 1 - 990, ageMs: appliedAt - 1 - 500 });
});

test('a content may know better what it is called', async (t) => {
  const { reload } = reloading();
  await reload.take({ kind: 'bytes', bytes: Buffer.from(bad), name: 'configmap shop/rules, a' });
  t.match(reload.status().refusal?.text, /^configmap shop\/rules, a:4:5: error TN/m);
  t.equal(reload.status().file, 'configmap shop/rules, a');
});

test('the same document again swaps nothing', async (t) => {
  const { reload, swapped } = reloading();
  await reload.take(bytes(document('v1')));
  t.match(await reload.take(bytes(document('v1'))), { kind: 'unchanged' });
  t.equal(swapped.length, 1);
  t.equal(reload.status().counts.unchanged, 1);
});

test('of a bad document every problem is told, and the last good one stays', async (t) => {
  const { reload, versions } = reloading();
  await reload.take(bytes(document('v1')));
  const { hash } = reload.status();
  const outcome = await reload.take(bytes(bad));
  t.match(outcome, { kind: 'refused', inForce: hash });
  const { refusal } = reload.status();
  t.ok((refusal?.problems.length ?? 0) > 0);
  t.match(refusal?.text, /^routes\.yaml:4:5: error TN\d{4}: unknown key "verions"/m);
  t.match(refusal?.text, `The document in force stays ${hash}.`);
  t.equal(reload.status().hash, hash);
  t.same(versions(), ['v1']);
});

test('a good document after a bad one ends the refusal', async (t) => {
  for (const { next, kind } of [
    { next: 'v2', kind: 'applied' },
    { next: 'v1', kind: 'unchanged' },
  ]) {
    t.test(kind === 'applied' ? 'another one' : 'the one in force', async (t) => {
      const { reload } = reloading();
      await reload.take(bytes(document('v1')));
      await reload.take(bytes(bad));
      t.match(await reload.take(bytes(document(next))), { kind });
      t.equal(reload.status().refusal, undefined);
      t.match(reload.status().counts, { refused: 1 });
    });
  }
});

test('warnings of the document in force are kept, and are no refusal', async (t) => {
  const { reload } = reloading();
  const text = `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "http://a:80" }, v2: { url: "http://b:80", state: disabled } }
    audiences: [{ name: testers, when: { device: mobile }, version: v2 }]
`;
  const outcome = await reload.take(bytes(text));
  t.match(outcome, { kind: 'applied', warnings: /warning TN\d{4}/ });
  t.match(reload.status(), { refusal: undefined, warnings: /warning/ });
  t.notMatch(reload.status().warnings, /stays/);
});

for (const { content, text } of [
  {
    content: { kind: 'trouble', message: 'routes.yaml: there is no such file; write one' },
    text: 'routes.yaml: there is no such file; write one',
  },
  {
    content: { kind: 'bytes', bytes: Buffer.from([0x61, 0xff, 0xfe]) },
    text: 'routes.yaml: is not UTF-8 text',
  },
] as const) {
  test(`what cannot be read is refused: ${text}`, async (t) => {
    const { reload, swapped } = reloading();
    await reload.take(bytes(document('v1')));
    await reload.take(content);
    t.match(reload.status().refusal, { hash: undefined, problems: [], text });
    t.equal(swapped.length, 1);
  });
}

test('a byte order mark does not count', async (t) => {
  const { reload } = reloading();
  await reload.take(bytes(`\uFEFF${document('v1')}`));
  const { hash } = reload.status();
  t.match(await reload.take(bytes(document('v1'))), { kind: 'unchanged', hash });
});

for (const [port, more] of Object.entries({
  read: { read: () => Promise.reject(new Error('a bug in read')) },
  compile: {
    compile: () => {
      throw new Error('a bug in compile');
    },
  },
} satisfies Record<string, Partial<ReloadPorts>>)) {
  test(`a bug in ${port} refuses that document only`, async (t) => {
    const { reload } = reloading(more);
    t.match(await reload.take(bytes(document('v1'))), {
      kind: 'refused',
      refusal: { text: `routes.yaml: a bug in ${port}` },
    });
    t.match(await reload.take({ kind: 'trouble', message: 'x' }), { kind: 'refused' });
  });
}

test('documents are taken in the order in which they came, however long one takes', async (t) => {
  const gates: (() => void)[] = [];
  const slow = async (text: string): Promise<Reading> => {
    await new Promise<void>((open) => gates.push(open));
    return read(text);
  };
  const { reload, versions } = reloading({ read: slow });
  const taken = ['v1', 'v2', 'v3'].map((version) => reload.take(bytes(document(version))));
  for (let opened = 0; opened < 3; opened++) {
    await until('the next one is read', () => gates.length > opened);
    t.equal(gates.length, opened + 1, 'one at a time');
    gates[opened]?.();
  }
  await Promise.all(taken);
  t.same(versions(), ['v1', 'v2', 'v3']);
});

test('a mounted ConfigMap, from the volume to the swap', async (t) => {
  /** What requests would see, with everything as in the process: volume, watch, thread. */
  const mounted = async (t: Test, payload: Readonly<Record<string, string>>) => {
    const volume = new ConfigMapVolume(join(t.testdir({}), 'etc'));
    volume.write(payload);
    const path = join(volume.directory, 'routes.yaml');
    const off = new ReadOffThread();
    const { reload, versions } = reloading({ file: path, read: off.read });
    const options = { quietMs: 10, pollMs: 50, inCluster: true };
    const watch = watchFile(path, options, (content) => reload.take(content));
    t.teardown(() => {
      watch.close();
      off.close();
    });
    await watch.look();
    const inForce = (version: string) =>
      until(`${version} is in force`, () => versions().at(-1) === version);
    return { volume, path, reload, versions, inForce };
  };

  t.test('an update is in force', async (t) => {
    const { volume, inForce } = await mounted(t, { 'routes.yaml': document('v1') });
    await inForce('v1');
    volume.write({ 'routes.yaml': document('v2') });
    await inForce('v2');
  });

  t.test('a bad document leaves the good one, the next good one is in force', async (t) => {
    const { volume, reload, versions, inForce } = await mounted(t, {
      'routes.yaml': document('v1'),
    });
    volume.write({ 'routes.yaml': bad });
    await until('it is refused', () => reload.status().refusal !== undefined);
    t.same(versions(), ['v1']);
    volume.write({ 'routes.yaml': document('v2') });
    await inForce('v2');
    t.equal(reload.status().refusal, undefined);
  });

  t.test('of 50 updates in a row the last one is in force', async (t) => {
    const { volume, versions, inForce } = await mounted(t, { 'routes.yaml': document('v0') });
    for (let i = 1; i <= 50; i++) volume.write({ 'routes.yaml': document(`v${i}`) });
    await inForce('v50');
    t.ok(versions().length < 50, `${versions().length} swaps: they are taken together`);
  });

  t.test('a deleted ConfigMap leaves what is in force', async (t) => {
    const { volume, reload, versions, inForce } = await mounted(t, {
      'routes.yaml': document('v1'),
    });
    volume.write({});
    await until('it is missed', () => reload.status().refusal !== undefined);
    t.match(reload.status().refusal?.text, /no such file/);
    t.same(versions(), ['v1']);
    volume.write({ 'routes.yaml': document('v2') });
    await inForce('v2');
  });

  t.test('at the start a missing file is told with its path and what to do', async (t) => {
    const { reload, path } = await mounted(t, { 'other.yaml': 'x' });
    t.equal(reload.status().hash, undefined);
    t.match(reload.status().refusal?.text, `${path}: there is no such file; write one`);
  });

  t.test('a volume removed and made again is followed', async (t) => {
    const { volume, inForce } = await mounted(t, { 'routes.yaml': document('v1') });
    rmSync(volume.directory, { recursive: true });
    const again = new ConfigMapVolume(volume.directory);
    again.write({ 'routes.yaml': document('v2') });
    await inForce('v2');
    writeFileSync(join(volume.directory, 'beside.yaml'), 'of no interest');
    again.write({ 'routes.yaml': document('v3'), 'beside.yaml': '' });
    await inForce('v3');
  });
});

test('who prepares a document is told that a newer one waits', async (t) => {
  const prepared: AbortSignal[] = [];
  const { reload, versions } = reloading({
    prepare: async ({ routes }, newer) => {
      prepared.push(newer);
      if (routes[0]?.versions[0]?.name !== 'v1') return [];
      await once(newer, 'abort');
      return ['was not ready in time'];
    },
  });
  const first = reload.take(bytes(document('v1')));
  await until('the first one is prepared', () => prepared.length === 1);
  t.equal(prepared[0]?.aborted, false);
  const second = reload.take(bytes(document('v2')));
  t.match(await first, { kind: 'refused' });
  t.match(await second, { kind: 'applied' });
  t.same(versions(), ['v2']);
  t.equal(prepared[1]?.aborted, false);
});

test('a document is taken again even where it is refused only in a moment', async (t) => {
  let isReady = false;
  const { reload, versions } = reloading({
    prepare: async () => {
      if (isReady) return [];
      // What it lacks is there before anybody knows that it was refused.
      isReady = true;
      reload.again();
      return ['is not ready'];
    },
  });
  t.match(await reload.take(bytes(document('v1'))), { kind: 'refused' });
  await reload.quiet();
  t.same(versions(), ['v1']);
  t.equal(reload.status().refusal, undefined);
});

test('it is quiet when all that came has been taken', async (t) => {
  const { reload, versions } = reloading();
  reload.take(bytes(document('v1')));
  const quiet = reload.quiet();
  reload.take(bytes(document('v2')));
  await quiet;
  t.same(versions(), ['v1', 'v2']);
});
