import { test, t as whole } from 'tap';
import { resources } from '#core/kubernetes/api';
import { ApiServer } from '../support/api-server.ts';
import { eventually } from '../support/eventually.ts';
import {
  type Origin,
  type Started,
  sendTo,
  startOrigin,
  startReplicas,
} from '../support/replicas.ts';

// Processes are started and ended in turn.
whole.setTimeout(300_000);

const lease = ['--lease-duration', '3s'];

interface Ledger {
  readonly term: number;
  readonly serial: number;
  readonly kept: {
    readonly rollouts: Record<string, { readonly state: { readonly step: number; phase: string } }>;
    readonly revisions: readonly { readonly revision: number; readonly kind: string }[];
    readonly disabled: Record<string, readonly string[]>;
  };
}

function ledgerIn(server: ApiServer): Ledger {
  const found = server.get(resources.configMaps, 'shop', 'turnout');
  const data = found?.data as Record<string, string> | undefined;
  return JSON.parse(data?.['ledger.json'] ?? '{}') as Ledger;
}

function rules(v1: Origin, v2: Origin, rollout: string): string {
  return `apiVersion: turnout/v1
routes:
  - name: shop
    unit: request
    versions: { v1: { url: "${v1.url}" }, v2: { url: "${v2.url}", weight: 0 } }
    rollout: ${rollout}
`;
}

const long =
  '{ strategy: canary, from: v1, to: v2, judge: off, steps: [{ weight: 50%, for: 1h }] }';

async function leaderOf(replicas: readonly Started[]): Promise<Started> {
  let leader: Started | undefined;
  await eventually(
    async () => {
      const alive = replicas.filter(({ child }) => child.exitCode === null && !child.killed);
      const [first] = alive;
      if (first === undefined) return false;
      const { replicas: told } = await first.status();
      leader = alive.find(({ name }) => name === told?.leader);
      return leader !== undefined;
    },
    'one of them leads',
    20_000,
  );
  if (leader === undefined) throw new Error('nobody leads');
  return leader;
}

async function three(
  t: Parameters<typeof startReplicas>[0],
  rollout = long,
  flags: readonly string[] = [],
) {
  const server = await ApiServer.start(t);
  const [v1, v2] = [await startOrigin(t), await startOrigin(t)];
  const replicas = await startReplicas(t, server, 3, rules(v1, v2, rollout), [...lease, ...flags]);
  const leader = await leaderOf(replicas);
  const followers = replicas.filter((replica) => replica !== leader);
  return { server, v1, v2, replicas, leader, followers };
}

const isAtStep = (step: number) => async (replica: Started) =>
  (await replica.status()).rollout?.step === step;

async function all(
  replicas: readonly Started[],
  holds: (replica: Started) => Promise<boolean>,
): Promise<boolean> {
  return (await Promise.all(replicas.map(holds))).every((one) => one);
}

test('three replicas move a release as one, and each tells the same of it', async (t) => {
  const { server, v2, replicas, leader } = await three(t);
  await eventually(() => all(replicas, isAtStep(1)), 'all of them are at the first step');
  sendTo(t, replicas, 50);
  await eventually(() => v2.askedAt.length > 20, 'the new version has its share');
  await eventually(async () => {
    const statuses = await Promise.all(replicas.map(({ status }) => status()));
    return statuses.every(({ replicas: told }) => told?.alike === 3);
  }, 'all agree');
  for (const replica of replicas) {
    const { replicas: told } = await replica.status();
    t.match(told, { heard: 3, of: 3, alike: 3, leader: leader.name, leaderlessMs: undefined });
  }
  const kinds = ledgerIn(server).kept.revisions.map(({ kind }) => kind);
  t.strictSame(kinds, ['document', 'begin', 'step'], 'and each thing was done once');
});

