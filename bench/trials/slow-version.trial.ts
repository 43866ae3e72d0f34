// Does a version that becomes slow, or takes copies and says nothing, slow down the others?
//
// One that holds more requests than its limit allows is asked no more, and says so at once; its
// copies are not copied. Whoever goes elsewhere notices neither.
import { setTimeout as wait } from 'node:timers/promises';
import type { Result } from './support/connection.ts';
import { GoodClients } from './support/good-clients.ts';
import { MoodyOrigin } from './support/moody-origin.ts';
import { OpenLoop, unlessWhole } from './support/open-loop.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';

const bytes = 1_000;
const slowMs = 2_000;
const inFlightMost = 150;
const isWhole = unlessWhole(bytes);

/** With a version that has all it may have, nothing but that may be the answer. */
function unlessFull(result: Result): string | undefined {
  const isFull = result.kind === 'answer' && result.status === 503;
  return isFull && result.text.includes('"overflow"') ? undefined : isWhole(result);
}

function good(run: Run, port: number, path: string): GoodClients {
  return new GoodClients(run, {
    port,
    perSecond: run.pick(500, 200),
    connections: 64,
    target: `${path}?bytes=${bytes}`,
    bytes,
  });
}

async function besideSlow(run: Run, turnout: Turnout, spanMs: number): Promise<void> {
  const others = good(run, turnout.port, '/');
  const slowPerSecond = run.pick(300, 120);
  let waitMs = 0;
  let full = 0;
  const testers = new OpenLoop({
    port: turnout.port,
    perSecond: slowPerSecond,
    connections: 2_000,
    requestAt: () => `GET /?tester=1&bytes=${bytes}&wait=${waitMs} HTTP/1.1\r\nHost: trial\r\n\r\n`,
    wrong: (result) => {
      if (result.kind === 'answer' && result.status === 503) full++;
      return unlessFull(result);
    },
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
  const during = await others.lap();
  const samples = await turnout.samples();
  const inFlight = samples.sum('turnout_in_flight_requests', 'version="v2"');
  waitMs = 0;
  await wait(slowMs);
  await others.lap();
  await wait(spanMs / 2);
  const after = await others.stop();
  const slow = await testers.stop();

  for (const { reasons } of [before, during, after, slow])
    for (const reason of reasons) run.note(reason);
  run.did(
    `${before.count + during.count} requests to one version while ${slow.count} went to another ` +
      `that answered at once and then after ${slowMs} ms (${full} were refused, it was full)`,
  );
  run.atMost('failed requests of the others', before.failed + during.failed + after.failed, 0);
  run.atMost('failed requests of the slow version', slow.failed, 0);
  run.slowdown('beside a slow version', [before, after], during, 1.2);
  // Otherwise nothing was slow.
  run.atLeast('in flight to the slow version', inFlight, inFlightMost);
  run.atLeast('refused because it was full', full, 1);
}

async function besideSilentCopies(
  run: Run,
  turnout: Turnout,
  shadow: MoodyOrigin,
  spanMs: number,
): Promise<void> {
  const originals = good(run, turnout.port, '/mirrored');
  await wait(spanMs / 2);
  await originals.lap();
  await wait(spanMs);
  const before = await originals.lap();
  const residentBefore = turnout.resident();
  shadow.mood = 'silent';
  await wait(spanMs / 4);
  await originals.lap();
  await wait(spanMs);
  const during = await originals.lap();
  shadow.end();
  shadow.mood = 'well';
  await wait(spanMs / 2);
  const after = await originals.stop();

  for (const { reasons } of [before, during, after]) for (const reason of reasons) run.note(reason);
  run.did(
    `${before.count + during.count} requests with ${shadow.requests} copies to a version that ` +
      'answered and then said nothing',
  );
  run.atMost('failed originals', before.failed + during.failed + after.failed, 0);
  run.slowdown('beside copies that are not answered', [before, after], during, 1.2);
  run.atMost('memory more than before', turnout.resident() - residentBefore, 30, 'MiB');
  // Otherwise nothing was copied.
  run.atLeast('copies', shadow.requests, 100);
}

await trial('slow-version', 'does a slow version slow down the others?', async (run) => {
  const spanMs = run.pick(15_000, 2_000);
  const [v1, v2] = await Promise.all([Endpoint.start('v1'), Endpoint.start('v2')]);
  const shadow = await MoodyOrigin.start(run.after);
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes:
  - name: mirrored
    match: { path: /mirrored }
    mirror: { to: shadow }
    versions: { v1: { url: "${v1.url}" }, shadow: { url: "${shadow.url}", weight: 0 } }
  - name: shop
    audiences: [{ name: testers, when: { query: { tester: "1" } }, version: v2 }]
    limits: { connections: ${inFlightMost}, inFlight: ${inFlightMost}, waiting: 20, wait: 500ms }
    versions: { v1: { url: "${v1.url}" }, v2: { url: "${v2.url}", weight: 0 } }
`,
  });
  await besideSlow(run, turnout, spanMs);
  await besideSilentCopies(run, turnout, shadow, spanMs);
  await turnout.checkAtRest(run);
  await Promise.all([v1.kill(), v2.kill()]);
});
