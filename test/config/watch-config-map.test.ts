import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'tap';
import type { ConfigMapPlace } from '../../src/config/config-map-content.ts';
import type { Content } from '../../src/config/read-content.ts';
import { watchConfigMap } from '../../src/config/watch-config-map.ts';
import type { Watch, WatchObjects, WatchStatus } from '../../src/core/kubernetes/api.ts';
import type { ConfigMap, KubernetesObject } from '../../src/core/kubernetes/objects.ts';
import { until } from './until.ts';

const place: ConfigMapPlace = { namespace: 'shop', name: 'rules', key: undefined };

function configMap(parts: Partial<ConfigMap>): ConfigMap {
  return { metadata: { name: 'rules', namespace: 'shop' }, ...parts };
}

/** A watch of a ConfigMap that the test tells what there is. */
function watching(at = place, take: (content: Content) => Promise<unknown> = async () => {}) {
  const taken: Content[] = [];
  const failed: unknown[] = [];
  const warned: string[] = [];
  let tell: (objects: ReadonlyMap<string, KubernetesObject>) => void = () => {};
  let pass: () => void = () => {};
  let trouble: string | undefined;
  const watch: WatchObjects = (selection, changed) => {
    // The test gives the objects that are asked for.
    tell = changed as typeof tell;
    const status = () => ({ trouble }) as WatchStatus;
    const refresh = async () => {};
    const given = { synced: Promise.resolve(), status, refresh, close: () => {} } satisfies Watch;
    if (selection.name !== 'rules') throw new Error('another one is watched');
    return given;
  };
  const source = watchConfigMap(
    at,
    {
      watch,
      now: () => 5_000,
      after: (ms, act) => {
        if (ms === 30_000) pass = act;
        return () => {};
      },
      warn: (message) => warned.push(message),
      failed: (error) => failed.push(error),
    },
    (content) => {
      taken.push(content);
      return take(content);
    },
  );
  return {
    source,
    taken,
    failed,
    warned,
    texts: () => taken.map((one) => (one.kind === 'bytes' ? one.bytes.toString() : one.message)),
    is: (object: ConfigMap | undefined) =>
      tell(new Map(object === undefined ? [] : [['shop/rules', object]])),
    pass: () => pass(),
    troubled: (text: string) => {
      trouble = text;
    },
  };
}

test('the first look waits for a content, and tells since when it was known', async (t) => {
  const { source, is, taken, warned } = watching();
  const looked = source.look();
  is(undefined);
  await turn();
  t.match(warned, [/^configmap shop\/rules: there is none; .+; waiting for it$/]);
  t.strictSame(taken, [], 'it may come yet');
  is(
    configMap({
      metadata: {
        name: 'rules',
        namespace: 'shop',
        creationTimestamp: '2026-01-02T03:04:05Z',
        managedFields: [{ time: '2026-01-02T03:05:00Z' }, {}, { time: '2026-01-02T03:04:30Z' }],
      },
      data: { 'routes.yaml': 'one' },
    }),
  );
  await looked;
  t.strictSame(taken, [
    {
      kind: 'bytes',
      bytes: Buffer.from('one'),
      name: 'configmap shop/rules, routes.yaml',
      writtenAt: Date.UTC(2026, 0, 2, 3, 5),
      noticedAt: 5_000,
    },
  ]);
});

for (const { what, is, trouble, expected } of [
  {
    what: 'the API server keeps it from being read',
    is: undefined,
    trouble: 'configmaps shop/rules: may not list: forbidden; a Role must grant it',
    expected: 'configmaps shop/rules: may not list: forbidden; a Role must grant it',
  },
  {
    what: 'there is no such ConfigMap',
    is: 'none',
    trouble: undefined,
    expected: 'configmap shop/rules: there is none; make it, or name another with --rules',
  },
] as const) {
  test(`after 30 seconds the first look says why: ${what}`, async (t) => {
    const watched = watching();
    const looked = watched.source.look();
    if (is === 'none') watched.is(undefined);
    if (trouble !== undefined) watched.troubled(trouble);
    await turn();
    t.strictSame(watched.taken, []);
    watched.pass();
    await looked;
    t.strictSame(watched.texts(), [expected]);
  });
}

const there = configMap({ data: { 'routes.yaml': 'one' } });
for (const { what, at = place, is, expected } of [
  {
    what: 'routes.yaml of several keys',
    is: configMap({ data: { a: 'not', 'routes.yaml': 'this' } }),
    expected: 'this',
  },
  { what: 'the only key there is', is: configMap({ data: { 'x.yaml': 'x' } }), expected: 'x' },
  {
    what: 'the key that is named',
    at: { ...place, key: 'b' },
    is: configMap({ data: { a: 'a', b: 'b' } }),
    expected: 'b',
  },
  {
    what: 'binary data',
    is: configMap({ binaryData: { 'routes.yaml': Buffer.from('two').toString('base64') } }),
    expected: 'two',
  },
  {
    what: 'neither of two keys',
    is: configMap({ data: { a: '1', b: '2' } }),
    expected:
      'configmap shop/rules: has no key routes.yaml, only a, b; name one: --rules configmap:shop/rules/KEY',
  },
  {
    what: 'another key than the one named',
    at: { ...place, key: 'b' },
    is: configMap({ data: { a: '1' } }),
    expected:
      'configmap shop/rules: has no key b, only a; name one: --rules configmap:shop/rules/KEY',
  },
  {
    what: 'nothing at all',
    is: configMap({ data: null }),
    expected: 'configmap shop/rules: has no key at all; name one: --rules configmap:shop/rules/KEY',
  },
  {
    what: 'its end',
    is: undefined,
    expected: 'configmap shop/rules: there is none; make it, or name another with --rules',
  },
]) {
  test(`gives away ${what}`, async (t) => {
    const { source, is: tell, texts } = watching(at);
    const looked = source.look();
    tell(configMap({ data: { [at.key ?? 'routes.yaml']: 'one' } }));
    await looked;
    tell(is);
    await until('it is given away', () => texts().length === 2);
    t.strictSame(texts(), ['one', expected]);
  });
}

test('the same content in another version of the object is not given away again', async (t) => {
  const { source, is, texts } = watching();
  const looked = source.look();
  is(there);
  await looked;
  is(configMap({ ...there, metadata: { ...there.metadata, labels: { a: 'b' } } }));
  is(configMap({ data: { 'routes.yaml': 'two' } }));
  await until('it is given away', () => texts().length === 2);
  t.strictSame(texts(), ['one', 'two']);
});

test('what comes while one is taken: the last of it is taken next', async (t) => {
  let free: () => void = () => {};
  const busy = new Promise<void>((resolve) => {
    free = resolve;
  });
  const { source, is, texts } = watching(place, () => busy);
  const looked = source.look();
  is(there);
  await until('it is given away', () => texts().length === 1);
  for (const text of ['two', 'three', 'four']) is(configMap({ data: { 'routes.yaml': text } }));
  free();
  await looked;
  await until('it is given away', () => texts().length === 2);
  t.strictSame(texts(), ['one', 'four']);
});

test('a throw of who takes it is told, and the next content is given away', async (t) => {
  const error = new Error('a bug');
  const { source, is, texts, failed } = watching(place, () => Promise.reject(error));
  const looked = source.look();
  is(there);
  await looked;
  is(configMap({ data: { 'routes.yaml': 'two' } }));
  await until('it is given away', () => texts().length === 2);
  t.strictSame(failed, [error, error]);
});
