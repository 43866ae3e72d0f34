// Does a process that is killed in a rollout come back at the step where it was?
//
// At random moments, with steps of a fifth of a second, commands in between, and versions that
// fail: what it told last must not be ahead of what it has written, and what it has written is
// where it goes on.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { killChild } from './support/children.ts';
import { OpenLoop } from './support/open-loop.ts';
import { RolloutApi, type ToldRollout } from './support/rollout-api.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';

const steps = Array.from({ length: 40 }, (_, i) => `{ weight: ${i + 1}%, for: 200ms, atMost: 1h }`);
const verbs = ['pause', 'resume', 'promote', 'abort', 'resume', 'undo', 'resume'] as const;

/** For a while nobody judges, then somebody who only tells, then one who sends v2 back. */
const judges = ['off', '{ dryRun: true }', '{ minUnits: 5 }'] as const;

/** What is in the ledger, as anybody can read it. */
interface Written {
  readonly rollouts: Readonly<Record<string, { readonly state: ToldRollout }>>;
  readonly revisions: readonly { readonly revision: number }[];
}

/** What was found wrong, and how often. */
interface Found {
  unreadable: number;
  ahead: number;
  elsewhere: number;
  pastFailure: number;
  commands: number;
}

await trial('killed-rollout', 'does a killed process come back at its step?', async (run) => {
  const kills = run.pick(200, 5);
  const directory = mkdtempSync(join(tmpdir(), 'turnout-state-'));
  run.after(() => rmSync(directory, { recursive: true }));
  const endpoints = [await Endpoint.start('v1'), await Endpoint.start('v2', 0.02)] as const;
  const found = { unreadable: 0, ahead: 0, elsewhere: 0, pastFailure: 0, commands: 0 };
  let steps = 0;
  for (let kill = 0; kill < kills; kill++) {
    steps += await once(run, directory, kill, endpoints, found);
  }
  run.did(`${kills} × kill -9 in a rollout, after ${steps} steps and ${found.commands} commands`);
  run.atMost('ledgers that could not be read', found.unreadable, 0);
  run.atMost('times that more was told than was written', found.ahead, 0);
  run.atMost('times that it went on elsewhere', found.elsewhere, 0);
  run.atMost('times that it went on after a failure', found.pastFailure, 0);
  run.atLeast('steps that were taken', steps, kills);
  for (const endpoint of endpoints) await endpoint.kill();
});

/** One life of a process. Returns how many steps it took. */
async function once(
  run: Run,
  directory: string,
  kill: number,
  [v1, v2]: readonly [Endpoint, Endpoint],
  found: Found,
): Promise<number> {
  const before = kill === 0 ? undefined : written(directory);
  if (kill > 0 && before === undefined) found.unreadable++;
  const rules = `apiVersion: turnout/v1
routes:
  - name: shop
    unit: request
    versions: { v1: { url: "${v1.url}" }, v2: { url: "${v2.url}", weight: 0 } }
    rollout:
      strategy: canary
      from: v1
      to: v2
      steps: [${steps.join(', ')}]
      judge: ${judges[Math.floor(kill / 5) % judges.length]}
`;
  const turnout = await Turnout.start(run, { rules, flags: ['--state-dir', directory] });
  const api = new RolloutApi(turnout.adminPort);
  const first = await api.rollout('shop');
  if (before !== undefined && !isWhere(before, first)) {
    found.elsewhere++;
    run.note(`was ${shown(stateIn(before))}, is ${shown(first)}`);
  }
  if (before !== undefined && isPastFailure(before, first)) found.pastFailure++;
  const load = new OpenLoop({
    port: turnout.port,
    perSecond: 100,
    connections: 16,
    requestAt: () => 'GET /?bytes=10 HTTP/1.1\r\nHost: trial\r\n\r\n',
    wrong: () => undefined,
  });
  const begunAt = await api.revision();
  const told = await disturbed(api, found);
  await killChild(turnout.child);
  load.abandon();
  const last = written(directory)?.revisions.at(-1)?.revision ?? 0;
  if (last < told) {
    found.ahead++;
    run.note(`told revision ${told}, written ${last}`);
  }
  return told - begunAt;
}

/** Lets a rollout go on for a while, with commands in between. Returns the last revision told. */
async function disturbed(api: RolloutApi, found: Found): Promise<number> {
  let told = 0;
  const until = performance.now() + 200 + Math.random() * 1_300;
  while (performance.now() < until) {
    if (Math.random() < 0.05) {
      const verb = verbs[Math.floor(Math.random() * verbs.length)] ?? 'pause';
      await api.act('shop', verb);
      found.commands++;
    }
    told = await api.revision();
    await wait(Math.random() * 20);
  }
  return told;
}

/** Whether a process that has just begun is where its ledger says: or on from there. */
function isWhere(before: Written, now: ToldRollout): boolean {
  const was = stateIn(before);
  if (was === undefined) return false;
  const isHalted = was.phase !== 'progressing';
  if (was.release !== now.release) return was.phase === 'rolled_back' || was.phase === 'aborted';
  if (isHalted) return now.phase === was.phase && now.step === was.step + 1;
  return now.step >= was.step + 1;
}

/** Whether a release goes on that was sent back. */
function isPastFailure(before: Written, now: ToldRollout): boolean {
  const was = stateIn(before);
  const wasBack = was?.phase === 'rolled_back' || was?.phase === 'aborted';
  return wasBack && was.release === now.release && (now.phase !== was.phase || now.share > 0);
}

/** In the ledger steps count from 0. */
function stateIn(ledger: Written): ToldRollout | undefined {
  return ledger.rollouts.shop?.state;
}

function written(directory: string): Written | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'ledger.json'), 'utf8')) as Written;
  } catch {
    return undefined;
  }
}

function shown(state: ToldRollout | undefined): string {
  return state === undefined ? 'nothing' : `${state.release} ${state.phase} ${state.step}`;
}
