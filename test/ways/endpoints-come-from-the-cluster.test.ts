import { writeFileSync } from 'node:fs';
import { test } from 'tap';
import { resources } from '../../src/core/kubernetes/api.ts';
import { ApiServer } from '../support/api-server.ts';
import { ask, get, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { Pods } from '../support/pods.ts';
import { steadyClients } from '../support/steady-clients.ts';
import { type Serving, startServing } from '../support/turnout-process.ts';

const byLabel = `apiVersion: turnout/v1
routes:
  - name: shop
    versionFrom: { podLabel: version }
    unit: request
    versions:
      v1: { service: { name: shop, port: http } }
      v2: { service: { name: shop, port: http }, weight: 0 }
    rollout: { strategy: ramped, from: v1, to: v2, follow: endpoints }
`;

function byService(weights: Readonly<Record<string, number>>, more = ''): string {
  const versions = Object.entries(weights).map(
    ([name, weight]) => `${name}: { service: { name: shop-${name}, port: 80 }, weight: ${weight} }`,
  );
  return `apiVersion: turnout/v1
routes:
  - name: shop
    unit: request
    versions: { ${versions.join(', ')} }
${more}`;
}

interface View {
  readonly version: string;
  readonly trouble: string;
  readonly endpoints: readonly { readonly address: string }[];
}

async function json(serving: Serving, path: string): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${serving.adminPort}${path}`);
  return answer.json();
}

async function views(serving: Serving): Promise<readonly View[]> {
  const { versions } = (await json(serving, '/api/v1/endpoints')) as { versions: readonly View[] };
  return versions;
}

/** Waits until a version has exactly these endpoints. */
async function has(serving: Serving, version: string, pods: readonly { address: string }[]) {
  const wanted = pods.map(({ address }) => address).sort();
  await eventually(
    async () => {
      const found = (await views(serving)).find((view) => view.version === version);
      const addresses = found?.endpoints.map(({ address }) => address).sort();
      return JSON.stringify(addresses) === JSON.stringify(wanted);
    },
    `${version} has ${wanted.join(', ') || 'no endpoint'}`,
  );
}

async function metric(serving: Serving, line: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${serving.adminPort}/metrics`);
  const text = await answer.text();
  const found = text.split('\n').find((one) => one.startsWith(line));
  return Number(found?.split(' ').at(-1) ?? Number.NaN);
}

const grant = (apiGroup: string, resource: string) => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs: ['get', 'list', 'watch'],
});

const bodyOf = (answer: string) => answer.split('\r\n\r\n')[1] ?? '';

