import { test } from 'tap';
import type { VersionView } from '../../src/core/endpoints/version-view.ts';
import { Ages } from '../../src/rollout/ages.ts';

const stable = (_route: string, version: string) => version === 'v1';

function view(version: string, ...addresses: readonly string[]): VersionView {
  const seen = { healthy: 1, unhealthy: 0, ejected: 0 };
  const endpoints = addresses.map((address) => {
    return { url: 'http://shop:1', address, seen, proven: 1, inFlight: 0, connections: 0 };
  });
  const nothing = { inFlight: 0, waiting: 0, panicking: 0, trouble: '' };
  return {
    route: 'shop',
    version,
    ...nothing,
    processes: 1,
    reachable: 1,
    terminating: 0,
    endpoints,
  };
}

test('the new version is young from the first look on, the stable one is not', async (t) => {
  const ages = new Ages();
  ages.note([view('v1', 'a'), view('v2', 'b')], stable, 1_000);
  t.equal(ages.isWarm(['shop'], ['v1'], 60_000, 1_000), true);
  t.equal(ages.isWarm(['shop'], ['v1', 'v2'], 60_000, 60_999), false);
  t.equal(ages.isWarm(['shop'], ['v1', 'v2'], 60_000, 61_000), true);
});

test('an endpoint that comes later is young, of whichever version', async (t) => {
  const ages = new Ages();
  ages.note([view('v1', 'a')], stable, 0);
  ages.note([view('v1', 'a', 'c')], stable, 5_000);
  t.equal(ages.isWarm(['shop'], ['v1'], 1_000, 5_999), false);
  t.equal(ages.isWarm(['shop'], ['v1'], 1_000, 6_000), true);
});

test('one that goes and comes back is young again', async (t) => {
  const ages = new Ages();
  for (const [now, addresses] of [
    [0, ['a']],
    [1, []],
    [2, ['a']],
  ] as const) {
    ages.note([view('v1', ...addresses)], stable, now);
  }
  t.equal(ages.isWarm(['shop'], ['v1'], 1_000, 500), false);
});

test('a look at one route says nothing of another', async (t) => {
  const ages = new Ages();
  ages.note([{ ...view('v2', 'b'), route: 'other' }], stable, 0);
  ages.note([view('v1', 'a')], stable, 9_000);
  t.equal(ages.isWarm(['other'], ['v2'], 8_000, 9_000), true);
});