test('a version that is disabled at a follower gets nothing anywhere within a second', async (t) => {
  const { v2, replicas, followers } = await three(t);
  await eventually(() => all(replicas, isAtStep(1)), 'all of them are at the first step');
  sendTo(t, replicas, 100);
  await eventually(() => v2.askedAt.length > 20, 'the new version has its share');
  const toldAt = performance.now();
  t.match(await followers[0]?.act('disable', { version: 'v2' }), [200]);
  const answeredMs = performance.now() - toldAt;
  const until = performance.now() + 1_500;
  await eventually(() => performance.now() > until, 'a while has gone by');
  const lastMs = (v2.askedAt.at(-1) ?? 0) - toldAt;
  t.ok(lastMs < 1_000, `the last request came ${Math.round(lastMs)} ms after it was told`);
  t.comment(
    `last request after ${lastMs.toFixed(1)} ms, answered after ${answeredMs.toFixed(1)} ms`,
  );
  const left = await followers[0]?.status();
  const leaving = left?.versions.find(({ version }) => version === 'v2')?.leaving;
  t.match(leaving, { inFlight: 0, replicas: { inForce: 3, heard: 3, of: 3 } });
});

const judged =
  '{ strategy: canary, from: v1, to: v2, steps: [{ weight: 50%, for: 1h }], judge: { minUnits: 5 } }';

for (const flags of [[], ['--workers', '2']] as const) {
  test(`a version that fails on a follower alone is sent back by the leader at once ${flags.join(' ')}`, async (t) => {
    const { server, v2, replicas, followers, leader } = await three(t, judged, flags);
    await eventually(() => all(replicas, isAtStep(1)), 'all of them are at the first step');
    const [follower] = followers;
    if (follower === undefined) throw new Error('there is no follower');
    v2.status = 500;
    const from = performance.now();
    sendTo(t, [follower], 50);
    await eventually(
      () => all(replicas, async (one) => (await one.status()).rollout?.phase === 'rolled_back'),
      'it is sent back everywhere',
    );
    t.comment(`after ${Math.round(performance.now() - from)} ms and ${v2.askedAt.length} requests`);
    t.ok(v2.askedAt.length <= 25, 'after a few failures');
    const judgedBy = await Promise.all(replicas.map(({ status }) => status()));
    for (const { rollout } of judgedBy) {
      t.match(rollout?.verdict, { kind: 'fail' }, 'all tell what the leader has judged');
    }
    t.match(ledgerIn(server).kept.revisions.at(-1), { kind: 'rollback', who: 'turnout' });
    t.not(leader, follower);
  });
}

test('what somebody writes into the ledger by hand is taken over, and not written over', async (t) => {
  const { server, replicas, leader } = await three(t);
  await eventually(() => all(replicas, isAtStep(1)), 'all of them are at the first step');
  const found = server.get(resources.configMaps, 'shop', 'turnout');
  if (found === undefined) throw new Error('there is a ledger');
  const { kept, ...rest } = ledgerIn(server);
  const edited = {
    ...rest,
    serial: rest.serial + 1,
    kept: { ...kept, disabled: { shop: ['v2'] } },
  };
  server.put(resources.configMaps, {
    ...found,
    data: { 'ledger.json': JSON.stringify(edited) },
  } as Parameters<typeof server.put>[1]);
  t.match(await leader.act('pause'), [200]);
  t.match(ledgerIn(server).kept.disabled, { shop: ['v2'] });
  await eventually(
    () => all(replicas, async (one) => (await one.status()).rollout?.phase === 'paused'),
    'all are paused',
  );
  for (const replica of replicas) {
    t.match((await replica.status()).differs, 'v2 is disabled by hand');
  }
});

test('a leader that is killed is followed by another one, at the same step', async (t) => {
  const { server, replicas, leader, followers } = await three(t);
  await eventually(() => all(replicas, isAtStep(1)), 'all of them are at the first step');
  const before = ledgerIn(server);
  leader.child.kill('SIGKILL');
  const next = await leaderOf(followers);
  await eventually(() => ledgerIn(server).term > before.term, 'it has a term of its own');
  const { kept } = ledgerIn(server);
  t.strictSame(kept.revisions, before.kept.revisions, 'and has nothing to begin anew');
  t.match(await next.act('promote', { force: true }), [200]);
  await eventually(
    () => all(followers, async (one) => (await one.status()).rollout?.phase === 'complete'),
    'and the release can go on',
  );
});

