import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Test, test } from 'tap';
import type { VersionView } from '#core/endpoints/version-view';
import { eventually } from '../support/eventually.ts';
import { steadyClients } from '../support/steady-clients.ts';
import { type Serving, startServing } from '../support/turnout-process.ts';

/** A service that says where it is, also to those who check it. */
async function service(t: Test, name: string, at = 0) {
  const server = http.createServer((_request, response) => response.end(name));
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const die = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  t.teardown(die);
  return { port, die };
}

async function viewOf({ adminPort }: Serving): Promise<VersionView | undefined> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/api/v1/endpoints?route=shop`);
  const { versions } = (await answer.json()) as { readonly versions: readonly VersionView[] };
  return versions[0];
}

for (const workers of [1, 2]) {
  test(`an endpoint may die and come back: with ${workers} ${workers === 1 ? 'process' : 'workers'} no request is lost`, async (t) => {
    const [stays, dies] = [await service(t, 'stays'), await service(t, 'dies')];
    const rules = `apiVersion: turnout/v1
routes:
  - name: shop
    health: { path: /, interval: 500ms } # requests meet the dead one before a check does
    versions:
      v1: { urls: ["http://127.0.0.1:${stays.port}", "http://localhost:${dies.port}"] }
`;
    const flags = ['--workers', String(workers), '--log-level', 'warn'];
    const serving = await startServing(t, rules, flags);
    const clients = steadyClients(t, serving.port, 4);
    const bodies = new Set<string>();
    clients.onAnswer = (body) => bodies.add(body);
    await eventually(() => bodies.size === 2, 'both answer');
    await dies.die();
    const isDown = async () => {
      const { endpoints = [] } = (await viewOf(serving)) ?? {};
      const dead = endpoints.filter(({ url }) => url.includes('localhost'));
      return dead.length > 0 && dead.every(({ seen }) => seen.unhealthy === workers);
    };
    await eventually(isDown, 'every process has found out');
    await serving.says('endpoint_failed');
    await service(t, 'back', dies.port);
    bodies.clear();
    await eventually(() => bodies.has('back'), 'it is asked again');
    clients.stop();
    await clients.over;
    t.same(clients.failures, []);
    t.same([...clients.answered.keys()], [200]);
    const metrics = await (await fetch(`http://127.0.0.1:${serving.adminPort}/metrics`)).text();
    const shows = (line: RegExp) => t.ok(line.test(metrics), String(line));
    shows(/^turnout_endpoints\{[^}]*state="healthy"[^}]*\} [1-9]/m);
    shows(/^turnout_retries_total\{[^}]*reason="(connect|stale)"[^}]*\} [1-9]/m);
  });
}
