import type { Strategy } from '#core/rollout/rule';
import { spanText } from '#core/rollout/span-text';
import type { RouteStatus } from '#core/rollout/status';
import type { DemoPage } from './demo-pages.ts';
import type { Stage } from './demo-stage.ts';
import type { Met, TrafficOptions } from './demo-traffic.ts';

/** A release, told from beginning to end. */
export interface Story {
  readonly shows: string;
  /** The document it begins with, of config/demo. */
  readonly document: string;
  readonly pods: readonly DemoPage[];
  readonly traffic: TrafficOptions;
  /** `fails`: the new version is a bad one. */
  readonly tell: (stage: Stage, fails: boolean) => Promise<void>;
}

const host = '127.0.0.1';
const usual: TrafficOptions = { perSecond: 250, users: 20_000, hosts: ['localhost'], orders: {} };
const bad = { ERROR_RATE: '0.2' };

function pod(version: string, port: number, env: DemoPage['env'] = {}): DemoPage {
  return { host, port, version, env };
}

/** Turns unready first, and serves on until everybody has seen that. */
const drains = { DRAIN_MS: '3000' };
const old3 = [18_091, 18_092, 18_093].map((port) => pod('v1', port, drains));

export const stories: Readonly<Record<Strategy, Story>> = {
  recreate: {
    shows: 'v1 ends, requests wait, v2 takes them: a gap, and nothing is lost',
    document: 'recreate.yaml',
    pods: old3.slice(0, 2),
    traffic: { ...usual, perSecond: 50 },
    tell: recreate,
  },
  ramped: {
    shows: 'pods of v2 take the place of those of v1, one by one',
    document: 'ramped.yaml',
    pods: old3,
    traffic: usual,
    tell: ramped,
  },
  'blue-green': {
    shows: 'two services change together by one word, and back by another',
    document: 'blue-green.yaml',
    pods: [pod('blue', 18_091), pod('green', 18_092), pod('blue', 18_093), pod('green', 18_094)],
    traffic: { ...usual, hosts: ['pages.example.com', 'basket.example.com'] },
    tell: blueGreen,
  },
  canary: {
    shows:
      'a few users first, more with the evidence; then a bad release, which goes back by itself',
    document: 'canary.yaml',
    pods: [...old3, pod('v2', 18_094)],
    traffic: usual,
    tell: canary,
  },
  ab: {
    shows: 'half of the users see v2, and whoever orders more decides',
    document: 'ab.yaml',
    pods: [pod('v1', 18_091), pod('v2', 18_092)],
    traffic: { ...usual, orders: { v1: 0.1, v2: 0.13 } },
    tell: ab,
  },
  shadow: {
    shows: 'v2 gets copies of what is read; nobody gets its answers',
    document: 'shadow.yaml',
    pods: [pod('v1', 18_091)],
    traffic: { ...usual, orders: { v1: 0.05 } },
    tell: shadow,
  },
};

const isOver = ({ rollout }: RouteStatus): boolean => rollout?.endedAt !== undefined;
const phaseIs = (phase: string) => (status: RouteStatus) => status.rollout?.phase === phase;

async function canary(stage: Stage, fails: boolean): Promise<void> {
  if (!fails) {
    stage.say('v2 is as good as v1');
    const end = await stage.until('shop', isOver, 120_000);
    stage.promise('a good version gets everything', end?.rollout?.phase === 'complete');
    stage.promise('nothing was lost', stage.met().lost === 0);
  } else {
    await stage.turnout('promote', 'shop', { force: true });
  }
  stage.say('the next release, v3, fails one request in five');
  await stage.start([pod('v3', 18_095, bad)]);
  await stage.rules('canary-bad.yaml');
  await stage.until('shop', ({ rollout }) => rollout?.to === 'v3', 10_000);
  const end = await stage.until('shop', isOver, 60_000);
  stage.promise('a bad version goes back by itself', end?.rollout?.phase === 'rolled_back');
  await sentBack(stage, 'shop', 'v3');
}

/** Shows the proof that a version gets nothing any more. */
async function sentBack(stage: Stage, route: string, version: string): Promise<void> {
  const before = stage.met().answers.get(version) ?? 0;
  await stage.wait(1_500);
  const status = await stage.status(route);
  const leaving = status.versions.find((one) => one.version === version)?.leaving;
  const met = stage.met();
  if (leaving?.lastSentAt !== undefined) {
    const tookMs = Math.max(0, leaving.lastSentAt - leaving.decidedAt);
    stage.say(
      `the last request to ${version} was sent ${spanText(tookMs)} after the decision; ${leaving.sentSince} since`,
    );
  }
  const saw = met.users.get(version) ?? 0;
  stage.say(`${saw} users had seen ${version}, and ${met.errors.get(version) ?? 0} errors of it`);
  stage.promise(`${version} gets nothing any more`, leaving?.sentSince === 0);
  const late = (met.answers.get(version) ?? 0) - before;
  stage.promise('no user meets it again', late === 0);
}

