// Does the judge see through the real proxy what it sees in simulations?
//
// Twenty routes at once, each a release of its own, for each of three cases: a version as good as
// the stable one, one that fails three times as often, and one that always fails. The bugs of a
// judge are in the counting.
import { setTimeout as wait } from 'node:timers/promises';
import { OpenLoop } from './support/open-loop.ts';
import { RolloutApi, type ToldRoute } from './support/rollout-api.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';

const share = 0.1;

interface Case {
  readonly name: string;
  /** Share of errors of the candidate; the stable version has 1 %. */
  readonly errors: number;
  readonly seconds: number;
}

await trial('bad-canary', 'does the judge see through the proxy what it should?', async (run) => {
  const routes = run.pick(20, 4);
  const perRoute = run.pick(100, 50);
  const stable = await Endpoint.start('v1', 0.01);
  const cases: readonly Case[] = [
    { name: 'equal', errors: 0.01, seconds: run.pick(120, 10) },
    { name: 'threefold', errors: 0.03, seconds: run.pick(220, 1) },
    { name: 'dead', errors: 1, seconds: run.pick(10, 6) },
  ];
  const requests: Record<string, readonly ToldRoute[]> = {};
  for (const one of cases) {
    requests[one.name] = await released(run, one, stable, routes, perRoute);
  }
  await stable.kill();
  const { equal = [], threefold = [], dead = [] } = requests;
  run.did(
    `${routes} releases each of a version that fails 1, 3 and 100 % beside one that fails 1 %, ` +
      `${perRoute} requests a second, a tenth to the new one, margin 1, alpha 0.05`,
  );
  // At most 5 % are wrong; of 20, more than 3 would be so in 1.6 % of trials.
  run.atMost('good versions that were sent back', sentBack(equal).length, 3);
  const deadFailures = dead.map((route) => candidate(route).failures).toSorted((a, b) => a - b);
  run.atLeast('dead versions that were sent back', sentBack(dead).length, routes);
  run.note(`dead versions were out after ${deadFailures.join(', ')} failed requests`);
  const late = deadFailures.filter((failures) => failures > 5).length;
  run.atMost('dead versions out after more than 5 failed requests', late, 0);
  if (run.isShort) return;
  const took = threefold.map((route) => candidate(route).requests).toSorted((a, b) => a - b);
  run.atLeast('threefold versions that were sent back', sentBack(threefold).length, routes - 1);
  run.note(`threefold versions were out after ${took.join(', ')} of their requests`);
  run.atMost('requests of 95 % of the threefold', took[Math.ceil(0.95 * routes) - 1] ?? 0, 1_100);
});

/** Runs as many releases as there are routes, until all are sent back or the time is over. */
async function released(
  run: Run,
  { name, errors, seconds }: Case,
  stable: Endpoint,
  routes: number,
  perRoute: number,
): Promise<readonly ToldRoute[]> {
  const candidates = await Endpoint.start('v2', errors);
  const rules = Array.from(
    { length: routes },
    (_, index) => `
  - name: ${name}-${index}
    match: { host: r${index}.example.com }
    unit: request
    versions: { v1: { url: "${stable.url}" }, v2: { url: "${candidates.url}", weight: 0 } }
    ejection: off
    rollout:
      strategy: canary
      from: v1
      to: v2
      steps: [{ weight: ${share * 100}%, for: 1h }]
      judge: { alpha: 0.05, latency: off, errors: { margin: 1 } }`,
  );
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1\nroutes:${rules.join('')}\n`,
  });
  const api = new RolloutApi(turnout.adminPort);
  const load = new OpenLoop({
    port: turnout.port,
    perSecond: perRoute * routes,
    connections: 64,
    requestAt: (index) => `GET / HTTP/1.1\r\nHost: r${index % routes}.example.com\r\n\r\n`,
    wrong: () => undefined,
  });
  const until = performance.now() + seconds * 1_000;
  let told: readonly ToldRoute[] = [];
  while (performance.now() < until) {
    await wait(500);
    told = await api.routes();
    if (sentBack(told).length === routes) break;
  }
  await load.stop();
  await candidates.kill();
  turnout.child.kill('SIGKILL');
  return told;
}

function sentBack(routes: readonly ToldRoute[]): readonly ToldRoute[] {
  return routes.filter(({ rollout }) => rollout?.phase === 'rolled_back');
}

function candidate({ versions }: ToldRoute) {
  const found = versions.find(({ version }) => version === 'v2');
  if (found === undefined) throw new Error('there is no v2');
  return found;
}
