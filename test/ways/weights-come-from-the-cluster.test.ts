import { type Test, test } from 'tap';
import { read } from '#core/document/read';
import { type KubernetesApi, resources } from '#core/kubernetes/api';
import type { KubernetesObject } from '#core/kubernetes/objects';
import type { Snapshot } from '#core/snapshot/snapshot';
import { Reload } from '../../src/config/reload.ts';
import { watchHttpRoutes } from '../../src/config/watch-http-routes.ts';
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { type Backend, startBackend } from '../conformance/httproute/backend.ts';
import { ApiServer } from '../support/api-server.ts';
import { ask, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { sourcePorts } from '../support/source-ports.ts';
import { compiled, type StartedProxy, startProxy } from '../support/start-proxy.ts';
import { startServingFrom } from '../support/turnout-process.ts';

/**
 * A promise of the README: whoever writes the weights of an HTTPRoute moves the traffic at once.
 * The updates are those that Flagger and the plugin of Argo Rollouts make.
 */
const { httpRoutes } = resources;
const soonMs = 1_000;
const nothing = 'apiVersion: v1\nkind: List\nitems: []\n';

interface Served {
  readonly server: ApiServer;
  readonly api: KubernetesApi;
  readonly proxy: StartedProxy;
  readonly reload: Reload;
  readonly snapshot: () => Snapshot | undefined;
}

/** A stub of the API server, and a proxy that follows its HTTPRoutes. */
async function serves(t: Test, ...objects: readonly KubernetesObject[]): Promise<Served> {
  const server = await ApiServer.start(t);
  const backends = new Map<string, Backend>();
  for (const name of ['primary', 'canary']) {
    const backend = await startBackend(name);
    backends.set(name, backend);
    t.teardown(() => backend.close());
  }
  for (const object of objects) server.put(httpRoutes, object);
  const api = openKubernetes({
    env: { KUBECONFIG: server.kubeconfigFile(t) },
    userAgent: 'turnout/test',
    tell: () => undefined,
  });
  t.teardown(() => api.close());
  const proxy = await startProxy(nothing);
  t.teardown(() => proxy.close());
  const services = `apiVersion: turnout/v1\nservices:\n${[...backends]
    .map(([name, { url }]) => `  podinfo-${name}: ${url}\n`)
    .join('')}`;
  const inForce: { snapshot: Snapshot | undefined } = { snapshot: undefined };
  const reload = new Reload({
    file: 'httproutes of test',
    // Stands for the cluster's DNS: names that lead to this machine itself are refused.
    read: async (text) => read(`${services}---\n${text}`),
    compile: compiled,
    swap: (snapshot) => {
      inForce.snapshot = snapshot;
      proxy.proxy.swap(snapshot);
    },
    log: () => undefined,
    now: Date.now,
  });
  const place = { namespace: 'test', gateway: undefined };
  const watch = watchHttpRoutes(place, sourcePorts(api), (content) => reload.take(content));
  t.teardown(() => watch.close());
  await watch.look();
  return { server, api, proxy, reload, snapshot: () => inForce.snapshot };
}

/** As Flagger makes it for a Canary `podinfo`. */
function ofFlagger(primary: number, canary: number) {
  const backendRef = (name: string, weight: number) => ({
    group: '',
    kind: 'Service',
    name: `podinfo-${name}`,
    port: 9898,
    weight,
  });
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: {
      parentRefs: [{ name: 'edge', namespace: 'test' }],
      hostnames: ['app.example.com'],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [backendRef('primary', primary), backendRef('canary', canary)],
        },
      ],
    },
  };
}

/** Returns who answers: the name of a backend, or a status. */
async function answers({ proxy }: Served): Promise<string> {
  const whole = await ask(proxy.port, 'GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n');
  const status = statusOf(whole);
  if (status !== 200) return String(status);
  return JSON.parse(whole.slice(whole.indexOf('\r\n\r\n'))).name;
}

