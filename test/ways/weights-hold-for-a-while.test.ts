import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { ConfigMapVolume } from '../support/configmap-volume.ts';
import { eventually } from '../support/eventually.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { type Steady, steadyClients } from '../support/steady-clients.ts';
import { type Serving, startServing, startTurnout } from '../support/turnout-process.ts';

/** Two versions that answer with their names, and rules that give everything to the first. */
async function shop(t: Test): Promise<string> {
  const [v1, v2] = await Promise.all(
    ['v1', 'v2'].map((name) => rawOrigin(answering(response(name)))),
  );
  t.teardown(() => Promise.all([v1?.close(), v2?.close()]));
  return `apiVersion: turnout/v1
routes:
  - name: shop
    override: { header: x-version, trusted: [127.0.0.1/32] }
    versions: { v1: { url: "${v1?.url}" }, v2: { url: "${v2?.url}", weight: 0 } }
`;
}

/** Runs a command against a Turnout that serves; returns what it printed and how it ended. */
async function tell(t: Test, { adminPort }: Pick<Serving, 'adminPort'>, words: readonly string[]) {
  const address = `http://127.0.0.1:${adminPort}`;
  const told = startTurnout(t, words, { TURNOUT_ADDRESS: address, USER: 'eve' });
  const exitCode = await told.ended;
  return { exitCode, output: told.output() };
}

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

interface ShownRoute {
  readonly overlay?: { readonly weights: object };
  readonly versions: readonly { readonly share: number }[];
}