test('replicas that are all killed come back at the step, and disabled stays what was', async (t) => {
  const { server, v1, v2, replicas, followers } = await three(t);
  await eventually(() => all(replicas, isAtStep(1)), 'all of them are at the first step');
  t.match(await followers[0]?.act('disable', { version: 'v2' }), [200]);
  const before = ledgerIn(server).kept.revisions;
  for (const { child } of replicas) child.kill('SIGKILL');
  const again = await startReplicas(t, server, 2, rules(v1, v2, long), lease);
  sendTo(t, again, 50);
  const asked = v2.askedAt.length;
  await leaderOf(again);
  await eventually(() => all(again, isAtStep(1)), 'both are at the first step');
  t.strictSame(ledgerIn(server).kept.revisions, before, 'nothing is begun anew');
  t.equal(v2.askedAt.length, asked, 'and nothing has reached what was disabled');
});

test('with two empty objects the rights to these two are enough', async (t) => {
  const server = await ApiServer.start(t);
  const metadata = { name: 'turnout', namespace: 'shop' };
  server.put(resources.configMaps, { metadata });
  server.put(resources.leases, { metadata });
  // Those of docs/how-to/several-replicas.md.
  const resourceNames = ['turnout'];
  server.tokens.set('token-1', [
    {
      ...{ apiGroups: [''], resources: ['configmaps'], resourceNames },
      verbs: ['get', 'list', 'watch', 'patch'],
    },
    {
      ...{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames },
      verbs: ['get', 'update'],
    },
  ]);
  const [v1, v2] = [await startOrigin(t), await startOrigin(t)];
  const replicas = await startReplicas(t, server, 1, rules(v1, v2, long), lease);
  await eventually(() => all(replicas, isAtStep(1)), 'it is at the first step');
  const asked = server.asked.map(({ verb, resource }) => `${verb} ${resource}`);
  t.strictSame([...new Set(asked)].toSorted(), [
    'get configmaps',
    'get leases',
    'list configmaps',
    'patch configmaps',
    'update leases',
    'watch configmaps',
  ]);
});

test('a leader that ends gives way at once', async (t) => {
  const { replicas, leader, followers } = await three(t, long, ['--drain-delay', '1s']);
  await eventually(() => all(replicas, isAtStep(1)), 'all of them are at the first step');
  const from = performance.now();
  leader.child.kill('SIGTERM');
  await eventually(async () => {
    const { replicas: told } = (await followers[0]?.status()) ?? {};
    return told?.leader !== undefined && told.leader !== leader.name;
  }, 'another one leads');
  t.ok(performance.now() - from < 2_500, 'before the lease would have been over');
  t.equal(await leader.ended, 0);
  t.ok(performance.now() - from < 8_000, 'and it does end');
});

test('with the API server away what leads back is done here, and written later', async (t) => {
  const { server, v2, replicas, leader, followers } = await three(t);
  await eventually(() => all(replicas, isAtStep(1)), 'all of them are at the first step');
  const [follower] = followers;
  if (follower === undefined) throw new Error('there is no follower');
  await server.stop();
  const [status] = await leader.act('promote');
  t.equal(status, 503, 'what leads on is refused');
  const [done, message] = await follower.act('abort', { reason: 'it is slow' });
  t.equal(done, 200);
  t.match(message, /aborted by .*: it is slow; in force on this replica/);
  sendTo(t, [follower], 100);
  const asked = v2.askedAt.length;
  const until = performance.now() + 500;
  await eventually(() => performance.now() > until, 'a while has gone by');
  t.equal(v2.askedAt.length, asked, 'nothing reaches it from there');
  await server.start();
  await eventually(
    () => all(replicas, async (one) => (await one.status()).rollout?.phase === 'aborted'),
    'all have it when it could be written',
    40_000,
  );
  const kinds = ledgerIn(server).kept.revisions.map(({ kind }) => kind);
  t.strictSame(kinds, ['document', 'begin', 'step', 'abort'], 'once');
});
