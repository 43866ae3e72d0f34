import { test } from 'tap';
import { mergeStatus } from '#core/rollout/merge-status';
import type { Leaving, RouteStatus, VersionStatus } from '#core/rollout/status';

function version(more: Partial<VersionStatus> = {}): VersionStatus {
  return {
    ...{ version: 'v2', state: 'disabled', share: 0, requests: 10, failures: 1, inFlight: 0 },
    ...{ readyEndpoints: 1, endpoints: 1, leaving: undefined },
    ...more,
  };
}

function status(...versions: readonly VersionStatus[]): RouteStatus {
  return { route: 'shop', versions, rollout: undefined, overlay: undefined, differs: undefined };
}

const leaving = (more: Partial<Leaving> = {}): Leaving => ({
  ...{ decidedAt: 100, inForceAt: 110, lastSentAt: 105, lastEndedAt: 120 },
  ...{ inFlight: 0, sentSince: 0 },
  ...more,
});

const on = (one: RouteStatus, isLeader = false) => ({ status: one, isLeader });

test('counts of all replicas add up', async (t) => {
  const merged = mergeStatus(on(status(version())), [on(status(version({ inFlight: 2 })))], 2);
  t.match(merged.versions, [{ requests: 20, failures: 2, inFlight: 2 }]);
});

test('the proof is that of the one that was last', async (t) => {
  const first = status(version({ leaving: leaving() }));
  const other = leaving({ inForceAt: 140, lastSentAt: 130, lastEndedAt: 150, sentSince: 1 });
  const merged = mergeStatus(on(first), [on(status(version({ leaving: other })))], 3);
  t.strictSame(merged.versions[0]?.leaving, {
    ...{ decidedAt: 100, inForceAt: 140, lastSentAt: 130, lastEndedAt: 150 },
    ...{ inFlight: 0, sentSince: 1, replicas: { inForce: 2, heard: 2, of: 3 } },
  });
});

test('nothing has ended while a replica has some in flight, or knows nothing of it', async (t) => {
  const first = status(version({ leaving: leaving() }));
  const busy = version({ inFlight: 1, leaving: leaving({ inFlight: 1 }) });
  const merged = mergeStatus(on(first), [on(status(busy)), on(status(version()))], 3);
  t.match(merged.versions[0]?.leaving, {
    inFlight: 1,
    lastEndedAt: undefined,
    replicas: { inForce: 2, heard: 3, of: 3 },
  });
});
