import { test } from 'tap';
import type { WatchRestart, WatchStatus } from '../../src/core/kubernetes/api.ts';
import { watchFamilies } from '../../src/telemetry/watch-families.ts';

function status(parts: Partial<WatchStatus>): WatchStatus {
  return {
    resource: 'configmaps',
    what: 'configmaps shop/rules',
    isSynced: true,
    trouble: undefined,
    lastHeardAt: 0,
    // Only how often all of them were begun anew is told.
    restarts: {} as WatchStatus['restarts'],
    ...parts,
  };
}

/** Returns the samples of a metric as `labels value`. */
function samples(
  name: string,
  watches: readonly WatchStatus[],
  restarts: ReadonlyMap<string, ReadonlyMap<WatchRestart, number>> = new Map(),
): readonly string[] {
  const facts = { watches: () => watches, restarts: () => restarts };
  const families = watchFamilies(facts, (ms) => 1_700_000_000 + ms / 1_000);
  const family = families.find((one) => one.name === name);
  return [...(family?.read() ?? [])]
    .flat()
    .map(({ labels, value }) => `${Object.values(labels ?? {}).join(' ')} ${value}`);
}

const watches = [
  status({ lastHeardAt: 5_000 }),
  status({ resource: 'endpointslices', lastHeardAt: 9_000 }),
  status({ resource: 'endpointslices', lastHeardAt: 7_000, isSynced: false }),
];

test('a kind of object is synced when all of its watches are', async (t) => {
  t.strictSame(samples('turnout_watch_synced', watches), ['configmaps 1', 'endpointslices 0']);
});

test('of several watches the one counts that heard nothing for longest', async (t) => {
  const name = 'turnout_watch_last_heard_timestamp_seconds';
  t.strictSame(samples(name, watches), ['configmaps 1700000005', 'endpointslices 1700000007']);
  t.strictSame(samples(name, [...watches, status({ lastHeardAt: undefined })]), [
    'configmaps 0',
    'endpointslices 1700000007',
  ]);
});

test('restarts are there before the first one, and stay when a watch is closed', async (t) => {
  const name = 'turnout_watch_restarts_total';
  const restarts = new Map([['leases', new Map<WatchRestart, number>([['cut', 3]])]]);
  const told = samples(name, watches, restarts);
  t.equal(told.length, 30);
  t.ok(told.includes('configmaps gone 0'));
  t.ok(told.includes('leases cut 3'));
});

test('without a watch there is nothing to tell', async (t) => {
  t.strictSame(samples('turnout_watch_synced', []), []);
  t.strictSame(samples('turnout_watch_restarts_total', []), []);
});
