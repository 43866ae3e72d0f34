import type { Test } from 'tap';
import { ApiError, resources, type Selection } from '../../src/core/kubernetes/api.ts';
import type { ConfigMap, Lease } from '../../src/core/kubernetes/objects.ts';
import { followed, opened } from './opened.ts';
import type { TargetServer } from './target-server.ts';

const { configMaps, leases } = resources;

function configMap(name: string, text: string, labels: Record<string, string> = {}): ConfigMap {
  return { metadata: { name, labels }, data: { text } };
}

const textOf = ({ data }: ConfigMap) => data?.text;

async function rejection(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => new Error('it did not reject'),
    (reason) => reason,
  );
  if (error instanceof ApiError) return error;
  throw error;
}

/** What the client does with a server that does what it should: with each server, the same. */
export function clientSuite(t: Test, start: (t: Test) => Promise<TargetServer>): void {
  const test = (name: string, body: (t: Test, server: TargetServer) => Promise<void>) =>
    t.test(name, async (t) => body(t, await start(t)));

  test('reads, makes and replaces an object', async (t, { env, namespace }) => {
    const api = opened(t, { env });
    t.equal(api.namespace, namespace);
    t.equal(await api.get(configMaps, namespace, 'rules'), undefined);
    const made = await api.create(configMaps, namespace, configMap('rules', 'one'));
    t.match(made.metadata, { name: 'rules', namespace, uid: String, resourceVersion: String });
    const changed = await api.replace<ConfigMap>(configMaps, namespace, {
      ...made,
      data: { text: 'two' },
    });
    t.not(changed.metadata.resourceVersion, made.metadata.resourceVersion);
    const read = await api.get<ConfigMap>(configMaps, namespace, 'rules');
    t.strictSame(read?.data, { text: 'two' });
  });

  test('of two writers of one version, one has a conflict', async (t, { env, namespace }) => {
    const api = opened(t, { env });
    const made = await api.create(configMaps, namespace, configMap('rules', 'one'));
    await api.replace(configMaps, namespace, { ...made, data: { text: 'mine' } });
    const late = await rejection(
      api.replace(configMaps, namespace, { ...made, data: { text: 'yours' } }),
    );
    t.ok(late.isConflict, late.message);
    const again = await rejection(api.create(configMaps, namespace, configMap('rules', 'three')));
    t.ok(again.isConflict, again.message);
    const { resourceVersion } = made.metadata;
    const patch = { metadata: { resourceVersion }, data: { text: 'patched' } };
    const patched = await rejection(api.patch(configMaps, namespace, 'rules', patch));
    t.ok(patched.isConflict, patched.message);
    t.strictSame((await api.get<ConfigMap>(configMaps, namespace, 'rules'))?.data, {
      text: 'mine',
    });
  });

  test('a patch changes what it names, and takes away what it says is null', async (t, {
    env,
    namespace,
  }) => {
    const api = opened(t, { env });
    const data = { kept: '1', changed: '1', gone: '1' };
    await api.create<ConfigMap>(configMaps, namespace, { metadata: { name: 'rules' }, data });
    const patch = { data: { changed: '2', gone: null } };
    const patched = await api.patch<ConfigMap>(configMaps, namespace, 'rules', patch);
    t.strictSame(patched.data, { kept: '1', changed: '2' });
    const missing = await rejection(api.patch(configMaps, namespace, 'other', patch));
    t.equal(missing.status, 404);
  });

  test('follows one object by its name, through its end and its return', async (t, server) => {
    const { env, namespace, put, remove } = server;
    const api = opened(t, { env });
    await put(configMaps, configMap('other', 'not asked for'));
    const selection = { resource: configMaps, namespace, name: 'rules' };
    const { watch, tells } = followed<ConfigMap>(api, selection, textOf);
    await watch.synced;
    await tells({});
    await put(configMaps, configMap('rules', 'one'));
    await tells({ rules: 'one' });
    await put(configMaps, configMap('other', 'still not'));
    await put(configMaps, configMap('rules', 'zwei, mit ü und 🛤'));
    await tells({ rules: 'zwei, mit ü und 🛤' });
    await remove(configMaps, 'rules');
    await tells({});
    await put(configMaps, configMap('rules', 'three'));
    await tells({ rules: 'three' });
    const { isSynced, trouble, lastHeardAt, what } = watch.status();
    t.strictSame([isSynced, trouble, what], [true, undefined, `configmaps ${namespace}/rules`]);
    t.type(lastHeardAt, 'number');
    t.strictSame(
      api.watches().map((status) => status.what),
      [what],
    );
  });

  test('follows what has a label, also when it is put on and taken off', async (t, server) => {
    const { env, namespace, put } = server;
    const api = opened(t, { env });
    await put(configMaps, configMap('a', '1', { app: 'shop' }));
    await put(configMaps, configMap('b', '1', { app: 'other' }));
    const selection: Selection = { resource: configMaps, namespace, labelSelector: 'app=shop' };
    const { tells } = followed<ConfigMap>(api, selection, textOf);
    await tells({ a: '1' });
    await put(configMaps, configMap('b', '2', { app: 'shop' }));
    await tells({ a: '1', b: '2' });
    await put(configMaps, configMap('a', '2', { app: 'other' }));
    await tells({ b: '2' });
  });

  test('is told of metadata only where it asks for no more', async (t, server) => {
    const { env, namespace, put } = server;
    const api = opened(t, { env });
    await put(configMaps, configMap('rules', 'one', { a: 'b' }));
    const selection = { resource: configMaps, namespace, name: 'rules', metadataOnly: true };
    const shown = ({ metadata, data }: ConfigMap) => [metadata.labels, data];
    const { tells } = followed<ConfigMap>(api, selection, shown);
    await tells({ rules: [{ a: 'b' }, undefined] });
    await put(configMaps, configMap('rules', 'two', { a: 'c' }));
    await tells({ rules: [{ a: 'c' }, undefined] });
  });

  test('a refresh knows what was written before it', async (t, { env, namespace }) => {
    const api = opened(t, { env });
    const selection = { resource: configMaps, namespace };
    const { watch, last } = followed<ConfigMap>(
      api,
      { ...selection, labelSelector: 'app=shop' },
      textOf,
    );
    await watch.synced;
    for (const text of ['1', '2', '3']) {
      await api.create(configMaps, namespace, configMap(`rules-${text}`, text, { app: 'shop' }));
      await watch.refresh();
      t.match(last(), { [`rules-${text}`]: text });
    }
  });

  test('a lease is made, renewed, and not by who saw an older one', async (t, server) => {
    const { env, namespace } = server;
    const api = opened(t, { env });
    const renewTime = '2026-01-02T03:04:05.000000Z';
    const spec = { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime, leaseTransitions: 0 };
    const lease: Lease = { metadata: { name: 'turnout' }, spec };
    const made = await api.create<Lease>(leases, namespace, lease);
    t.match(made.spec, spec);
    const later = { ...spec, renewTime: '2026-01-02T03:04:07.000000Z' };
    const renewed = await api.replace<Lease>(leases, namespace, { ...made, spec: later });
    t.match(renewed.spec, later);
    const stolen = { ...made, spec: { ...spec, holderIdentity: 'b' } };
    t.ok((await rejection(api.replace(leases, namespace, stolen))).isConflict);
    const blind = { metadata: { name: 'turnout' }, spec: { ...spec, holderIdentity: 'c' } };
    t.equal((await rejection(api.replace<Lease>(leases, namespace, blind))).status, 422);
  });

  test('a Role with resourceNames lets one ConfigMap be followed, and no other', async (t, server) => {
    const { namespace, put, envFor } = server;
    const rule = { apiGroups: [''], resources: ['configmaps'], resourceNames: ['rules'] };
    const env = await envFor([{ ...rule, verbs: ['get', 'list', 'watch'] }]);
    const api = opened(t, { env });
    await put(configMaps, configMap('rules', 'one'));
    const mine = followed<ConfigMap>(
      api,
      { resource: configMaps, namespace, name: 'rules' },
      textOf,
    );
    await mine.tells({ rules: 'one' });
    await put(configMaps, configMap('rules', 'two'));
    await mine.tells({ rules: 'two' });
    t.strictSame((await api.get<ConfigMap>(configMaps, namespace, 'rules'))?.data, { text: 'two' });
    for (const asked of [
      api.get(configMaps, namespace, 'other'),
      api.create(configMaps, namespace, configMap('rules', 'three')),
      api.patch(configMaps, namespace, 'rules', { data: { text: 'three' } }),
    ]) {
      t.equal((await rejection(asked)).status, 403);
    }
  });
}
