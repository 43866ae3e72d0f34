// How much more load do retries make when a whole version is down, and is it well again soon?
//
// A version whose endpoints all fail is asked hardly more often than clients ask: the budget of
// its route, a fifth of the requests and ten a second, is all that retries may add. What was not
// used may be used for ten seconds: the whole form counts from when that is over.
import { setTimeout as wait } from 'node:timers/promises';
import type { Result } from './support/connection.ts';
import { type Mood, MoodyOrigin } from './support/moody-origin.ts';
import { OpenLoop, type OpenLoopOptions, unlessWhole } from './support/open-loop.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import { wellAgainAfter } from './support/well-again.ts';

const budget = 0.2;
const freePerSecond = 10;
const savedForMs = 10_000;
const firstByteMs = 500;
const isWell = unlessWhole(2);

/** While the version is down any 5xx of the right kind is what clients are to get. */
function unlessDown(statuses: readonly number[]) {
  return (result: Result): string | undefined =>
    result.kind === 'answer' && statuses.includes(result.status) ? undefined : isWell(result);
}

interface Storm {
  readonly turnout: Turnout;
  readonly origins: readonly MoodyOrigin[];
  readonly perSecond: number;
  readonly stormMs: number;
  /** How much of the storm is not counted. */
  readonly leadMs: number;
}

async function storm(run: Run, mood: Mood, statuses: readonly number[], the: Storm): Promise<void> {
  const { turnout, origins, perSecond, stormMs, leadMs } = the;
  const options = (wrong: (result: Result) => string | undefined): OpenLoopOptions => ({
    port: turnout.port,
    perSecond,
    connections: 2_000,
    requestAt: () => 'GET / HTTP/1.1\r\nHost: trial\r\n\r\n',
    wrong,
  });
  const arrived = () => origins.reduce((sum, origin) => sum + origin.requests, 0);
  const setMood = (each: Mood) => {
    for (const origin of origins) origin.mood = each;
  };
  const quiet = new OpenLoop(options(isWell));
  await wait(stormMs / 10);
  const before = await quiet.stop();
  const residentBefore = turnout.resident();

  setMood(mood);
  const stormy = new OpenLoop(options(unlessDown(statuses)));
  await wait(leadMs);
  const lead = stormy.lap();
  const arrivedBefore = arrived();
  await wait(stormMs / 2);
  const residentMidway = turnout.resident();
  await wait(stormMs / 2);
  const during = await stormy.stop();
  const amplification = (arrived() - arrivedBefore) / during.count;
  const residentAfter = turnout.resident();

  setMood('well');
  const wellMs = await wellAgainAfter(options(isWell), 15_000);

  const failed = before.failed + lead.failed + during.failed;
  for (const reason of [...before.reasons, ...lead.reasons, ...during.reasons])
    run.note(`${mood}: ${reason}`);
  run.did(`all endpoints ${mood} for ${stormMs / 1_000} s under ${during.count} requests`);
  run.atMost(`${mood}: failed before, or other answers`, failed, 0);
  const savedSeconds = Math.max(0, savedForMs - leadMs) / 1_000;
  const retries = (budget * perSecond + freePerSecond) * (stormMs / 1_000 + savedSeconds);
  const allowed = 1 + retries / ((perSecond * stormMs) / 1_000);
  run.atMost(`${mood}: asked, in terms of what clients ask`, amplification, allowed, '×');
  if (mood === 'unavailable') {
    // Otherwise nothing was retried, and nothing was shown.
    run.atLeast('retries that were made', amplification - 1, 0.05, '× the requests');
    // The others were asked for again after a pause, of a quarter of a second at most.
    run.timeAtMost('half of the 503 came within', during.p50Ms, 50);
  }
  run.atMost(`${mood}: memory more than before`, residentAfter - residentBefore, 40, 'MiB');
  run.atMost(`${mood}: memory more than midway`, residentAfter - residentMidway, 20, 'MiB');
  run.atMost(`${mood}: well again after`, wellMs / 1_000, 10, 's');
}

await trial('retry-storm', 'how much load do retries add when all is down?', async (run) => {
  const origins = await Promise.all([1, 2, 3].map(() => MoodyOrigin.start(run.after)));
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes:
  - name: shop
    timeouts: { firstByte: ${firstByteMs}ms }
    retries: { attempts: 1, statuses: [503], budget: ${budget * 100}% }
    versions: { v1: { urls: ${JSON.stringify(origins.map(({ url }) => url))} } }
`,
  });
  const the = {
    turnout,
    origins,
    perSecond: run.pick(500, 200),
    stormMs: run.pick(60_000, 4_000),
    leadMs: run.pick(savedForMs, 0),
  };
  await storm(run, 'unavailable', [503], the);
  await storm(run, 'silent', [502, 503, 504], the);
  await turnout.checkAtRest(run);
});
