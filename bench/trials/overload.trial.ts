// What does a proxy do that is asked three times as much as it can?
//
// It should go on answering about as many as it can, and refuse the others at once. Conditions
// make each request dear here, so that three times the capacity is a load that a test can make.
import { setTimeout as wait } from 'node:timers/promises';
import { Connection, type Result } from './support/connection.ts';
import { Latencies } from './support/latencies.ts';
import { OpenLoop, unlessWhole } from './support/open-loop.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import { wellAgainAfter } from './support/well-again.ts';

const bytes = 100;
const conditions = 800;
/** An answer that comes later than this is no good to anybody. */
const goodMs = 1_000;
const value = 'ab'.repeat(1_000);
const request = `GET /?bytes=${bytes} HTTP/1.1\r\nHost: trial\r\nX-Dear: ${value}\r\n\r\n`;
const isWhole = unlessWhole(bytes);

/** Each audience costs every request a search through the value, and none of them holds. */
function rulesOf(url: string): string {
  const audiences = Array.from(
    { length: conditions },
    (_, index) =>
      `      - { name: a${index}, when: { header: { x-dear: { regex: "(a|b|c${index})+z" } } }, version: v1 }`,
  );
  return `apiVersion: turnout/v1
routes:
  - name: shop
    unit: request
    audiences:
${audiences.join('\n')}
    versions: { v1: { url: "${url}" } }
`;
}

/** Asks as fast as answers come. Returns the rate. */
async function peakOf(port: number, forMs: number): Promise<number> {
  const startedAt = performance.now();
  let answered = 0;
  const lane = async () => {
    let connection = new Connection(port);
    while (performance.now() - startedAt < forMs) {
      if (!connection.isUsable) connection = new Connection(port);
      if (isWhole(await connection.exchange(request)) === undefined) answered++;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  return answered / ((performance.now() - startedAt) / 1_000);
}

function isRefusal(result: Result): boolean {
  return result.kind === 'answer' && result.status === 503 && /shed|overflow/.test(result.text);
}

await trial('overload', 'what does it do with three times what it can?', async (run) => {
  const forMs = run.pick(60_000, 8_000);
  const endpoint = await Endpoint.start('v1');
  const turnout = await Turnout.start(run, { rules: rulesOf(endpoint.url) });
  await peakOf(turnout.port, run.pick(5_000, 2_000));
  const peak = await peakOf(turnout.port, run.pick(10_000, 3_000));

  const answers = { good: 0, late: 0, other: 0 };
  const refusals = new Latencies();
  const perSecond = Math.round(3 * peak);
  const load = new OpenLoop({
    port: turnout.port,
    perSecond,
    connections: 5_000,
    withinMs: goodMs,
    requestAt: () => request,
    wrong: (result, _index, ms) => {
      if (isRefusal(result)) refusals.add(ms);
      else if (isWhole(result) === undefined) answers[ms > goodMs ? 'late' : 'good']++;
      else answers.other++;
      return undefined;
    },
  });
  await wait(forMs);
  const asked = load.lap().count;
  const refused = refusals.take();
  load.abandon();

  const gentle = {
    port: turnout.port,
    perSecond: Math.round(peak / 2),
    connections: 64,
    withinMs: goodMs,
    requestAt: () => request,
    wrong: isWhole,
  };
  const wellMs = await wellAgainAfter(gentle, 60_000);

  run.did(
    `${perSecond} requests a second for ${forMs / 1_000} s, where ${Math.round(peak)} are the most`,
  );
  const goodShare = (answers.good / (forMs / 1_000) / peak) * 100;
  // Whoever is not served is told so: nobody has to find out by waiting.
  const unansweredShare = ((answers.late + answers.other) / asked) * 100;
  if (run.isShort) {
    run.note(`good answers, of the most: ${goodShare.toFixed(0)} %`);
    run.note(`without an answer for ${goodMs} ms: ${unansweredShare.toFixed(0)} % of ${asked}`);
  } else {
    run.atLeast('good answers, of the most', goodShare, 80, '%');
    run.atMost(`without an answer for ${goodMs} ms`, unansweredShare, 5, '%');
  }
  if (refused.count > 0) run.timeAtMost('p99 of the refusals', refused.p99Ms, 100);
  run.note(`${answers.good} good answers, ${refused.count} refusals`);
  run.atMost('well again after', wellMs / 1_000, run.pick(5, 60), 's');
  await turnout.checkAtRest(run);
  await endpoint.kill();
});