/** Asks until somebody answers as expected; fails where that takes longer than it may. */
async function soon(t: Test, served: Served, expected: string): Promise<void> {
  const since = performance.now();
  await eventually(async () => (await answers(served)) === expected, `${expected} answers`);
  const tookMs = performance.now() - since;
  t.ok(tookMs < soonMs, `${expected} after ${Math.round(tookMs)} ms`);
}

test('a gateway that starts before its routes answers with 404, and then serves', async (t) => {
  const served = await serves(t);
  t.equal(await answers(served), '404');
  served.server.put(httpRoutes, ofFlagger(100, 0));
  await soon(t, served, 'primary');
});

test('weights that are updated, or patched, are in force under a second', async (t) => {
  const served = await serves(t);
  served.server.put(httpRoutes, ofFlagger(100, 0));
  await soon(t, served, 'primary');
  const { api } = served;
  await api.replace(httpRoutes, 'test', ofFlagger(0, 100));
  await soon(t, served, 'canary');
  const { spec } = ofFlagger(100, 0);
  await api.patch(httpRoutes, 'test', 'podinfo', { spec });
  await soon(t, served, 'primary');
});

test('a release of Flagger from its first step to its end gives the canary its share', async (t) => {
  const served = await serves(t);
  served.server.put(httpRoutes, ofFlagger(100, 0));
  await soon(t, served, 'primary');
  for (const weight of [10, 50, 100, 0]) {
    await served.api.replace(httpRoutes, 'test', ofFlagger(100 - weight, weight));
    const inForce = () => {
      const [route] = served.snapshot()?.routes ?? [];
      return route?.versions.find(({ name }) => name === 'podinfo-canary')?.weight === weight;
    };
    await eventually(inForce, `weight ${weight} is in force`, soonMs);
    let canary = 0;
    for (let time = 0; time < 200; time += 1) if ((await answers(served)) === 'canary') canary += 1;
    // Five times the standard deviation: once in a million runs.
    const spread = 5 * Math.sqrt((200 * weight * (100 - weight)) / 10_000);
    t.ok(Math.abs(canary - 2 * weight) <= spread, `${canary} of 200 at ${weight} %`);
  }
});

test('the rule by headers that the plugin of Argo Rollouts adds comes first', async (t) => {
  const served = await serves(t);
  const object = ofFlagger(100, 0);
  const [rule] = object.spec.rules;
  const byHeader = {
    matches: [
      {
        path: { type: 'PathPrefix', value: '/' },
        headers: [{ type: 'RegularExpression', name: 'x-tester', value: 'ann.*' }],
      },
    ],
    filters: [],
    backendRefs: rule?.backendRefs.slice(1).map(({ weight: _, ...one }) => one),
  };
  const spec = { ...object.spec, rules: [rule, byHeader] };
  served.server.put(httpRoutes, { ...object, ...{ spec } });
  await soon(t, served, 'primary');
  const asked = 'GET / HTTP/1.1\r\nHost: app.example.com\r\nX-Tester: anna\r\n\r\n';
  t.match(await ask(served.proxy.port, asked), /"name":"canary"/);
});

test('a bad HTTPRoute is named, and what was good stays in force until it is mended', async (t) => {
  const served = await serves(t);
  served.server.put(httpRoutes, ofFlagger(100, 0));
  await soon(t, served, 'primary');
  const bad = ofFlagger(0, 100);
  const metadata = { ...bad.metadata, name: 'other' };
  served.server.put(httpRoutes, { ...bad, metadata, ...{ spec: { rules: 'none' } } });
  await eventually(() => served.reload.status().refusal !== undefined, 'it is refused');
  t.match(
    served.reload.status().refusal?.text,
    /TN2001: HTTPRoute test\/other: spec\.rules must be/,
  );
  await served.api.replace(httpRoutes, 'test', ofFlagger(0, 100));
  t.equal(await answers(served), 'primary');
  served.server.remove(httpRoutes, 'test', 'other');
  await soon(t, served, 'canary');
  t.equal(served.reload.status().refusal, undefined);
});

