import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { resources } from '../../src/core/kubernetes/api.ts';
import type { ConfigMap } from '../../src/core/kubernetes/objects.ts';
import { inCluster } from '../../src/kubernetes/in-cluster.ts';
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { ApiServer } from '../support/api-server.ts';
import { eventually } from '../support/eventually.ts';
import { ManualClock } from './manual-clock.ts';
import { followed, opened } from './opened.ts';

const { configMaps } = resources;
const all = { resource: configMaps, namespace: 'shop' };

/** A client in a pod that follows one ConfigMap. */
async function inPod(t: Test) {
  const server = await ApiServer.start(t);
  const put = (text: string) =>
    server.put(configMaps, { metadata: { name: 'a', namespace: 'shop' }, ...{ data: { text } } });
  put('1');
  const pod = server.pod(t);
  const clock = new ManualClock();
  const api = opened(t, { env: pod.env, serviceAccountFolder: pod.folder, clock });
  const watching = followed<ConfigMap>(api, all, ({ data }) => data?.text);
  // Open on both sides: the client counts its silence.
  const isOpen = () => server.watches.length > 0 && clock.waitsFor(100_000);
  const isWatching = () => eventually(isOpen, 'a watch is open');
  await isWatching();
  return { ...watching, server, pod, clock, api, put, isWatching };
}

test('in a pod: the address of the environment, the namespace of the service account', async (t) => {
  const { api, tells, put } = await inPod(t);
  t.equal(api.namespace, 'shop');
  put('2');
  await tells({ a: '2' });
});

test('an address of IPv6 is put in brackets', async (t) => {
  const folder = new ApiServer().pod(t).folder;
  t.equal(inCluster('fd00::1', '443', folder).server.href, 'https://[fd00::1]/');
  t.equal(inCluster('10.96.0.1', '6443', folder).server.href, 'https://10.96.0.1:6443/');
});

test('a token that was replaced is read again at the first 401, without a pause', async (t) => {
  const { server, pod, put, tells, watch, api } = await inPod(t);
  server.tokens.delete('token-1');
  server.tokens.set('token-2', undefined);
  pod.write({ token: 'token-2\n' });
  put('2');
  await tells({ a: '2' });
  server.endWatches();
  await eventually(() => watch.status().restarts.unauthorized === 1, 'the old one was refused');
  put('3');
  await tells({ a: '3' });
  t.equal(watch.status().restarts.unauthorized, 1);
  await api.get(configMaps, 'shop', 'a');
});

test('a token is read again each minute, before anybody refuses it', async (t) => {
  const { server, pod, clock, api, watch } = await inPod(t);
  server.tokens.set('token-2', undefined);
  pod.write({ token: 'token-2' });
  clock.pass(59_999);
  await api.get(configMaps, 'shop', 'a');
  server.tokens.delete('token-1');
  clock.pass(1);
  await api.get(configMaps, 'shop', 'a');
  t.equal(watch.status().restarts.unauthorized, 0);
});

test('while no token is taken: told, and asked ever less; then it goes on', async (t) => {
  const { server, clock, watch, api, put, tells } = await inPod(t);
  server.tokens.clear();
  server.endWatches();
  await clock.passPause(400);
  await clock.passPause(800);
  await eventually(() => watch.status().restarts.unauthorized === 4, 'it was refused');
  t.match(api.happenings.at(-1), { kind: 'lost', reason: 'unauthorized' });
  t.match(watch.status().trouble, /does not take our token or certificate/);
  server.tokens.set('token-1', undefined);
  put('2');
  await clock.passPause(1_600);
  await tells({ a: '2' });
});

test('a token that cannot be read for a moment is used as it was', async (t) => {
  const { pod, clock, api } = await inPod(t);
  rmSync(join(pod.folder, 'token'));
  clock.pass(60_000);
  t.ok(await api.get(configMaps, 'shop', 'a'));
});

test('a server with a certificate of another authority is trusted as soon as ca.crt says so', async (t) => {
  const { server, pod, clock, watch, put, tells } = await inPod(t);
  server.rotateAuthority();
  await clock.passPause(400);
  await eventually(() => watch.status().restarts.unreachable === 1, 'it is not trusted');
  t.match(watch.status().trouble, /certificate/);
  pod.write({ 'ca.crt': server.ca });
  put('2');
  await clock.passPause(800);
  await tells({ a: '2' });
  await eventually(() => watch.status().trouble === undefined, 'nothing is wrong');
});

