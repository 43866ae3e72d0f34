// Does a version that becomes slow slow down the others?
import { setTimeout as wait } from 'node:timers/promises';
import { GoodClients } from './support/good-clients.ts';
import { OpenLoop, unlessWhole } from './support/open-loop.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';

const bytes = 1_000;
const slowMs = 2_000;

await trial('slow-version', 'does a slow version slow down the others?', async (run) => {
  const perSecond = run.pick(500, 200);
  const slowPerSecond = run.pick(300, 100);
  const spanMs = run.pick(15_000, 3_000);
  const [v1, v2] = await Promise.all([Endpoint.start('v1'), Endpoint.start('v2')]);
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes:
  - name: shop
    audiences: [{ name: testers, when: { query: { tester: "1" } }, version: v2 }]
    versions: { v1: { url: "${v1.url}" }, v2: { url: "${v2.url}", weight: 0 } }
`,
  });
  const others = new GoodClients(run, {
    port: turnout.port,
    perSecond,
    connections: 64,
    target: `/?bytes=${bytes}`,
    bytes,
  });
  let waitMs = 0;
  const testers = new OpenLoop({
    port: turnout.port,
    perSecond: slowPerSecond,
    connections: 2_000,
    requestAt: () => `GET /?tester=1&bytes=${bytes}&wait=${waitMs} HTTP/1.1\r\nHost: trial\r\n\r\n`,
    wrong: unlessWhole(bytes),
  });
  await wait(spanMs / 2);
  await others.lap();
  await wait(spanMs);
  const before = await others.lap();
  waitMs = slowMs;
  // Until as many wait as ever will.
  await wait(slowMs);
  await others.lap();
  await wait(spanMs);
  const during = await others.stop();
  const inFlight = (await turnout.samples()).sum('turnout_in_flight_requests', 'version="v2"');
  const slow = await testers.stop();

  for (const { reasons } of [before, during, slow]) for (const reason of reasons) run.note(reason);
  run.did(
    `${before.count + during.count} requests to one version while ${slow.count} went to another ` +
      `that answered at once and then after ${slowMs} ms`,
  );
  run.atMost('failed requests of the others', before.failed + during.failed, 0);
  run.atMost('failed requests of the slow version', slow.failed, 0);
  run.slowdown('beside a slow version', before, during, 1.2);
  // Otherwise nothing was slow.
  run.atLeast('in flight to the slow version', inFlight, slowPerSecond);
  await turnout.checkAtRest(run);
  await Promise.all([v1.kill(), v2.kill()]);
});
