import { test } from 'tap';
import { type Closable, Tunnels } from '../../src/proxy/tunnels.ts';
import { snapshotOf } from '../support/start-proxy.ts';

interface Asked {
  readonly reason: string;
  readonly closeAt: number;
  readonly cutAt: number;
}

/** Tunnels of a version, which write down when they are asked to close. */
function opened(tunnels: Tunnels, count: number, version: string, route = 'shop') {
  const asked: Asked[] = [];
  for (let index = 0; index < count; index++) {
    const tunnel: Closable = {
      close: (reason, closeAt, cutAt) => asked.push({ reason, closeAt, cutAt }),
    };
    tunnels.add(tunnel, { route, version }, 1_000);
  }
  return asked;
}

/** 0, then 0.1, and so on: no two alike of ten. */
function tenths(): () => number {
  let next = 0;
  return () => (next++ % 10) / 10;
}

const both = snapshotOf(`apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "http://a:1" }, v2: { url: "http://b:1" } }
`);
const disabled = snapshotOf(`apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "http://a:1" }, v2: { url: "http://b:1", state: disabled } }
`);
const drains = snapshotOf(`apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "http://a:1" }, v2: { url: "http://b:1", state: drain } }
`);
const removed = snapshotOf(`apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "http://a:1" } }
`);
const otherRoute = snapshotOf(`apiVersion: turnout/v1
routes:
  - name: other
    versions: { v1: { url: "http://a:1" }, v2: { url: "http://b:1" } }
`);

for (const { snapshot, ends, because } of [
  { snapshot: both, ends: [], because: 'nothing has changed' },
  { snapshot: drains, ends: [], because: 'who is there may finish' },
  { snapshot: disabled, ends: ['v2'], because: 'nothing reaches a disabled version' },
  { snapshot: removed, ends: ['v2'], because: 'it is in no route any more' },
  { snapshot: otherRoute, ends: ['v1', 'v2'], because: 'their route is gone' },
]) {
  test(`a snapshot ends tunnels to ${ends.join(' and ') || 'no version'}: ${because}`, async (t) => {
    const tunnels = new Tunnels(() => 0);
    const asked = { v1: opened(tunnels, 1, 'v1'), v2: opened(tunnels, 1, 'v2') };
    tunnels.leave(snapshot, 2_000);
    for (const [version, ofVersion] of Object.entries(asked)) {
      const expected = { reason: 'version_left', closeAt: 2_000, cutAt: 7_000 };
      t.same(ofVersion, ends.includes(version) ? [expected] : [], version);
    }
  });
}

test('a tunnel of an exchange that is older than its version is disabled ends too', async (t) => {
  const tunnels = new Tunnels(() => 0.5);
  tunnels.leave(disabled, 500);
  t.same(opened(tunnels, 1, 'v2'), [{ reason: 'version_left', closeAt: 1_005, cutAt: 6_005 }]);
  t.same(opened(tunnels, 1, 'v1'), []);
});

test('no more than a hundred a second are told to go, unless the time is too short', async (t) => {
  for (const { count, lastMs } of [
    { count: 10, lastMs: 90 },
    { count: 100, lastMs: 900 },
    { count: 5_000, lastMs: 4_500 },
  ]) {
    const tunnels = new Tunnels(tenths());
    const asked = opened(tunnels, count, 'v2');
    tunnels.leave(disabled, 2_000);
    t.equal(asked.length, count);
    t.equal(Math.min(...asked.map(({ closeAt }) => closeAt)), 2_000);
    t.equal(Math.max(...asked.map(({ closeAt }) => closeAt)), 2_000 + lastMs);
    t.ok(asked.every(({ closeAt, cutAt }) => cutAt === closeAt + 5_000));
  }
});

test('a drain tells all in three quarters of its time, and those that come late', async (t) => {
  for (const { count, lastMs } of [
    { count: 10, lastMs: 90 },
    { count: 5_000, lastMs: 0.9 * 0.75 * 8_000 },
  ]) {
    const tunnels = new Tunnels(tenths());
    const asked = opened(tunnels, count, 'v1');
    tunnels.drain(2_000, 10_000);
    t.equal(asked.length, count);
    t.ok(asked.every(({ reason, cutAt }) => reason === 'drained' && cutAt === Infinity));
    t.equal(Math.min(...asked.map(({ closeAt }) => closeAt)), 2_000);
    t.equal(Math.max(...asked.map(({ closeAt }) => closeAt)), 2_000 + lastMs);
    t.match(opened(tunnels, 1, 'v1'), [{ reason: 'drained' }]);
  }
});

test('one that has ended is asked nothing', async (t) => {
  const tunnels = new Tunnels(() => 0);
  const tunnel: Closable = { close: () => t.fail('it is gone') };
  tunnels.add(tunnel, { route: 'shop', version: 'v2' }, 0);
  tunnels.delete(tunnel);
  tunnels.leave(disabled, 1);
  tunnels.drain(1, 2);
});
