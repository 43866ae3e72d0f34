import { test, t as whole } from 'tap';
import { resources } from '#core/kubernetes/api';
import { ApiServer } from '../support/api-server.ts';
import { eventually } from '../support/eventually.ts';
import { type Started, startOrigin, startReplicas } from '../support/replicas.ts';

// Processes are started and ended in turn.
whole.setTimeout(180_000);

function kindsIn(server: ApiServer): readonly string[] {
  const found = server.get(resources.configMaps, 'shop', 'turnout');
  const data = found?.data as Record<string, string> | undefined;
  const { kept } = JSON.parse(data?.['ledger.json'] ?? '{"kept":{"revisions":[]}}') as {
    readonly kept: { readonly revisions: readonly { readonly kind: string }[] };
  };
  return kept.revisions.map(({ kind }) => kind);
}

const shareOfV2 = async (replica: Started) => (await replica.status()).versions[1]?.share;

test('weights for a while hold on all replicas, and end on each without the API server', async (t) => {
  const server = await ApiServer.start(t);
  const [v1, v2] = [await startOrigin(t), await startOrigin(t)];
  const rules = `apiVersion: turnout/v1
routes:
  - name: shop
    override: { header: x-version, trusted: [127.0.0.1/32] }
    versions: { v1: { url: "${v1.url}" }, v2: { url: "${v2.url}", weight: 0 } }
`;
  const replicas = await startReplicas(t, server, 3, rules, ['--lease-duration', '3s']);
  await eventually(() => kindsIn(server).includes('document'), 'one of them leads', 20_000);
  const { replicas: told } = (await replicas[0]?.status()) ?? {};
  const follower = replicas.find(({ name }) => name !== told?.leader);
  const haveAll = async (share: number) =>
    (await Promise.all(replicas.map(shareOfV2))).every((one) => one === share);

  const answer = await fetch(`http://127.0.0.1:${follower?.adminPort}/api/v1/routes/shop/overlay`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': '*' },
    body: JSON.stringify({ weights: { v1: 50, v2: 50 }, ttl: '6s' }),
  });
  t.match(await answer.json(), { scope: 'replicas', overlay: { weights: { v1: 50, v2: 50 } } });
  await eventually(() => haveAll(0.5), 'all of them have it');
  await server.stop();
  await eventually(() => haveAll(0), 'each has ended it');
  t.notOk(kindsIn(server).includes('overlay_end'), 'though nobody could write that');
  await server.start();
  await eventually(() => kindsIn(server).includes('overlay_end'), 'the leader has', 40_000);
  t.strictSame(kindsIn(server), ['document', 'overlay', 'overlay_end'], 'once');
});
