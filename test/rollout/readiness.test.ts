import { test } from 'tap';
import type { VersionView } from '#core/endpoints/version-view';
import { endpointsOf, endpointsSeen } from '../../src/rollout/readiness.ts';
import { endpoint, viewOf } from './moved.ts';

function view(version: string, endpoints: number, rest: Partial<VersionView> = {}): VersionView {
  return viewOf(version, {
    endpoints: Array.from({ length: endpoints }, () => endpoint()),
    ...rest,
  });
}

test('endpoints that terminate are there, count as going, and none is ready', async (t) => {
  t.same(endpointsOf(view('v1', 2, { terminating: 1 })), { all: 2, ready: 0, down: 2 });
  t.same(endpointsOf(view('v1', 2)), { all: 2, ready: 2, down: 0 });
});

test('a service without endpoints has none that is ready', async (t) => {
  t.same(endpointsOf(view('v1', 0, { trouble: 'service v1 has no ready endpoint' })), {
    all: 0,
    ready: 0,
    down: 0,
  });
});

test('a rollout sees that the old version goes, while it still serves', async (t) => {
  const views = [view('v1', 1, { terminating: 1 }), view('v2', 3)];
  t.same(endpointsSeen(views, ['shop'], 'v1', 'v2'), {
    old: 1,
    oldReady: 0,
    oldDown: 1,
    new: 3,
    newReady: 3,
  });
});