test('a new ca.crt means new connections; a watch that is open goes on', async (t) => {
  const { server, pod, clock, api, put, tells, watch } = await inPod(t);
  await api.get(configMaps, 'shop', 'a');
  const before = server.connections;
  pod.write({ 'ca.crt': `${server.ca}${new ApiServer().ca}` });
  clock.pass(60_000);
  await api.get(configMaps, 'shop', 'a');
  t.equal(server.connections, before + 1);
  pod.write({ 'ca.crt': server.ca });
  server.bookmark();
  await eventually(() => watch.status().lastHeardAt === clock.now(), 'the watch has heard');
  clock.pass(60_000);
  t.ok(await api.get(configMaps, 'shop', 'a'), 'and so when it is the one of before again');
  put('2');
  await tells({ a: '2' });
  t.equal(watch.status().restarts.cut, 0);
});

test('who may not: the verb and the Role that is missing; granted later, it goes on', async (t) => {
  const server = await ApiServer.start(t);
  server.put(configMaps, { metadata: { name: 'rules', namespace: 'shop' } });
  const rule = { apiGroups: [''], resources: ['configmaps'], resourceNames: ['rules'] };
  server.tokens.set('token-1', []);
  const clock = new ManualClock();
  const api = opened(t, { env: { KUBECONFIG: server.kubeconfigFile(t) }, clock });
  const { watch, tells } = followed(api, { ...all, name: 'rules' }, () => 'there');
  await clock.passPause(6_250);
  await eventually(() => watch.status().restarts.forbidden === 2, 'it was refused');
  const { trouble } = watch.status();
  t.match(trouble, /^configmaps shop\/rules: may not list: configmaps "rules" is forbidden: /);
  t.match(
    trouble,
    /a Role in namespace shop must grant it: \{ apiGroups: \[""\], resources: \["configmaps"\], resourceNames: \["rules"\], verbs: \[get, list, watch\] \}$/,
  );
  t.equal(api.happenings.length, 1, 'the same trouble is told once');
  server.tokens.set('token-1', [{ ...rule, verbs: ['list'] }]);
  await clock.passPause(6_250);
  await tells({ rules: 'there' });
  await eventually(() => /may not watch/.test(watch.status().trouble ?? ''), 'it may not watch');
  server.tokens.set('token-1', [{ ...rule, verbs: ['list', 'watch'] }]);
  await clock.passPause(6_250);
  await eventually(() => server.watches.length === 1, 'it watches');
  await eventually(() => watch.status().trouble === undefined, 'nothing is wrong');
});

test('a kind of object that is not installed is said to be so', async (t) => {
  const server = await ApiServer.start(t, [configMaps]);
  const clock = new ManualClock();
  const api = opened(t, { env: { KUBECONFIG: server.kubeconfigFile(t) }, clock });
  const watch = api.watch({ resource: resources.httpRoutes, namespace: 'shop' }, () => {});
  await clock.passPause(6_250);
  t.match(watch.status().trouble, /^httproutes shop: .+: is this kind of object installed\?$/);
});

test('requests one after the other share a connection', async (t) => {
  const { server, api } = await inPod(t);
  await api.get(configMaps, 'shop', 'a');
  const before = server.connections;
  for (let count = 0; count < 25; count++) await api.get(configMaps, 'shop', 'a');
  // One may be taken before the last one is free.
  t.ok(server.connections - before <= 1, `${server.connections - before} connections`);
});

test('an object that is waited for too long is given up', async (t) => {
  const { server, clock, api } = await inPod(t);
  server.silence();
  const asked = server.asked.length;
  const got = api.get(configMaps, 'shop', 'a');
  await eventually(() => server.asked.length > asked, 'it was asked for');
  clock.pass(5_000);
  await t.rejects(got, { status: 0, message: 'nothing was heard for 5 s' });
});

test('a server that is not there, and one that answers nonsense, reject with ApiError', async (t) => {
  const { server, api } = await inPod(t);
  server.fail('get', { status: 418 });
  await t.rejects(api.get(configMaps, 'shop', 'a'), { status: 418, message: 'made to fail' });
  server.fail('get', { status: 429, headers: { 'retry-after': '3' } });
  const patience = { message: 'made to fail', status: 429, retryAfterMs: 3_000 };
  await t.rejects(api.get(configMaps, 'shop', 'a'), patience);
  await server.stop();
  await t.rejects(api.get(configMaps, 'shop', 'a'), { status: 0, message: /cannot be reached/ });
});

test('without a service account, or outside of a cluster, it says what to do', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const open = (env: Record<string, string>) => () =>
    openKubernetes({ env, userAgent: 'x', tell: () => {}, serviceAccountFolder: folder });
  t.throws(open({ KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }), {
    message: /^this pod has no token for the Kubernetes API: ENOENT/,
    remedy: 'give it a service account, and automountServiceAccountToken: true',
  });
  t.throws(open({}), {
    message:
      'there is no Kubernetes API here: neither KUBECONFIG nor KUBERNETES_SERVICE_HOST is set',
    remedy: 'set KUBECONFIG outside of a cluster',
  });
});
