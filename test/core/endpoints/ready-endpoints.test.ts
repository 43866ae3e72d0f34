import { test } from 'tap';
import { readyEndpoints } from '#core/endpoints/ready-endpoints';
import type { EndpointView, VersionView } from '#core/endpoints/version-view';

const well: EndpointView = {
  url: 'http://shop:80',
  address: '10.0.0.1',
  seen: { healthy: 2, unhealthy: 0, ejected: 0 },
  proven: 2,
  inFlight: 0,
  connections: 0,
};

function ready(endpoints: readonly EndpointView[], more: Partial<VersionView> = {}): number {
  return readyEndpoints({
    route: 'shop',
    version: 'v2',
    inFlight: 0,
    waiting: 0,
    panicking: 0,
    processes: 2,
    reachable: 2,
    terminating: 0,
    trouble: '',
    endpoints,
    ...more,
  });
}

for (const { endpoints, more, count, because } of [
  { endpoints: [well, well], count: 2, because: 'both are well' },
  { endpoints: [], count: 0, because: 'there is none' },
  {
    endpoints: [well, { ...well, seen: { healthy: 1, unhealthy: 1, ejected: 0 } }],
    count: 1,
    because: 'one process finds one of them down',
  },
  {
    endpoints: [{ ...well, seen: { healthy: 1, unhealthy: 0, ejected: 0 } }],
    count: 0,
    because: 'only one process knows of it yet',
  },
  { endpoints: [{ ...well, proven: 1 }], count: 0, because: 'one process has no check of it yet' },
  { endpoints: [well], more: { reachable: 1 }, count: 1, because: 'somebody can reach it' },
  { endpoints: [well], more: { reachable: 0 }, count: 0, because: 'nobody can reach it' },
  { endpoints: [well], more: { terminating: 1 }, count: 0, because: 'it terminates' },
]) {
  test(`${count} ready: ${because}`, async (t) => {
    t.equal(ready(endpoints, more), count);
  });
}
