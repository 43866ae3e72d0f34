// How long after an abort does the last request come to the version, with 4 workers under load?
//
// The version itself says when its last request came; the abort begins when its command is sent.
import { setTimeout as wait } from 'node:timers/promises';
import { OpenLoop, unlessWhole } from './support/open-loop.ts';
import { RolloutApi } from './support/rollout-api.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import { until } from './support/until.ts';

const bytes = 500;

await trial('abort', 'how long does a version get requests after an abort?', async (run) => {
  const aborts = run.pick(20, 2);
  const perSecond = run.pick(1_500, 300);
  const [v1, v2] = [await Endpoint.start('v1'), await Endpoint.start('v2')];
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "${v1.url}" }, v2: { url: "${v2.url}", weight: 0 } }
    rollout: { strategy: canary, from: v1, to: v2, steps: [{ weight: 50%, for: 1h }], judge: off }
`,
    flags: ['--workers', '4'],
  });
  const api = new RolloutApi(turnout.adminPort);
  const load = new OpenLoop({
    port: turnout.port,
    perSecond,
    connections: 64,
    requestAt: () => `GET /?bytes=${bytes} HTTP/1.1\r\nHost: trial\r\n\r\n`,
    wrong: unlessWhole(bytes),
  });
  const times: number[] = [];
  let sentSince = 0;
  let refused = 0;
  for (let abort = 0; abort < aborts; abort++) {
    const { requests } = await v2.told();
    await until(async () => (await v2.told()).requests > requests + perSecond / 4, 10_000);
    const abortedAt = performance.timeOrigin + performance.now();
    if ((await api.act('shop', 'abort')) !== 200) refused++;
    await wait(500);
    const last = await v2.told();
    times.push(last.lastAt - abortedAt);
    const { versions } = await api.route('shop');
    sentSince += versions.find(({ version }) => version === 'v2')?.leaving?.sentSince ?? 1;
    if (last.requests !== (await v2.told()).requests) refused++;
    if ((await api.act('shop', 'resume')) !== 200) refused++;
  }
  const figures = await load.stop();
  for (const reason of figures.reasons) run.note(reason);
  times.sort((a, b) => a - b);
  run.did(`${aborts} aborts at ${perSecond} requests a second to 4 workers, half to the version`);
  run.timeAtMost('from the abort to the last request, at most', times.at(-1) ?? Number.NaN, 50);
  run.note(`half of them within ${(times[Math.floor(times.length / 2)] ?? 0).toFixed(1)} ms`);
  run.atMost('requests sent since, as status tells', sentSince, 0);
  run.atMost('commands that did not do what they should', refused, 0);
  run.atMost('failed requests', figures.failed, 0);
  for (const endpoint of [v1, v2]) await endpoint.kill();
  await turnout.checkAtRest(run);
});
