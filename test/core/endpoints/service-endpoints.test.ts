import fc from 'fast-check';
import { test } from 'tap';
import { type KnownService, serviceEndpoints } from '#core/endpoints/service-endpoints';
import type { EndpointSlice, SliceEndpoint } from '#core/kubernetes/objects';
import type { ServiceRule } from '#core/routing/rules';
import { ofPod, pods, ready, service, shop, slice, terminating, unready } from './slices.ts';

function found(
  slices: readonly EndpointSlice[],
  rule: ServiceRule = shop(),
  rest: Partial<KnownService> = {},
) {
  return serviceEndpoints(rule, { slices, service: undefined, pods: new Map(), ...rest });
}

const noPods = 'has no ready endpoint';

interface Case {
  readonly slices: readonly EndpointSlice[];
  readonly rule?: ServiceRule;
  readonly rest?: Partial<KnownService>;
  readonly urls: readonly string[];
  readonly isTerminating?: boolean;
  readonly trouble?: string;
  readonly because: string;
}

const nothing = { ready: null, serving: null, terminating: null };

const cases: readonly Case[] = [
  {
    slices: [slice([ready('10.0.0.2'), ready('10.0.0.1')])],
    urls: ['http://10.0.0.1:8080', 'http://10.0.0.2:8080'],
    because: 'both are ready',
  },
  {
    slices: [slice([ready('10.0.0.1'), unready('10.0.0.2')])],
    urls: ['http://10.0.0.1:8080'],
    because: 'one is not ready',
  },
  {
    slices: [slice([ready('10.0.0.1', { conditions: nothing })])],
    urls: ['http://10.0.0.1:8080'],
    because: 'ready where the conditions are null',
  },
  {
    slices: [slice([{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'], conditions: null }])],
    urls: ['http://10.0.0.1:8080', 'http://10.0.0.2:8080'],
    because: 'ready where nothing is said',
  },
  {
    slices: [slice([ready('10.0.0.1', { addresses: ['10.0.0.1', '10.0.0.9'] })])],
    urls: ['http://10.0.0.1:8080'],
    because: 'only the first address of an endpoint has a meaning',
  },
  {
    slices: [slice([ready('10.0.0.1', { addresses: [] }), ready('10.0.0.2')])],
    urls: ['http://10.0.0.2:8080'],
    because: 'an endpoint without an address is none',
  },
  {
    slices: [slice([unready('10.0.0.1')]), slice([ready('10.0.0.1')])],
    urls: ['http://10.0.0.1:8080'],
    because: 'ready if ready in either slice',
  },
  {
    slices: [slice([ready('10.0.0.1')]), slice([terminating('10.0.0.1')])],
    urls: ['http://10.0.0.1:8080'],
    because: 'ready in one, terminating in the other',
  },
  {
    slices: [slice([terminating('10.0.0.1'), ready('10.0.0.2')])],
    urls: ['http://10.0.0.2:8080'],
    because: 'one that terminates gets no new requests',
  },
  {
    slices: [slice([terminating('10.0.0.1'), unready('10.0.0.2')])],
    urls: ['http://10.0.0.1:8080'],
    isTerminating: true,
    because: 'unless only such are left',
  },
  {
    slices: [slice([terminating('10.0.0.1', null)])],
    urls: ['http://10.0.0.1:8080'],
    isTerminating: true,
    because: 'serving where that is null',
  },
  {
    slices: [slice([terminating('10.0.0.1', false)])],
    urls: [],
    trouble: noPods,
    because: 'one that terminates and does not serve is out',
  },
  {
    slices: [
      slice([
        ready('10.0.0.1', { conditions: { ready: true, serving: true, terminating: true } }),
        ready('10.0.0.2'),
      ]),
    ],
    urls: ['http://10.0.0.2:8080'],
    because: 'ready and terminating (publishNotReadyAddresses) gets no new requests either',
  },
  { slices: [], urls: [], trouble: noPods, because: 'there is no slice' },
  { slices: [slice(null)], urls: [], trouble: noPods, because: 'endpoints are null' },
  { slices: [slice([])], urls: [], trouble: noPods, because: 'there is no endpoint' },
  {
    slices: [slice([ready('10.0.0.1')], { ports: null })],
    urls: [],
    trouble: 'none of its pods has that port',
    because: 'ports are null',
  },
  {
    slices: [
      slice([ready('10.0.0.1')]),
      slice([ready('10.0.0.2')], { ports: [{ name: 'http', port: 9090 }] }),
    ],
    urls: ['http://10.0.0.1:8080', 'http://10.0.0.2:9090'],
    because: 'the number at the pods may differ from slice to slice',
  },
  {
    slices: [
      slice([ready('10.0.0.1')], { ports: [{ name: 'metrics', port: 9090 }] }),
      slice([ready('10.0.0.1')]),
    ],
    urls: ['http://10.0.0.1:8080'],
    because: 'another port of the Service is another port',
  },
  {
    slices: [
      slice([ready('10.0.0.1')], { ports: [{ name: 'http', port: 8080, protocol: 'UDP' }] }),
    ],
    urls: [],
    trouble: 'none of its pods has that port',
    because: 'UDP is not TCP',
  },
  {
    slices: [slice([ready('10.0.0.1')], { ports: [{ name: null, port: 8080 }] })],
    rule: shop({ port: 80 }),
    rest: { service: service({ port: 80, targetPort: 8080 }) },
    urls: ['http://10.0.0.1:8080'],
    because: 'the name of the only port of a Service is null',
  },
  {
    slices: [
      slice([ready('10.0.0.1')], {
        ports: [
          { name: 'http', port: 8080 },
          { name: 'metrics', port: 9090 },
        ],
      }),
    ],
    rule: shop({ port: 81 }),
    rest: { service: service({ name: 'http', port: 80 }, { name: 'metrics', port: 81 }) },
    urls: ['http://10.0.0.1:9090'],
    because: 'a number is found by the Service',
  },
  {
    slices: [slice([ready('10.0.0.1')])],
    rule: shop({ port: 80 }),
    urls: ['http://10.0.0.1:8080'],
    because: 'a number without a Service is the only port of the slice',
  },
  {
    slices: [
      slice([ready('10.0.0.1')], {
        ports: [
          { name: 'http', port: 8080 },
          { name: 'metrics', port: 9090 },
        ],
      }),
    ],
    rule: shop({ port: 80 }),
    urls: [],
    trouble: 'several ports, and the Service that says which one is meant is not there',
    because: 'a number without a Service could be either port',
  },
  {
    slices: [slice([ready('10.0.0.1')])],
    rule: shop({ port: 8081 }),
    rest: { service: service({ name: 'http', port: 80 }) },
    urls: [],
    trouble: 'the Service has no port 8081',
    because: 'the Service does not have the number, though the slice has only one port',
  },
  {
    slices: [
      slice([ready('fd00::1')], { addressType: 'IPv6' }),
      slice([ready('10.0.0.1'), ready('10.0.0.2')]),
    ],
    urls: ['http://10.0.0.1:8080', 'http://10.0.0.2:8080'],
    because: 'of both families IPv4 is taken, for they are the same pods',
  },
  {
    slices: [slice([ready('fd00::1')], { addressType: 'IPv6' })],
    urls: ['http://[fd00::1]:8080'],
    because: 'there is only IPv6',
  },
  {
    slices: [slice([unready('10.0.0.1')]), slice([ready('fd00::1')], { addressType: 'IPv6' })],
    urls: ['http://[fd00::1]:8080'],
    because: 'only IPv6 is ready',
  },
  {
    slices: [slice([terminating('10.0.0.1')]), slice([ready('fd00::1')], { addressType: 'IPv6' })],
    urls: ['http://[fd00::1]:8080'],
    because: 'one that is ready comes before one that terminates, whatever the family',
  },
  {
    slices: [slice([ready('db.example.com')], { addressType: 'FQDN' })],
    urls: [],
    trouble: noPods,
    because: 'names are no endpoints',
  },
  {
    slices: [slice([ready('10.0.0.1')])],
    rule: shop({ protocol: 'https' }),
    urls: ['https://10.0.0.1:8080'],
    because: 'the pods speak TLS',
  },
];

for (const { slices, rule, rest, urls, isTerminating = false, trouble = '', because } of cases) {
  test(`${urls.join(', ') || 'no endpoint'}: ${because}`, async (t) => {
    const got = found(slices, rule, rest);
    t.same(got.urls, urls);
    t.equal(got.isTerminating, isTerminating);
    if (trouble === '') t.equal(got.trouble, '');
    else t.match(got.trouble, trouble);
  });
}

const v2 = shop({ podLabel: { key: 'version', value: 'v2' } });

for (const { endpoint, known, isFound, because } of [
  {
    endpoint: ofPod('a', ready('10.0.0.1')),
    known: { a: { version: 'v2' } },
    isFound: true,
    because: 'its pod carries the label',
  },
  {
    endpoint: ofPod('a', ready('10.0.0.1')),
    known: { a: { version: 'v1' } },
    isFound: false,
    because: 'its pod is another version',
  },
  {
    endpoint: ofPod('a', ready('10.0.0.1')),
    known: { a: {} },
    isFound: false,
    because: 'its pod has no such label',
  },
  {
    endpoint: ofPod('a', ready('10.0.0.1')),
    known: {},
    isFound: false,
    because: 'nothing is known of its pod yet',
  },
  {
    endpoint: ofPod('a', ready('10.0.0.1'), 'the one before'),
    known: { a: { version: 'v2' } },
    isFound: false,
    because: 'the pod of that name is another one now',
  },
  {
    endpoint: ready('10.0.0.1'),
    known: { a: { version: 'v2' } },
    isFound: false,
    because: 'no pod stands behind it',
  },
  {
    endpoint: ready('10.0.0.1', { targetRef: { kind: 'Node', namespace: 'store', name: 'a' } }),
    known: { a: { version: 'v2' } },
    isFound: false,
    because: 'what stands behind it is no pod',
  },
  {
    endpoint: ready('10.0.0.1', { targetRef: { kind: 'Pod', name: 'a' } }),
    known: { a: { version: 'v2' } },
    isFound: true,
    because: 'its pod is in the namespace of the slice',
  },
]) {
  test(`${isFound ? 'is' : 'is not'} an endpoint of v2: ${because}`, async (t) => {
    const { urls } = found([slice([endpoint])], v2, { pods: pods(known) });
    t.same(urls, isFound ? ['http://10.0.0.1:8080'] : []);
  });
}

test('a version whose pods all terminate is told to leave, whatever the other version has', async (t) => {
  const slices = [slice([ofPod('a', terminating('10.0.0.1')), ofPod('b', ready('10.0.0.2'))])];
  const known = pods({ a: { version: 'v1' }, b: { version: 'v2' } });
  const v1 = shop({ podLabel: { key: 'version', value: 'v1' } });
  t.match(found(slices, v1, { pods: known }), {
    urls: ['http://10.0.0.1:8080'],
    isTerminating: true,
  });
  t.match(found(slices, v2, { pods: known }), {
    urls: ['http://10.0.0.2:8080'],
    isTerminating: false,
  });
});

const orNull = { nil: null } as const;
const anyEndpoint: fc.Arbitrary<SliceEndpoint> = fc.record({
  addresses: fc.constantFrom(['10.0.0.1'], ['10.0.0.2'], ['10.0.0.3'], []),
  conditions: fc.option(
    fc.record({
      ready: fc.option(fc.boolean(), orNull),
      serving: fc.option(fc.boolean(), orNull),
      terminating: fc.option(fc.boolean(), orNull),
    }),
    orNull,
  ),
});
const anySlice: fc.Arbitrary<EndpointSlice> = fc
  .record({
    addressType: fc.constantFrom('IPv4' as const, 'IPv6' as const, 'FQDN' as const),
    endpoints: fc.option(fc.array(anyEndpoint, { maxLength: 4 })),
    ports: fc.option(
      fc.array(
        fc.record({
          name: fc.option(fc.constantFrom('http', '')),
          port: fc.option(fc.constantFrom(8080, 9090)),
          protocol: fc.option(fc.constantFrom('TCP', 'UDP')),
        }),
        { maxLength: 3 },
      ),
    ),
  })
  .map((parts) => ({ metadata: { name: 'shop', namespace: 'store' }, ...parts }));
const anyRule = fc.constantFrom(shop(), shop({ port: 80 }));

test('the order of slices does not matter', async () => {
  fc.assert(
    fc.property(
      fc.array(anySlice, { maxLength: 5 }),
      anyRule,
      fc.infiniteStream(fc.nat()),
      (slices, rule, dice) => {
        const shuffled = slices
          .map((one) => ({ one, at: dice.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        return JSON.stringify(found(slices, rule)) === JSON.stringify(found(shuffled, rule));
      },
    ),
  );
});

test('whatever there is is one family, each address once, and no trouble; or trouble', async () => {
  fc.assert(
    fc.property(fc.array(anySlice, { maxLength: 5 }), anyRule, (slices, rule) => {
      const { urls, trouble } = found(slices, rule);
      const six = urls.filter((url) => url.startsWith('http://[')).length;
      return (
        new Set(urls).size === urls.length &&
        (six === 0 || six === urls.length) &&
        (urls.length === 0) === (trouble !== '')
      );
    }),
  );
});

test('an endpoint that moves from one slice to another is there all the time', async () => {
  const anyAddress = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4');
  fc.assert(
    fc.property(
      fc.uniqueArray(anyAddress, { minLength: 1 }),
      anyAddress,
      fc.constantFrom(ready, unready, terminating),
      (others, moving, standing) => {
        const before = [slice([...others.map((one) => ready(one)), ready(moving)]), slice([])];
        // Written first where it comes to, where it may not be as ready yet, then where it left.
        const between = [before[0] ?? slice([]), slice([standing(moving)])];
        const after = [slice(others.map((one) => ready(one))), slice([ready(moving)])];
        const has = (slices: readonly EndpointSlice[]) =>
          found(slices).urls.includes(`http://${moving}:8080`);
        return has(before) && has(between) && has(after);
      },
    ),
  );
});