for (const workers of [[], ['--workers', '2']]) {
  const how = workers.length === 0 ? 'one process' : 'two workers';

  test(`pods replaced one by one, told apart by their label: nothing is lost (${how})`, async (t) => {
    const server = await ApiServer.start(t);
    const pods = await Pods.of(t, server, 'shop');
    const old = [await pods.add('v1'), await pods.add('v1'), await pods.add('v1')];
    // What the how-to page grants where a port has a name.
    server.tokens.set('narrow', [grant('discovery.k8s.io', 'endpointslices'), grant('', 'pods')]);
    const env = { KUBECONFIG: server.kubeconfigFile(t, 'shop', 'narrow') };
    const serving = await startServing(t, byLabel, workers, env);
    await has(serving, 'v1', old);
    const clients = steadyClients(t, serving.port, 8);
    const seen = new Map<string, number>();
    clients.onAnswer = (body) => seen.set(body, (seen.get(body) ?? 0) + 1);

    const young = [];
    for (const pod of old) {
      const next = await pods.add('v2', 'starting');
      pods.become(next, 'ready');
      young.push(next);
      await has(serving, 'v2', young);
      const before = seen.get('v2') ?? 0;
      await eventually(() => (seen.get('v2') ?? 0) > before, 'v2 has its share');
      await pods.terminate(pod);
    }
    await has(serving, 'v1', []);
    await eventually(async () => {
      const route = (await json(serving, '/api/v1/status/shop')) as {
        rollout?: { phase: string };
      };
      return route.rollout?.phase === 'complete';
    }, 'the rollout is complete');

    clients.stop();
    await clients.over;
    t.same(clients.failures, []);
    t.same([...clients.answered.keys()], [200], 'every request was served');
    t.ok((clients.answered.get(200) ?? 0) > 100, `there was traffic: ${clients.answered.get(200)}`);
    t.equal(bodyOf(await ask(serving.port)), 'v2');
    t.ok((await metric(serving, 'turnout_snapshot_swaps_total{cause="endpoints"}')) >= 2);
  });

  test(`a new version gets nothing before its endpoints are known (${how})`, async (t) => {
    const server = await ApiServer.start(t);
    const v1 = await Pods.of(t, server, 'shop-v1');
    await v1.add('v1');
    const v2 = await Pods.of(t, server, 'shop-v2');
    await v2.add('v2');
    const isOfV2 = ({ query }: { query: Readonly<Record<string, string>> }) =>
      query.labelSelector === 'kubernetes.io/service-name=shop-v2';
    server.fail(isOfV2, { status: 500 }, 1_000);
    const env = { KUBECONFIG: server.kubeconfigFile(t) };
    const serving = await startServing(t, byService({ v1: 1 }), workers, env);
    const clients = steadyClients(t, serving.port, 4);
    const seen = new Set<string>();
    clients.onAnswer = (body) => seen.add(body);

    writeFileSync(serving.rulesFile, byService({ v1: 1, v2: 1 }));
    await eventually(() => server.asked.filter(isOfV2).length > 1, 'v2 is asked for, in vain');
    const answered = clients.answered.get(200) ?? 0;
    await eventually(() => (clients.answered.get(200) ?? 0) > answered + 50, 'there is traffic');
    t.same([...seen], ['v1'], 'the document waits');
    server.mend();
    await eventually(() => seen.has('v2'), 'v2 is served once it is known');

    clients.stop();
    await clients.over;
    t.same(clients.failures, []);
    t.same([...clients.answered.keys()], [200]);
  });

  test(`a burst of changes loses nothing, and is few snapshots (${how})`, async (t) => {
    const server = await ApiServer.start(t);
    const pods = await Pods.of(t, server, 'shop-v1');
    const all = await Promise.all(Array.from({ length: 6 }, () => pods.add('v1')));
    const [stays, ...others] = all;
    if (stays === undefined) throw new TypeError('there are six');
    const env = { KUBECONFIG: server.kubeconfigFile(t) };
    const serving = await startServing(t, byService({ v1: 1 }), workers, env);
    const clients = steadyClients(t, serving.port, 8);
    const answers = () => clients.answered.get(200) ?? 0;
    for (let n = 0; n < 100; n++) {
      for (const [at, pod] of others.entries())
        pod.state = (n * 7_919) & (1 << at) ? 'ready' : 'starting';
      pods.publish();
      const before = answers();
      await eventually(() => answers() > before, 'traffic goes on');
    }
    for (const pod of others) pods.become(pod, 'ready');
    await has(serving, 'v1', all);
    pods.become(stays, 'starting');
    await has(serving, 'v1', others);
    clients.stop();
    await clients.over;
    t.same(clients.failures, []);
    t.same([...clients.answered.keys()], [200]);
    const swaps = await metric(serving, 'turnout_snapshot_swaps_total{cause="endpoints"}');
    t.ok(swaps > 2 && swaps < 80, `${swaps} snapshots of 100 changes`);
  });

  test(`all that terminates still serves; then nobody does (${how})`, async (t) => {
    const server = await ApiServer.start(t);
    const pods = await Pods.of(t, server, 'shop-v1');
    const [one, other] = [await pods.add('v1'), await pods.add('v1')];
    const env = { KUBECONFIG: server.kubeconfigFile(t) };
    const serving = await startServing(t, byService({ v1: 1 }), workers, env);
    await has(serving, 'v1', [one, other]);
    pods.become(one, 'terminating');
    await has(serving, 'v1', [other]);
    pods.become(other, 'terminating');
    await has(serving, 'v1', [one, other]);
    t.equal(statusOf(await ask(serving.port)), 200, 'only such are left');
    await pods.remove(one);
    await pods.remove(other);
    await has(serving, 'v1', []);
    const answer = await ask(serving.port);
    t.equal(statusOf(answer), 502);
    t.match(await views(serving), [{ trouble: 'service shop-v1:80 has no ready endpoint' }]);
  });
}