async function recreate(stage: Stage, fails: boolean): Promise<void> {
  const [a, b] = old3;
  await stage.wait(3_000);
  stage.say('v1 is ended; v2 will be ready 3 s after its start');
  await Promise.all([a, b].map((one) => (one === undefined ? undefined : stage.stop(one))));
  const gap = await stage.until('shop', ({ rollout }) => rollout?.step === 2, 15_000);
  stage.promise('once v1 goes, requests wait', gap !== undefined);
  const env = { START_MS: '3000', ...(fails ? bad : {}) };
  await stage.start([pod('v2', 18_094, env), pod('v2', 18_095, env)]);
  const end = await stage.until('shop', phaseIs('complete'), 20_000);
  stage.promise('v2 has everything', end !== undefined);
  await stage.wait(2_000);
  const met = stage.met();
  for (const [name, value] of end?.rollout?.facts ?? []) stage.say(`${name} ${value}`);
  stage.say(`the longest wait was ${spanText(met.longestMs)}`);
  stage.promise(`${met.lost} requests were lost`, met.lost === 0);
  if (!fails) return;
  stage.say(`v2 fails: ${met.errors.get('v2') ?? 0} errors so far. Back means the same gap again`);
  await stage.start([pod('v1', 18_091), pod('v1', 18_092)]);
  await stage.turnout('undo', 'shop');
  await sentBack(stage, 'shop', 'v2');
}

async function ramped(stage: Stage, fails: boolean): Promise<void> {
  await stage.wait(2_000);
  const env = { START_MS: '1500', ...drains, ...(fails ? bad : {}) };
  for (const [index, old] of old3.entries()) {
    const ready = index + 1;
    await stage.start([pod('v2', 18_094 + index, env)]);
    const grown = await stage.until(
      'shop',
      ({ versions }) => versions.some((one) => one.version === 'v2' && one.readyEndpoints >= ready),
      15_000,
    );
    stage.promise(`v2 has ${ready} of 3 pods ready`, grown !== undefined);
    if (fails && index === 0) break;
    await stage.stop(old);
  }
  if (fails) {
    await stage.until('shop', ({ rollout }) => (rollout?.share ?? 0) > 0, 10_000);
    await stage.wait(1_000);
    const errors = stage.met().errors.get('v2') ?? 0;
    stage.say(`v2 fails: ${errors} errors so far. The way back is a swap, whatever the pods do`);
    await stage.turnout('abort', 'shop');
    await sentBack(stage, 'shop', 'v2');
    return;
  }
  const end = await stage.until('shop', phaseIs('complete'), 20_000);
  stage.promise('v2 has everything', end !== undefined);
  lostNothing(stage.met(), stage);
}

function lostNothing(met: Met, stage: Stage): void {
  stage.promise(`${met.lost} requests were lost`, met.lost === 0);
}

async function blueGreen(stage: Stage, fails: boolean): Promise<void> {
  await stage.until('pages', ({ rollout }) => rollout !== undefined, 5_000);
  await stage.wait(2_000);
  if (fails) {
    stage.say('green of basket ends: the group is not ready');
    await stage.stop(pod('green', 18_094));
    await stage.until('basket', ({ versions }) => versions[1]?.readyEndpoints === 0, 10_000);
    await stage.turnout('switch', 'pages', { version: 'green' });
    const { rollout } = await stage.status('pages');
    stage.promise('nothing is switched to what is not ready', rollout?.share === 0);
    await stage.start([pod('green', 18_094, bad)]);
    await stage.until('basket', ({ versions }) => versions[1]?.readyEndpoints === 1, 10_000);
  }
  await stage.turnout('switch', 'pages', { version: 'green' });
  const switched = await stage.until('basket', ({ rollout }) => rollout?.share === 1, 5_000);
  stage.promise('both services have changed', switched !== undefined);
  await stage.wait(2_000);
  for (const [name, value] of (await stage.status('pages')).rollout?.facts ?? []) {
    stage.say(`${name}: ${value}`);
  }
  if (fails) {
    const back = await stage.until('pages', phaseIs('rolled_back'), 20_000);
    stage.promise('green goes back when it fails more than its SLO', back !== undefined);
  } else {
    await stage.turnout('undo', 'pages');
  }
  await sentBack(stage, 'basket', 'green');
  lostNothing(stage.met(), stage);
}

async function ab(stage: Stage, fails: boolean): Promise<void> {
  stage.say('of 100 who see v1 10 order, of v2 13; Turnout does not know that yet');
  if (fails) {
    await stage.wait(5_000);
    stage.say('somebody does not want to wait');
    await stage.turnout('abort', 'shop', { reason: 'v2 is ugly' });
    await sentBack(stage, 'shop', 'v2');
    return;
  }
  const end = await stage.until('shop', isOver, 110_000);
  stage.promise('the better version gets everything', end?.rollout?.phase === 'complete');
  if (end?.rollout !== undefined) stage.say(end.rollout.reason);
  lostNothing(stage.met(), stage);
}

async function shadow(stage: Stage, fails: boolean): Promise<void> {
  await stage.start([pod('v2', 18_092, fails ? bad : {})]);
  const paused = ({ rollout }: RouteStatus) =>
    rollout?.endedAt !== undefined || rollout?.phase === 'paused';
  const end = await stage.until('shop', paused, 70_000);
  const met = stage.met();
  stage.promise('nobody was answered by v2', !met.answers.has('v2'));
  const orders = await fetch(`http://${host}:18092/order`).then((answer) => answer.text());
  stage.promise(`orders on v2: ${orders.trim()}`, fails || orders.trim() === '0');
  if (fails) {
    stage.promise('a bad version is found out', end?.rollout?.phase === 'rolled_back');
    return;
  }
  stage.promise('v2 does as well as v1', end?.rollout?.phase === 'paused');
  await stage.turnout('promote', 'shop');
  const done = await stage.until('shop', phaseIs('complete'), 5_000);
  stage.promise('then a person promotes it', done !== undefined);
  lostNothing(stage.met(), stage);
}
