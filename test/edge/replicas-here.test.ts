import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { resources } from '#core/kubernetes/api';
import type { Running } from '../../src/cli/ports.ts';
import { readSettings } from '../../src/cli/settings.ts';
import { serve } from '../../src/edge.ts';
import { ApiServer } from '../support/api-server.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { type Origin, startOrigin, token } from '../support/replicas.ts';

const release = '{ strategy: canary, from: v1, to: v2, steps: [{ weight: 50%, for: 1h }] }';

function rules(v1: Origin, v2: Origin, rollout = release): string {
  return `apiVersion: turnout/v1
routes:
  - name: shop
    unit: request
    versions: { v1: { url: "${v1.url}" }, v2: { url: "${v2.url}", weight: 0 } }
    rollout: ${rollout}
`;
}

const rulesAre = (server: ApiServer, text: string) =>
  server.put(resources.configMaps, {
    metadata: { name: 'rules', namespace: 'shop' },
    data: { 'routes.yaml': text },
  } as never);

/** Two replicas in this process, with their rules and their state in an API server. */
async function two(t: Test, server: ApiServer) {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  const tokenFile = join(folder, 'tokens');
  writeFileSync(tokenFile, `${token}\n`);
  const before = process.env.KUBECONFIG;
  process.env.KUBECONFIG = server.kubeconfigFile(t);
  t.teardown(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  });
  const ports = [await freePort(), await freePort()];
  const peers = ports.map((port) => `127.0.0.1:${port}`).join(',');
  const started: Running[] = [];
  for (const [index, port] of ports.entries()) {
    const env = {
      TURNOUT_RULES: 'configmap:shop/rules',
      TURNOUT_STATE: 'configmap:shop/turnout',
      TURNOUT_PEERS: peers,
      TURNOUT_REPLICA: `turnout-${index}`,
      TURNOUT_LEASE_DURATION: '3s',
      TURNOUT_ADMIN_TOKEN_FILE: tokenFile,
      TURNOUT_ADMIN: `127.0.0.1:${port}`,
      TURNOUT_LISTEN: '127.0.0.1:0',
      TURNOUT_LOG_LEVEL: 'silent',
    };
    const { settings, problems } = readSettings({}, env);
    if (settings === undefined) throw new Error(problems?.join('\n'));
    started.push(await serve(settings, {}, '0.0.0'));
  }
  let isDrained = false;
  const drain = async () => {
    if (isDrained) return;
    isDrained = true;
    for (const running of started) await running.drain({ delayMs: 0, timeoutMs: 1_000 });
  };
  t.teardown(drain);
  return { started, ports, drain };
}

const statusOf = async ({ rollouts }: Running) => (await rollouts.statuses('shop'))[0];

test('two replicas in one process lead, follow, count and go back together', async (t) => {
  const server = await ApiServer.start(t);
  const [v1, v2] = [await startOrigin(t), await startOrigin(t)];
  rulesAre(server, rules(v1, v2));
  const { started, ports, drain } = await two(t, server);

  await eventually(
    async () => {
      const all = await Promise.all(started.map(statusOf));
      return all.every((one) => one?.rollout?.step === 1 && one.replicas?.alike === 2);
    },
    'both are at the first step, and know of each other',
    20_000,
  );
  const led = (await statusOf(started[0] as Running))?.replicas;
  t.equal(led?.heard, 2);
  t.match(led?.leader, /^turnout-[01]$/);

  await t.test('what both have counted is judged', async (t) => {
    for (const { traffic } of started) {
      for (let sent = 0; sent < 20; sent++) {
        await (await fetch(`http://127.0.0.1:${traffic[0]?.port}/`)).arrayBuffer();
      }
    }
    await eventually(async () => {
      const counted = (await statusOf(started[0] as Running))?.rollout?.requests ?? [0, 0];
      return counted[0] + counted[1] === 40;
    }, 'all of them are counted, once');
    t.equal(v1.askedAt.length + v2.askedAt.length, 40);
  });

  await t.test('a verb told to any of them is in force on all', async (t) => {
    const follower = started.find((_, index) => led?.leader !== `turnout-${index}`) as Running;
    const told = { route: 'shop', version: 'v2', toRevision: undefined, isForced: false };
    const outcome = await follower.rollouts.command({
      ...told,
      verb: 'disable',
      who: 'a test',
      reason: undefined,
    });
    t.equal(outcome.kind, 'done');
    await eventually(async () => {
      const all = await Promise.all(started.map(statusOf));
      return all.every((one) => one?.versions[1]?.leaving?.replicas?.inForce === 2);
    }, 'both have it in force');
  });

  await t.test('rules that come from a ConfigMap are not changed over the API', async (t) => {
    const response = await fetch(`http://127.0.0.1:${ports[0]}/api/v1/document`, {
      method: 'PUT',
      headers: { 'content-type': 'application/yaml', 'if-match': '*' },
      body: rules(v1, v2),
    });
    t.equal(response.status, 409);
    t.match(await response.json(), { code: 'TN4005', detail: /the ConfigMap shop\/rules/ });
    const metrics = await (await fetch(`http://127.0.0.1:${ports[0]}/metrics`)).text();
    t.match(metrics, /turnout_replicas\{state="heard"\} 2/);
    t.match(metrics, /turnout_watch_synced\{.*\} 1/);
  });

  await t.test('a changed ConfigMap is in force on both', async () => {
    rulesAre(server, rules(v1, v2, release.replace('1h', '2h')));
    await eventually(async () => {
      const pages = await Promise.all(
        ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/api/v1/document`)).text()),
      );
      return pages.every((page) => page.includes('2h'));
    }, 'both show it');
  });
  await drain();
  const lease = server.get(resources.leases, 'shop', 'turnout');
  t.match(JSON.stringify(lease), /"holderIdentity":""/, 'who led has let it go');
});
