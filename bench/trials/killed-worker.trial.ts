// What does it cost when a worker is killed, over and over, while documents change?
//
// What the worker had under way, and nothing else: connections that wait at the port are taken by
// another one, no counter falls, and whoever takes its place serves what all serve.
import { setTimeout as wait } from 'node:timers/promises';
import { OpenLoop, unlessWhole } from './support/open-loop.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import { until } from './support/until.ts';

const bytes = 500;
const workMs = 5;
const workers = 2;

interface Worker {
  readonly worker: number;
  readonly pid: number;
  readonly state: string;
  readonly connections?: number;
}

async function workersOf({ adminPort }: Turnout): Promise<readonly Worker[]> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/api/v1/workers`);
  return ((await response.json()) as { readonly workers: readonly Worker[] }).workers;
}

await trial('killed-worker', 'what is lost when a worker is killed?', async (run) => {
  const kills = run.pick(60, 4);
  const pauseMs = run.pick(4_000, 1_500);
  const perSecond = run.pick(1_000, 300);
  const endpoint = await Endpoint.start('v1');
  const rules = (document: number) => `apiVersion: turnout/v1
routes:
  - name: shop
    headers: { response: { set: { x-document: "${document}" } } }
    versions: { v1: { url: "${endpoint.url}" } }
`;
  const turnout = await Turnout.start(run, {
    rules: rules(0),
    flags: ['--workers', String(workers), '--log-level', 'info'],
  });
  const load = new OpenLoop({
    port: turnout.port,
    perSecond,
    connections: 64,
    requestAt: () => `GET /?bytes=${bytes}&wait=${workMs} HTTP/1.1\r\nHost: trial\r\n\r\n`,
    wrong: unlessWhole(bytes),
  });

  let connections = 0;
  let underWay = 0;
  let slowestMs = 0;
  let spreadMs = 0;
  let disagreed = 0;
  const fallen: string[] = [];
  const marks = new Map<string, number>();
  const lookAtCounters = async () => {
    fallen.push(...(await turnout.samples()).fallenBelow(marks));
  };
  for (let kill = 1; kill <= kills; kill++) {
    await wait(pauseMs / 2);
    await lookAtCounters();
    const victim = (await workersOf(turnout))[kill % workers];
    connections += victim?.connections ?? 0;
    underWay += load.inFlight;
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    const killedAt = performance.now();
    const isReplaced = async () => {
      await lookAtCounters();
      const serving = (await workersOf(turnout)).filter(({ state }) => state === 'serving');
      return serving.length === workers && serving.every(({ pid }) => pid !== victim?.pid);
    };
    await until(isReplaced, 20_000);
    slowestMs = Math.max(slowestMs, performance.now() - killedAt);

    turnout.writeRules(rules(kill));
    const agreed = new RegExp(`"workers_agreed","generation":${kill + 1},.*"spreadMs":([\\d.]+)`);
    if (!(await until(() => agreed.test(turnout.log), 10_000))) disagreed++;
    spreadMs = Math.max(spreadMs, Number(agreed.exec(turnout.log)?.[1] ?? 0));
    await wait(pauseMs / 2);
  }
  const figures = await load.stop();
  const samples = await turnout.samples();
  const counted = samples.sum('turnout_requests_total');
  for (const reason of [...figures.reasons, ...fallen]) run.note(reason);

  run.did(
    `${kills} × kill -9 of one of ${workers} workers, and as many reloads; ${figures.count} ` +
      `requests at ${perSecond} a second`,
  );
  // Each connection had one under way, or sent one before its end was read.
  run.atMost('failed requests, one for each connection', figures.failed, connections);
  run.note(`${underWay} requests were under way when workers were killed`);
  run.atMost('series that went backwards', fallen.length, 0);
  // What a worker counts it tells once a second.
  const untold = figures.count - figures.failed - counted;
  run.atMost('requests answered and not counted', untold, kills * perSecond);
  run.atLeast('workers replaced', samples.sum('turnout_worker_restarts_total'), kills);
  const replaced = `longest time until another one served: ${slowestMs.toFixed(0)} ms`;
  if (run.isShort) run.note(replaced);
  else run.atMost('longest time until another one served', slowestMs / 1_000, 1, 's');
  run.atMost('documents on which workers did not agree', disagreed, 0);
  run.atMost('longest time in which two workers served different documents', spreadMs, 100, 'ms');
  run.note(`${turnout.resident().toFixed(0)} MiB resident, workers included`);
  await endpoint.kill();
  await turnout.checkAtRest(run);
});
