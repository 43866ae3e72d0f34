import { type Test, test } from 'tap';
import { resources } from '../../src/core/kubernetes/api.ts';
import { ApiServer } from '../support/api-server.ts';
import { eventually } from '../support/eventually.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { type Steady, steadyClients } from '../support/steady-clients.ts';
import { startServingFrom, startTurnout } from '../support/turnout-process.ts';

const { configMaps } = resources;
const metadata = { name: 'turnout-rules', namespace: 'shop' };

/** Every answer says the number of the document it was split by. */
function documentOf(number: number, url: string): string {
  return `apiVersion: turnout/v1
routes:
  - name: shop
    headers: { response: { set: { x-document: "${number}" } } }
    versions: { v1: { url: "${url}", weight: 1 } }
`;
}

async function origin(t: Test): Promise<string> {
  const { url, close } = await rawOrigin(answering(response('v1')));
  t.teardown(close);
  return url;
}

function put(server: ApiServer, text: string, key = 'routes.yaml'): void {
  server.put(configMaps, { metadata, ...{ data: { [key]: text } } });
}

async function page(port: number, path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).text();
}

/** Resolves with how long it took until an answer was split by a document. */
async function documentSeen(clients: Steady, number: number): Promise<number> {
  const from = performance.now();
  await new Promise<void>((resolve) => {
    clients.onAnswer = (_body, headers) => {
      if (headers['x-document'] === String(number)) resolve();
    };
  });
  return performance.now() - from;
}

test('a ConfigMap is in force within a second, and traffic goes on without an API server', async (t) => {
  const url = await origin(t);
  const server = await ApiServer.start(t);
  put(server, documentOf(1, url));
  const source = 'configmap:shop/turnout-rules';
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const turnout = await startServingFrom(t, source, ['--drain-delay', '0s'], env);
  const { port, adminPort } = turnout;
  await turnout.says('serves configmap shop/turnout-rules\n');
  const clients = steadyClients(t, port, 4);
  await documentSeen(clients, 1);

  const tookMs: number[] = [];
  for (const number of [10, 11, 12, 13, 14]) {
    put(server, documentOf(number, url));
    tookMs.push(Math.round(await documentSeen(clients, number)));
  }
  const middle = tookMs.toSorted((a, b) => a - b)[2] ?? Number.NaN;
  t.ok(middle < 1_000, `they were in force after ${tookMs.join(', ')} ms`);
  const metrics = await page(adminPort, '/metrics');
  t.match(metrics, /^turnout_document_info\{hash="\w{12}",source="configmap"\} 1$/m);
  t.match(metrics, /^turnout_watch_synced\{resource="configmaps"\} 1$/m);
  t.match(metrics, /^turnout_watch_last_heard_timestamp_seconds\{resource="configmaps"\} \d{10}/m);
  t.match(metrics, /^turnout_watch_restarts_total\{resource="configmaps",reason="cut"\} 0$/m);
  t.match(metrics, /^turnout_document_activation_seconds \d/m);
  t.match(metrics, /^turnout_document_age_at_activation_seconds \d/m);

  await server.stop();
  await turnout.says('watch_lost');
  const verbose = await page(adminPort, '/readyz?verbose');
  t.match(verbose, /^document \w{12} of configmap shop\/turnout-rules, routes\.yaml, applied /m);
  t.match(verbose, /^watch of configmaps shop\/turnout-rules: last heard \d+ s ago$/m);
  t.match(verbose, /^not heard now: configmaps shop\/turnout-rules: /m);
  t.match(verbose, /\nready\n$/);
  const answered = clients.answered.get(200) ?? 0;
  await eventually(() => (clients.answered.get(200) ?? 0) > answered + 100, 'traffic goes on');

  put(server, documentOf(5, url));
  await server.start();
  await documentSeen(clients, 5);

  server.remove(configMaps, 'shop', metadata.name);
  await turnout.says('configmap shop/turnout-rules: there is none');
  put(server, 'apiVersion: turnout/v1\nroute: []\n');
  await turnout.says(/configmap shop\/turnout-rules, routes.yaml:2:1: error TN2004/);
  put(server, documentOf(5, url), 'other.yaml');
  put(server, documentOf(6, url));
  await documentSeen(clients, 6);

  clients.stop();
  await clients.over;
  t.strictSame([...clients.answered.keys()], [200]);
  t.strictSame(clients.failures, []);
  turnout.child.kill('SIGTERM');
  t.equal(await turnout.ended, 0);
});

test('workers change to a ConfigMap as one process does', async (t) => {
  const url = await origin(t);
  const server = await ApiServer.start(t);
  put(server, documentOf(1, url));
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const source = 'configmap:shop/turnout-rules';
  const { port } = await startServingFrom(t, source, ['--workers', '2'], env);
  const clients = steadyClients(t, port, 4);
  await documentSeen(clients, 1);
  put(server, documentOf(2, url));
  await documentSeen(clients, 2);
  t.equal(server.watches.length, 1, 'only the primary follows it');
  clients.stop();
  await clients.over;
  t.strictSame(clients.failures, []);
});

test('at the start it waits for an API server, and for a right to read', async (t) => {
  const url = await origin(t);
  const server = await ApiServer.start(t);
  put(server, documentOf(1, url), 'mine.yaml');
  server.tokens.set('token-1', []);
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const words = [
    'run',
    '--rules',
    'configmap:shop/turnout-rules/mine.yaml',
    '--listen',
    '127.0.0.1:0',
  ];
  const turnout = startTurnout(t, [...words, '--admin', 'off'], env);
  await turnout.says(/may not list: .+a Role in namespace shop must grant it/);
  server.tokens.set('token-1', [
    {
      apiGroups: [''],
      resources: ['configmaps'],
      verbs: ['get', 'list', 'watch'],
      resourceNames: ['turnout-rules'],
    },
  ]);
  await turnout.says('serves configmap shop/turnout-rules, mine.yaml\n');
  await eventually(() => server.watches.length > 0, 'it watches');
  const verbs = new Set(
    server.asked.map(({ verb, resource, name }) => `${verb} ${resource} ${name}`),
  );
  t.strictSame([...verbs].sort(), [
    'list configmaps turnout-rules',
    'watch configmaps turnout-rules',
  ]);
});

test('a first document with problems ends it, as one of a file does', async (t) => {
  const server = await ApiServer.start(t);
  put(server, 'apiVersion: turnout/v1\nroute: []\n');
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const turnout = startTurnout(t, ['run', '--rules', 'configmap:shop/turnout-rules'], env);
  t.equal(await turnout.ended, 2);
  t.match(turnout.output(), /^configmap shop\/turnout-rules, routes.yaml:2:1: error TN2004/m);
});

test('where there is no way to an API server it says what to do', async (t) => {
  const turnout = startTurnout(t, ['run', '--rules', 'configmap:shop/turnout-rules']);
  t.equal(await turnout.ended, 2);
  t.match(turnout.output(), 'error: there is no Kubernetes API here');
  t.match(turnout.output(), 'hint: set KUBECONFIG outside of a cluster');
});

test('a process that serves a file knows nothing of an API server', async (t) => {
  const server = await ApiServer.start(t);
  const folder = t.testdir({ 'routes.yaml': documentOf(1, await origin(t)) });
  const env = { KUBECONFIG: server.kubeconfigFile(t) };
  const { adminPort } = await startServingFrom(t, `${folder}/routes.yaml`, [], env);
  t.notMatch(await page(adminPort, '/metrics'), /turnout_watch_\w+\{/);
  t.strictSame([server.asked, server.connections], [[], 0]);
});
