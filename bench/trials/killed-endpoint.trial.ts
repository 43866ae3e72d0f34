// What does it cost when one of three endpoints is killed, and comes back, over and over?
//
// Nothing for a request that may be repeated. One that may not is lost where it was under way
// there, and nowhere else: never a request that was sent after the death was known.
import { setTimeout as wait } from 'node:timers/promises';
import type { Result } from './support/connection.ts';
import { OpenLoop, unlessWhole } from './support/open-loop.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';

const bytes = 500;
const workMs = 5;
/** How long a proxy on a busy machine may take to read that its connections have ended. */
const knownMs = 250;

await trial('killed-endpoint', 'what is lost when an endpoint is killed?', async (run) => {
  const kills = run.pick(50, 8);
  const [getsPerSecond, postsPerSecond] = run.pick([1_000, 300], [300, 100]);
  const endpoints = await Promise.all(['a', 'b', 'c'].map((name) => Endpoint.start(name)));
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { urls: ${JSON.stringify(endpoints.map(({ url }) => url))} } }
`,
  });
  const { port } = turnout;
  const head = (method: string) =>
    `${method} /?bytes=${bytes}&wait=${workMs} HTTP/1.1\r\nHost: trial\r\n`;
  const get = `${head('GET')}\r\n`;
  const put = `${head('PUT')}Content-Length: 5\r\n\r\nagain`;
  const isWhole = unlessWhole(bytes);
  const repeatable = new OpenLoop({
    port,
    perSecond: getsPerSecond,
    connections: 64,
    requestAt: (index) => (index % 4 === 0 ? put : get),
    wrong: isWhole,
  });

  const sentAt: number[] = [];
  /** When the endpoint killed last was gone, its connections closed by the system. */
  let goneAt = Number.POSITIVE_INFINITY;
  let lostLate = 0;
  const wrongPost = (result: Result, index: number): string | undefined => {
    const trouble = isWhole(result);
    if (trouble !== undefined && (sentAt[index] ?? 0) > goneAt + knownMs) lostLate++;
    return trouble;
  };
  const others = new OpenLoop({
    port,
    perSecond: postsPerSecond,
    connections: 64,
    requestAt: (index) => {
      sentAt[index] = performance.now();
      return `${head('POST')}Content-Length: 4\r\n\r\nonce`;
    },
    wrong: wrongPost,
  });

  await wait(1_000);
  for (let kill = 0; kill < kills; kill++) {
    const endpoint = endpoints[kill % endpoints.length];
    goneAt = Number.POSITIVE_INFINITY;
    await endpoint?.kill();
    goneAt = performance.now();
    await wait(run.pick(1_000, 2 * knownMs));
    await endpoint?.restart();
    await wait(run.pick(500, 200));
  }
  const [gets, posts] = await Promise.all([repeatable.stop(), others.stop()]);
  for (const reason of gets.reasons) run.note(`GET or PUT: ${reason}`);
  for (const reason of posts.reasons) run.note(`POST: ${reason}`);
  const retries = (await turnout.samples()).sum('turnout_retries_total');
  run.did(
    `${kills} × kill -9 of one of three endpoints; ${gets.count} GET and PUT, ${posts.count} POST`,
  );
  run.atMost('failed GET and PUT', gets.failed, 0);
  run.atMost(`failed POST sent ${knownMs} ms or more after an endpoint was gone`, lostLate, 0);
  run.note(`${posts.failed} POST failed, under way where the kill struck; ${retries} retries`);
  await Promise.all(endpoints.map((endpoint) => endpoint.kill()));
  await turnout.checkAtRest(run);
});