test('an API server that is away takes no endpoint away, and is heard again', async (t) => {
  const server = await ApiServer.start(t);
  const pods = await Pods.of(t, server, 'shop-v1');
  const one = await pods.add('v1');
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const serving = await startServing(t, byService({ v1: 1 }), [], env);
  const clients = steadyClients(t, serving.port, 4);
  await server.stop();
  await serving.says('"watch_lost"');
  const answered = clients.answered.get(200) ?? 0;
  await eventually(() => (clients.answered.get(200) ?? 0) > answered + 100, 'traffic goes on');
  // What changed meanwhile is found when it is back.
  const two = await pods.add('v1');
  await server.start();
  await has(serving, 'v1', [one, two]);
  clients.stop();
  await clients.over;
  t.same(clients.failures, []);
  t.same([...clients.answered.keys()], [200]);
});

test('a start without an API server waits for it, and says so', async (t) => {
  const server = await ApiServer.start(t);
  const pods = await Pods.of(t, server, 'shop-v1');
  await pods.add('v1');
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  server.fail(() => true, { status: 500, message: 'no etcd' }, 1_000);
  const started = startServing(t, byService({ v1: 1 }), [], env);
  await eventually(() => server.asked.length > 2, 'it asks again');
  server.mend();
  const serving = await started;
  t.equal(bodyOf(await ask(serving.port, get)), 'v1');
});

test('a document that waits for endpoints does not keep a newer one waiting', async (t) => {
  const server = await ApiServer.start(t);
  const pods = await Pods.of(t, server, 'shop-v1');
  await pods.add('v1');
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const serving = await startServing(t, byService({ v1: 1 }), [], env);
  const isOfV2 = ({ query }: { query: Readonly<Record<string, string>> }) =>
    query.labelSelector === 'kubernetes.io/service-name=shop-v2';
  server.fail(isOfV2, { status: 500 }, 1_000);
  writeFileSync(serving.rulesFile, byService({ v1: 1, v2: 1 }));
  await eventually(() => server.asked.some(isOfV2), 'the first one waits');
  const newer = byService({ v1: 1 }, '    headers: { response: { set: { x-newer: "1" } } }\n');
  writeFileSync(serving.rulesFile, newer);
  await eventually(async () => /x-newer/.test(await ask(serving.port)), 'the newer one', 5_000);
  await eventually(() => server.watches.every((asked) => !isOfV2(asked)), 'v2 is followed no more');
});

test('without a cluster a document with a service is refused, and says why', async (t) => {
  await t.rejects(
    startServing(t, byService({ v1: 1 })),
    /service shop-v1:80 cannot be followed: there is no Kubernetes API here/,
  );
});

test('rights that are missing are named, and found when they are granted', async (t) => {
  const server = await ApiServer.start(t);
  const pods = await Pods.of(t, server, 'shop-v1');
  await pods.add('v1');
  const slicesOnly = [grant('discovery.k8s.io', 'endpointslices')];
  server.tokens.set('narrow', slicesOnly);
  const env = { KUBECONFIG: server.kubeconfigFile(t, 'shop', 'narrow') };
  const serving = await startServing(t, byService({ v1: 1 }), [], env);
  t.equal(bodyOf(await ask(serving.port)), 'v1', 'a Service with one port need not be read');
  await serving.says(/"watch_lost".*may not list.*resources: \[\\?"services\\?"\]/);
  server.tokens.set('narrow', [...slicesOnly, grant('', 'services')]);
  await eventually(
    () => server.watches.some(({ resource }) => resource === resources.services.plural),
    'the Service is watched',
    15_000,
  );
  t.equal(bodyOf(await ask(serving.port)), 'v1');
});