test('a start with a bad HTTPRoute serves the others, and names it', async (t) => {
  const bad = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'bad', namespace: 'test' },
    spec: { rules: [{ filters: [{ type: 'ExtensionRef', extensionRef: { name: 'x' } }] }] },
  };
  const good = {
    ...bad,
    metadata: { name: 'good', namespace: 'test' },
    spec: { rules: [{ backendRefs: [] }] },
  };
  const served = await serves(t, bad, good);
  t.equal(await answers(served), '500');
  t.match(served.reload.status().refusal?.text, /HTTPRoute test\/bad: .* is ExtensionRef/);
});

test('a process follows the HTTPRoutes of a gateway, with the least of rights', async (t) => {
  const server = await ApiServer.start(t);
  const [group, resource] = ['gateway.networking.k8s.io', 'httproutes'];
  server.tokens.set('token-1', [
    { apiGroups: [group], resources: [resource], verbs: ['get', 'list', 'watch'] },
  ]);
  const env = { KUBECONFIG: server.kubeconfigFile(t, 'test') };
  const turnout = await startServingFrom(t, 'httproutes:test/edge', [], env);
  await turnout.says('serves httproutes in test of gateway edge\n');
  const statusAt = async (path: string) =>
    statusOf(await ask(turnout.port, `GET ${path} HTTP/1.1\r\nHost: app.example.com\r\n\r\n`));
  t.equal(await statusAt('/'), 404);

  const object = ofFlagger(90, 10);
  const tookMs: number[] = [];
  for (const status of [302, 301, 307, 308]) {
    const redirect = {
      matches: [{ path: { type: 'PathPrefix', value: '/old' } }],
      filters: [
        { type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: status } },
      ],
    };
    const spec = { ...object.spec, rules: [...object.spec.rules, redirect] };
    const since = performance.now();
    server.put(httpRoutes, { ...object, ...{ spec } });
    await eventually(async () => (await statusAt('/old')) === status, `${status} is in force`);
    tookMs.push(performance.now() - since);
  }
  // The first document that comes while traffic flows has to wait for the thread that reads it.
  t.ok(Math.min(...tookMs.slice(1)) < soonMs, `in force after ${tookMs.map(Math.round)} ms`);

  const page = async (path: string) =>
    (await fetch(`http://127.0.0.1:${turnout.adminPort}${path}`)).text();
  const share =
    /^turnout_version_weight_ratio\{route="test\/podinfo",version="podinfo-canary"\} 0\.1$/m;
  t.match(await page('/metrics'), share);
  t.match(
    await page('/metrics'),
    /^turnout_document_info\{hash="\w{12}",source="httproutes"\} 1$/m,
  );

  const metadata = { name: 'bad', namespace: 'test' };
  const rules = [{ filters: [{ type: 'CORS', cors: {} }] }];
  server.put(httpRoutes, { ...object, metadata, ...{ spec: { ...object.spec, rules } } });
  await turnout.says(
    /error TN2033: HTTPRoute test\/bad: spec\.rules\[0\]\.filters\[0\]\.type is CORS/,
  );
  t.match(await page('/readyz?verbose'), /HTTPRoute test\/bad/);
  t.equal(await statusAt('/old'), 308);
  server.remove(httpRoutes, 'test', 'bad');
  server.remove(httpRoutes, 'test', 'podinfo');
  await eventually(async () => (await statusAt('/old')) === 404, 'nothing is left');
});

test('workers follow them as well', async (t) => {
  const server = await ApiServer.start(t);
  const env = { KUBECONFIG: server.kubeconfigFile(t, 'test') };
  const turnout = await startServingFrom(t, 'httproutes:test', ['--workers', '2'], env);
  const rules = [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https' } }] }];
  server.put(httpRoutes, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'all', namespace: 'test' },
    ...{ spec: { rules } },
  });
  const isRedirected = async () => statusOf(await ask(turnout.port)) === 302;
  await eventually(isRedirected, 'the redirect is in force');
});