async function routeAt({ adminPort }: Pick<Serving, 'adminPort'>): Promise<ShownRoute> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/api/v1/status/shop`);
  return (await answer.json()) as ShownRoute;
}

/** Counts by version what is answered from now on. */
function counted(clients: Steady): Map<string, number> {
  const counts = new Map<string, number>();
  clients.onAnswer = (body) => counts.set(body, (counts.get(body) ?? 0) + 1);
  return counts;
}

for (const workers of [1, 2]) {
  test(`weights for 2 s under load, with --workers ${workers}: as it was by itself, no request fails`, async (t) => {
    const serving = await startServing(t, await shop(t), ['--workers', String(workers)]);
    const clients = steadyClients(t, serving.port, 4);
    const before = counted(clients);
    await eventually(() => (before.get('v1') ?? 0) > 100, 'traffic');
    t.equal(before.get('v2'), undefined);

    const words = ['weight', 'shop', 'v1=50', 'v2=50', '--ttl', '2s', '--reason', 'load test'];
    // Looked for from the beginning: on a busy machine the command may end after two seconds.
    const isShown = eventually(async () => {
      const { overlay, versions } = await routeAt(serving);
      return overlay !== undefined && versions.every(({ share }) => share === 0.5);
    }, 'status shows it');
    const [said] = await Promise.all([tell(t, serving, words), isShown]);
    t.equal(said.exitCode, 0);
    t.match(said.output, 'v1 50, v2 50 for 2 s by eve from 127.0.0.1: load test (revision 2)\n');
    t.match(said.output, /users who change version: \d+\.\d % v1 → v2, 0 % back/);
    t.match(said.output, 'next      turnout weight shop --end\n');

    await eventually(async () => (await routeAt(serving)).versions[1]?.share === 0, 'its end');
    t.equal((await routeAt(serving)).overlay, undefined);
    // What was sent before may still be answered: a request each.
    t.ok((before.get('v2') ?? 0) > 10, `${before.get('v2')} of v2`);
    const after = counted(clients);
    await eventually(() => (after.get('v1') ?? 0) > 200, 'traffic afterwards');
    t.ok((after.get('v2') ?? 0) <= 4, `${after.get('v2')} of v2`);
    clients.stop();
    await clients.over;
    t.same(clients.failures, []);
    t.same([...clients.answered.keys()], [200]);
    const history = await tell(t, serving, ['history', 'shop']);
    t.match(history.output, /overlay_end +turnout +v1 50, v2 50 for a while: its time is over/);
  });
}

test('a process that is killed goes on with them, and not beyond their end', async (t) => {
  const rules = await shop(t);
  const flags = ['--state-dir', join(folder(t), 'state')];
  const first = await startServing(t, rules, flags);
  await tell(t, first, ['weight', 'shop', 'v1=1', 'v2=3', '--ttl', '1h']);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await startServing(t, rules, flags);
  t.match((await routeAt(second)).versions, [{ share: 0.25 }, { share: 0.75 }]);
  await tell(t, second, ['weight', 'shop', 'v1=3', 'v2=1', '--ttl', '2s']);
  const endsAt = Date.now() + 2_000;
  second.child.kill('SIGKILL');
  await second.ended;
  await eventually(() => Date.now() > endsAt, 'their end');
  const third = await startServing(t, rules, flags);
  const shown = await routeAt(third);
  t.match(shown.versions, [{ share: 1 }, { share: 0 }]);
  t.equal(shown.overlay, undefined);
});

test('a person ends them', async (t) => {
  const serving = await startServing(t, await shop(t));
  await tell(t, serving, ['weight', 'shop', 'v1=1', 'v2=3', '--ttl', '1h']);
  const status = await tell(t, serving, ['status', 'shop']);
  t.match(
    status.output,
    /^overlay {3}v1 1, v2 3 by eve from 127\.0\.0\.1, \d+ min left, until 20/m,
  );
  t.match(status.output, '\nnext      turnout weight shop --end\n');
  const ended = await tell(t, serving, ['weight', 'shop', '--end']);
  t.match(ended, { exitCode: 0, output: 'ended by eve' });
  t.match((await routeAt(serving)).versions, [{ share: 1 }, { share: 0 }]);
  t.match(await tell(t, serving, ['weight', 'shop', '--end']), { exitCode: 4 });
});

test('rules of a mounted ConfigMap are not changed here, but weights for a while are set', async (t) => {
  const rules = await shop(t);
  const volume = new ConfigMapVolume(join(folder(t), 'rules'));
  volume.write({ 'routes.yaml': rules });
  const mounted = join(volume.directory, 'routes.yaml');
  // The last one counts.
  const serving = await startServing(t, rules, ['--rules', mounted]);
  const refused = await tell(t, serving, ['weight', 'shop', 'v1=1', 'v2=3']);
  t.equal(refused.exitCode, 4);
  t.match(
    refused.output,
    `the rules come from the ConfigMap that is mounted at ${volume.directory}`,
  );
  t.match(refused.output, 'kubectl apply -f FILE');
  const document = `http://127.0.0.1:${serving.adminPort}/api/v1/document`;
  const put = { method: 'PUT', headers: { 'content-type': 'application/yaml', 'if-match': '*' } };
  const answer = await fetch(document, { ...put, body: rules });
  t.equal(answer.status, 409);
  t.match(await answer.json(), { code: 'TN4005' });
  const tried = await fetch(`${document}?dryRun=true`, {
    ...put,
    body: rules.replace('0 }', '1 }'),
  });
  t.match(await tried.json(), { changes: [/version v2: weight 0 → 1/, /users who change/] });
  t.equal(readFileSync(mounted, 'utf8'), rules);
  t.match(await tell(t, serving, ['weight', 'shop', 'v1=1', 'v2=3', '--ttl', '1m']), {
    exitCode: 0,
  });
  volume.write({ 'routes.yaml': `${rules}# another edit\n` });
  const isSynced = async () => (await (await fetch(document)).text()).includes('another edit');
  await eventually(isSynced, 'a sync');
  t.match((await routeAt(serving)).versions, [{ share: 0.25 }, { share: 0.75 }]);
});

test('a rules file is replaced under load, and what was not seen is not replaced', async (t) => {
  const rules = await shop(t);
  const serving = await startServing(t, rules);
  const clients = steadyClients(t, serving.port, 4);
  const document = `http://127.0.0.1:${serving.adminPort}/api/v1/document`;
  const shown = await fetch(document);
  t.equal(await shown.text(), rules);
  const put = (body: string) =>
    fetch(document, {
      method: 'PUT',
      headers: {
        'content-type': 'application/yaml',
        'if-match': shown.headers.get('etag') ?? '',
      },
      body,
    });
  const wanted = rules.replace('weight: 0', 'weight: 3');
  const answer = await put(wanted);
  t.equal(answer.status, 200);
  t.equal(readFileSync(serving.rulesFile, 'utf8'), wanted);
  t.match((await routeAt(serving)).versions, [{ share: 0.25 }, { share: 0.75 }]);
  t.match(await put(rules), { status: 412 });
  const counts = counted(clients);
  await eventually(() => (counts.get('v2') ?? 0) > 100, 'traffic of v2');
  clients.stop();
  await clients.over;
  t.same(clients.failures, []);
  t.same([...clients.answered.keys()], [200]);
});
