// Does a SIGTERM lose a request that was begun, or one that came while endpoints were leaving?
//
// Four kinds of clients: an open loop that stops while connections are still taken, as the
// endpoint of a terminating pod leaves its service; slow requests that are under way when the
// signal comes; clients that open a connection for each request until they are refused; and
// WebSockets, which are told that the other side goes away.
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from './support/connection.ts';
import { OpenLoop, unlessWhole } from './support/open-loop.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { type Endings, serveEchoes, talkUntilTold } from './support/talking-tunnels.ts';
import { trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';

const bytes = 1_000;
const pauseMs = 20;
const request = (waitMs: number) =>
  `GET /?bytes=${bytes}&wait=${waitMs} HTTP/1.1\r\nHost: trial\r\n\r\n`;

interface Tally {
  answered: number;
  readonly failures: string[];
}

/** Opens a connection for each request, now and then, until it is refused. */
async function openUntilRefused(port: number, tally: Tally): Promise<void> {
  const isWhole = unlessWhole(bytes);
  for (;;) {
    const connection = new Connection(port);
    const result = await connection.exchange(request(0));
    connection.close();
    if (result.kind === 'broken' && result.reason === 'refused') return;
    await wait(Math.random() * 2 * pauseMs);
    const trouble = isWhole(result);
    if (trouble === undefined) tally.answered++;
    else tally.failures.push(trouble);
  }
}

await trial('sigterm-under-load', 'does a SIGTERM lose a request?', async (run) => {
  const perSecond = run.pick(2_000, 300);
  const slowMs = run.pick(8_000, 1_000);
  const delayMs = run.pick(10_000, 2_000);
  const timeoutMs = run.pick(25_000, 12_000);
  const slow = 50;
  const openers = 8;
  const tunnels = run.pick(200, 50);
  const endings: Endings = { opened: 0, toldToGo: 0, originsTold: 0, echoes: 0, otherwise: [] };
  const chatPort = await serveEchoes(run.after, endings);
  const endpoint = await Endpoint.start('v1');
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes:
  - { name: chat, match: { path: /chat }, versions: { v1: { url: "http://127.0.0.1:${chatPort}" } } }
  - { name: shop, versions: { v1: { url: "${endpoint.url}" } } }
`,
    flags: ['--drain-delay', `${delayMs}ms`, '--drain-timeout', `${timeoutMs}ms`],
  });
  const { port } = turnout;
  const isWhole = unlessWhole(bytes);
  const load = new OpenLoop({
    port,
    perSecond,
    connections: 64,
    requestAt: () => request(0),
    wrong: isWhole,
  });
  const talking = Array.from({ length: tunnels }, () => talkUntilTold(port, endings));
  await wait(run.pick(3_000, 1_000));
  const slowOnes = Array.from({ length: slow }, () =>
    new Connection(port).exchange(request(slowMs)),
  );
  const opened: Tally = { answered: 0, failures: [] };
  const opening = Array.from({ length: openers }, () => openUntilRefused(port, opened));
  await wait(slowMs / 4);

  const signalAt = performance.now();
  turnout.child.kill('SIGTERM');
  await wait(delayMs / 2);
  const figures = await load.stop();
  const slowResults = await Promise.all(slowOnes);
  await Promise.all([...opening, ...talking]);
  const { code, signal } = await turnout.ended;
  const tookMs = performance.now() - signalAt;

  const slowFailures = slowResults.map(isWhole).filter((trouble) => trouble !== undefined);
  for (const reason of [
    ...figures.reasons,
    ...slowFailures,
    ...opened.failures,
    ...endings.otherwise,
  ]) {
    run.note(reason);
  }
  run.did(
    `SIGTERM at ${perSecond} requests a second (${figures.count} in all), with ${slow} requests of ` +
      `${slowMs} ms under way, ${openers} clients that opened ${opened.answered} connections and ` +
      `${endings.opened} WebSockets`,
  );
  run.atMost('failed requests', figures.failed, 0);
  run.atMost('failed slow requests', slowFailures.length, 0);
  // A system resets what it has connected and nobody has accepted when the port closes; no
  // program can take the last one in and close in one step.
  run.atMost('failed requests of those that went on until refused', opened.failures.length, 1);
  run.atLeast('WebSockets that were told 1001', endings.toldToGo, tunnels);
  run.atLeast('WebSockets whose origin was told 1001', endings.originsTold, tunnels);
  run.atLeast('words that came back over WebSockets', endings.echoes, tunnels);
  run.atMost('exit code', code ?? Number.NaN, 0);
  run.atMost('time until it had ended', tookMs / 1_000, timeoutMs / 1_000, 's');
  if (signal !== null) run.note(`ended by ${signal}`);
  await endpoint.kill();
});
