import { test } from 'tap';
import { addUp, type EndpointView, type VersionView } from '#core/endpoints/version-view';

const none = { healthy: 0, unhealthy: 0, ejected: 0 };

function endpoint(address: string, change: Partial<EndpointView> = {}): EndpointView {
  const seen = { ...none, healthy: 1 };
  return {
    url: 'http://shop:80',
    address,
    seen,
    proven: 1,
    inFlight: 1,
    connections: 2,
    ...change,
  };
}

function version(name: string, change: Partial<VersionView> = {}): VersionView {
  const standing = { inFlight: 3, waiting: 1, panicking: 0, trouble: '' };
  const processes = { processes: 1, reachable: 1, terminating: 0 };
  return { route: 'shop', version: name, ...standing, ...processes, endpoints: [], ...change };
}

test('what one process sees stays as it is', async (t) => {
  const views = [version('v1', { endpoints: [endpoint('10.0.0.1')] }), version('v2')];
  t.same(addUp([views]), views);
});

test('what several see is added up, whoever knows of which address', async (t) => {
  const [first, second] = [endpoint('10.0.0.1'), endpoint('10.0.0.2')];
  const ejected = endpoint('10.0.0.1', { seen: { ...none, ejected: 1 }, inFlight: 0 });
  const views = [
    [version('v1', { endpoints: [first] })],
    [version('v1', { endpoints: [ejected, second], panicking: 1, trouble: 'shop: ENOTFOUND' })],
    [version('v2')],
  ];
  t.same(addUp(views), [
    version('v1', {
      inFlight: 6,
      waiting: 2,
      panicking: 1,
      processes: 2,
      reachable: 2,
      terminating: 0,
      trouble: 'shop: ENOTFOUND',
      endpoints: [
        endpoint('10.0.0.1', {
          seen: { healthy: 1, unhealthy: 0, ejected: 1 },
          proven: 2,
          inFlight: 1,
          connections: 4,
        }),
        second,
      ],
    }),
    version('v2'),
  ]);
});
