// What happens when the upstream closes an idle connection just as it is used again?
//
// A GET is sent once more and nobody notices. A POST must not be sent twice, whatever the race
// says. Behind an upstream that closes with an answer hardly one fails either, because the proxy
// gives the end of a connection time to arrive; behind one that closes at any instant the ones
// that crossed are lost with every proxy, and shown as a figure.
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startChild } from './support/children.ts';
import type { ClosingFigures } from './support/closing-origin.ts';
import { Connection } from './support/connection.ts';
import { unlessWhole } from './support/open-loop.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';

const lanes = 32;
const thinkMsMost = 12;
const isWhole = unlessWhole(2);
type Method = 'GET' | 'POST';

interface Tally {
  begun: number;
  readonly sent: Record<Method, number>;
  readonly failed: Record<Method, number>;
}

function requestOf(method: Method, id: number): string {
  const body = method === 'POST' ? 'Content-Length: 4\r\n\r\nonce' : '\r\n';
  return `${method} / HTTP/1.1\r\nHost: trial\r\nX-Id: ${id}\r\n${body}`;
}

/** Sends requests one after the other, now and then after a pause, until all are sent. */
async function lane(run: Run, port: number, requests: number, tally: Tally): Promise<void> {
  let connection = new Connection(port);
  while (tally.begun < requests) {
    const id = tally.begun++;
    const method = id % 3 === 0 ? 'POST' : 'GET';
    if (!connection.isUsable) connection = new Connection(port);
    const trouble = isWhole(await connection.exchange(requestOf(method, id)));
    tally.sent[method]++;
    if (trouble !== undefined && tally.failed[method]++ === 0) run.note(`${method}: ${trouble}`);
    if (id % 4 === 0) await wait(Math.random() * thinkMsMost);
  }
  connection.close();
}

/** An origin that closes as told, and what it says it has seen. */
async function startOrigin(after: 'answers' | 'idle', most: number) {
  const script = join(import.meta.dirname, 'support/closing-origin.ts');
  const child = startChild([script, after, String(most)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const figures = async () => {
    const [message] = await once(child, 'message');
    // The origin sends nothing else.
    return message as ClosingFigures;
  };
  const { port } = await figures();
  const end = async () => {
    child.send('figures');
    const last = await figures();
    child.disconnect();
    return last;
  };
  return { port, end };
}

async function race(run: Run, after: 'answers' | 'idle', most: number, requests: number) {
  const origin = await startOrigin(after, most);
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes: [{ name: shop, versions: { v1: { url: "http://127.0.0.1:${origin.port}" } } }]
`,
  });
  const tally: Tally = { begun: 0, sent: { GET: 0, POST: 0 }, failed: { GET: 0, POST: 0 } };
  await Promise.all(Array.from({ length: lanes }, () => lane(run, turnout.port, requests, tally)));
  const { connections, posts, repeated } = await origin.end();
  const retries = (await turnout.samples()).sum('turnout_retries_total');
  const { sent, failed } = tally;
  const how = after === 'idle' ? `when idle for 0 to ${most} ms` : `after ${most} answers`;
  run.did(
    `${sent.GET} GET and ${sent.POST} POST to an origin that closed ${connections} connections ` +
      `${how} (${retries} requests were sent again)`,
  );
  run.atMost(`failed GET, closed ${how}`, failed.GET, 0);
  run.atMost(`POST that arrived twice, closed ${how}`, repeated, 0);
  // Otherwise the origin has not counted what it should have.
  run.atLeast(`POST that arrived, closed ${how}`, posts, sent.POST - failed.POST);
  await turnout.checkAtRest(run);
  return { how, retries, failed, sent };
}

await trial('stale-keep-alive', 'is a request lost or repeated in the race?', async (run) => {
  const requests = run.pick(50_000, 6_000);
  const byAnswers = await race(run, 'answers', 20, requests);
  // The end must come within 3 ms of the answer: on a busy machine it does not always.
  const lost = (byAnswers.failed.POST / byAnswers.sent.POST) * 100;
  run.atMost(`failed POST, closed ${byAnswers.how}`, lost, run.pick(0.02, 1), '%');
  const byIdle = await race(run, 'idle', thinkMsMost, requests);
  run.note(`${byIdle.failed.POST} of ${byIdle.sent.POST} POST failed, closed ${byIdle.how}`);
  // Without a retry there was no race, and nothing was shown.
  run.atLeast('races', byIdle.retries, run.pick(100, 5));
});
