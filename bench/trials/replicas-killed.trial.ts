// Do three replicas of which one is killed every few seconds move a release as one?
//
// Each gets a third of the traffic. The one that leads is killed as often as the others, and all come
// back. Read from the ledger: no step twice, none left out, nobody counted twice, and the verdict that
// is right.
import { setTimeout as wait } from 'node:timers/promises';
import { resources } from '../../src/core/kubernetes/api.ts';
import { ApiServer } from '../../test/support/api-server.ts';
import { Replicas, users } from './support/replicas.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { type Run, trial } from './support/trial.ts';
import { until } from './support/until.ts';

/** What is in the ledger of three replicas, as anybody can read it. */
interface Ledger {
  readonly term: number;
  readonly kept: {
    readonly rollouts: Readonly<
      Record<
        string,
        { readonly state: { phase: string; reason: string }; readonly judgement?: { seen: number } }
      >
    >;
    readonly revisions: readonly {
      readonly revision: number;
      readonly kind: string;
      readonly position: { readonly rollouts: Record<string, { readonly share: number }> };
    }[];
  };
}

/** What was found in all releases. */
interface Found {
  kills: number;
  leadersKilled: number;
  steps: number;
  wrongSteps: number;
  wrongVerdicts: number;
  countedTwice: number;
  terms: number;
}

await trial('replicas-killed', 'do killed replicas move a release as one?', async (run) => {
  const found: Found = {
    ...{ kills: 0, leadersKilled: 0, steps: 0, wrongSteps: 0 },
    ...{ wrongVerdicts: 0, countedTwice: 0, terms: 0 },
  };
  const releases = run.pick(5, 1);
  for (let n = 0; n < releases; n++) {
    await released(run, 0.01, 'complete', found);
    await released(run, 0.2, 'rolled_back', found);
  }
  run.did(
    `${releases} releases of a version as good as the other (1 % errors), ${releases} of one with 20 %, on three ` +
      `replicas, one of which was killed ${found.kills} times, ${found.leadersKilled} times the one that led`,
  );
  run.atMost('steps taken twice, or left out', found.wrongSteps, 0);
  run.atLeast('steps taken', found.steps, releases * run.pick(8, 3));
  run.atMost('releases that ended otherwise than they should', found.wrongVerdicts, 0);
  run.atMost('releases with more users counted than there were', found.countedTwice, 0);
  run.atLeast('times that another one led', found.terms, releases);
});

/** One release on three replicas, to its end. */
async function released(run: Run, errors: number, end: string, found: Found): Promise<void> {
  const endpoints = [await Endpoint.start('v1', 0.01), await Endpoint.start('v2', errors)] as const;
  const server = new ApiServer();
  await server.start();
  const shares = Array.from({ length: run.pick(8, 3) }, (_, index) => 10 * (index + 1));
  const replicas = await Replicas.start(run, server, rulesOf(endpoints, shares, run));
  const over = () => phaseIn(server) !== undefined && phaseIn(server) !== 'progressing';
  const isOver = { yes: false };
  const killing = killOver(replicas, server, found, isOver);
  if (!(await until(over, run.pick(240_000, 90_000)))) run.note(`not over: ${phaseIn(server)}`);
  isOver.yes = true;
  await killing;
  replicas.quiet();
  check(run, server, shares, end, found);
  await replicas.end();
  await server.stop();
  for (const endpoint of endpoints) await endpoint.kill();
}

/** Kills one after the other, now and then the one that leads, until the release is over. */
async function killOver(
  replicas: Replicas,
  server: ApiServer,
  found: Found,
  isOver: { readonly yes: boolean },
): Promise<void> {
  while (!isOver.yes) {
    await wait(1_500 + Math.random() * 2_500);
    if (isOver.yes) return;
    const leader = leaderIn(server);
    const isLeaders = found.kills === 0 || Math.random() < 0.5;
    const index = isLeaders ? leader : Math.floor(Math.random() * 3);
    if (index === undefined) continue;
    found.kills++;
    if (index === leader) found.leadersKilled++;
    await replicas.kill(index);
    await wait(Math.random() * 1_000);
    await replicas.restart(index);
  }
}

function rulesOf(
  [v1, v2]: readonly [Endpoint, Endpoint],
  shares: readonly number[],
  run: Run,
): string {
  const forMs = run.pick(2_500, 1_500);
  const step = (share: number) => `{ weight: ${share}%, for: ${forMs}ms, atMost: ${forMs}ms }`;
  return `apiVersion: turnout/v1
routes:
  - name: shop
    unit: ["header:x-user-id"]
    versions: { v1: { url: "${v1.url}" }, v2: { url: "${v2.url}", weight: 0 } }
    rollout:
      strategy: canary
      from: v1
      to: v2
      steps: [${shares.map(step).join(', ')}]
      onUndecided: promote
      judge: { minUnits: 5 }
`;
}

/** Holds the ledger against what should have become of the release. */
function check(
  run: Run,
  server: ApiServer,
  shares: readonly number[],
  end: string,
  found: Found,
): void {
  const { kept, term } = ledgerIn(server);
  found.terms += term - 1;
  const { phase, reason } = kept.rollouts.shop?.state ?? { phase: 'nothing', reason: '' };
  if (phase !== end) {
    found.wrongVerdicts++;
    run.note(`${phase} where it should be ${end}: ${reason}`);
  }
  const taken = kept.revisions
    .filter(({ kind }) => kind === 'step')
    .map(({ position }) => Math.round((position.rollouts.shop?.share ?? 0) * 100));
  found.steps += taken.length;
  // One that is sent back has come to some of them.
  const wanted = end === 'complete' ? shares : shares.slice(0, taken.length);
  if (taken.join() !== wanted.join()) {
    found.wrongSteps++;
    run.note(`the steps were ${taken.join(', ')}`);
  }
  const numbers = kept.revisions.map(({ revision }) => revision);
  if (numbers.some((number, index) => number !== index + 1)) {
    found.wrongSteps++;
    run.note(`the revisions are ${numbers.join(', ')}`);
  }
  if ((kept.rollouts.shop?.judgement?.seen ?? 0) > users) found.countedTwice++;
}

function ledgerIn(server: ApiServer): Ledger {
  const found = server.get(resources.configMaps, 'shop', 'turnout');
  const data = found?.data as Readonly<Record<string, string>> | undefined;
  const nothing = { term: 0, kept: { rollouts: {}, revisions: [] } };
  return data === undefined ? nothing : (JSON.parse(data['ledger.json'] ?? '') as Ledger);
}

function phaseIn(server: ApiServer): string | undefined {
  return ledgerIn(server).kept.rollouts.shop?.state.phase;
}

/** The number of the replica that holds the lease. */
function leaderIn(server: ApiServer): number | undefined {
  const found = server.get(resources.leases, 'shop', 'turnout');
  const { holderIdentity = '' } = (found?.spec ?? {}) as { readonly holderIdentity?: string };
  const [, number] = /^turnout-(\d)_/.exec(holderIdentity) ?? [];
  return number === undefined ? undefined : Number(number);
}
