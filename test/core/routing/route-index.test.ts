import fc from 'fast-check';
import { test } from 'tap';
import type { Facts } from '#core/conditions/facts';
import type { PathTest, When } from '#core/conditions/when';
import type { Route } from '#core/routing/route';
import type { Snapshot } from '#core/snapshot/snapshot';
import { facts, type MadeUpFacts, rule, rulesFor, snapshotOf } from './made-up.ts';

function found(matches: readonly (When | undefined)[], request: MadeUpFacts): string | undefined {
  return snapshotOf(...rulesFor(matches)).find(facts(request))?.name;
}

const path = (...tests: PathTest[]): When => ({ path: tests });

for (const { that, matches, request, route } of [
  {
    that: 'the first of two that hold, though the second is closer',
    matches: [path({ prefix: '/' }), path({ exact: '/a' })],
    request: { path: '/a' },
    route: 'route-0',
  },
  {
    that: 'a later route where the first holds by path and not by header',
    matches: [
      { ...path({ prefix: '/a' }), header: { x: [{ present: true }] } },
      path({ prefix: '/' }),
    ],
    request: { path: '/a/b' },
    route: 'route-1',
  },
  {
    that: 'a route for all between two of one host',
    matches: [{ host: ['other.example'] }, undefined, { host: ['shop.example.com'] }],
    request: {},
    route: 'route-1',
  },
  {
    that: 'a wildcard before an exact host',
    matches: [{ host: ['*.example.com'] }, { host: ['shop.example.com'] }],
    request: {},
    route: 'route-0',
  },
  {
    that: 'a wildcard over more than one label',
    matches: [{ host: ['*.com'] }],
    request: { host: 'a.b.example.com' },
    route: 'route-0',
  },
  {
    that: 'no wildcard for its own suffix',
    matches: [{ host: ['*.example.com'] }],
    request: { host: 'example.com' },
    route: undefined,
  },
  {
    that: 'nothing below a half segment',
    matches: [path({ prefix: '/a' })],
    request: { path: '/ab' },
    route: undefined,
  },
  {
    that: 'a prefix with a slash at its end',
    matches: [path({ prefix: '/a/' })],
    request: { path: '/a' },
    route: 'route-0',
  },
  {
    that: 'an exact path with a slash at its end by that path only',
    matches: [path({ exact: '/a/' }), path({ exact: '/a' })],
    request: { path: '/a' },
    route: 'route-1',
  },
  {
    that: 'a path beyond ASCII as requests have it',
    matches: [path({ prefix: '/café' })],
    request: { path: '/caf%C3%A9/x' },
    route: 'route-0',
  },
  {
    that: 'a regular expression among prefixes',
    matches: [path({ prefix: '/b' }, { regex: '^/a[0-9]$' })],
    request: { path: '/a1' },
    route: 'route-0',
  },
  {
    that: 'the prefix / for a path that is none, and no other prefix',
    matches: [path({ prefix: '/x' }), path({ prefix: '/' })],
    request: { method: 'OPTIONS', path: '*x' },
    route: 'route-1',
  },
  {
    that: 'no wildcard for a host with nothing before the suffix',
    matches: [{ host: ['*.example.com'] }],
    request: { host: '.example.com' },
    route: undefined,
  },
  {
    that: 'a host in brackets',
    matches: [{ host: ['[::1]'] }],
    request: { host: '[::1]' },
    route: 'route-0',
  },
  {
    that: 'a route without a host for a request that names none',
    matches: [{ host: ['*.com'] }, path({ prefix: '/' })],
    request: { host: '' },
    route: 'route-1',
  },
]) {
  test(`finds ${that}`, async (t) => {
    t.equal(found(matches, request), route);
  });
}

test('a route of very many hosts and paths is found as any other', async (t) => {
  const host = Array.from({ length: 200 }, (_, i) => `h${i}.example`);
  const tests = Array.from({ length: 200 }, (_, i) => ({ prefix: `/p${i}` }));
  t.equal(found([{ host, path: tests }], { host: 'h7.example', path: '/p9/x' }), 'route-0');
  t.equal(found([{ host, path: tests }], { host: 'h7.example', path: '/q' }), undefined);
});

const label = fc.constantFrom('a', 'b', 'com');
const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
const segment = fc.constantFrom('a', 'b', 'ab', 'caf%C3%A9', '~', '', '');
const somePath = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
const pathTest = fc.oneof(
  somePath.map((prefix): PathTest => ({ prefix })),
  somePath.map((exact): PathTest => ({ exact })),
  fc.constantFrom<PathTest>({ regex: '^/a' }, { regex: 'b$' }),
);
const hostPattern = fc.oneof(
  name,
  name.map((suffix) => `*.${suffix}`),
);
const match: fc.Arbitrary<When> = fc.record(
  {
    host: fc.array(hostPattern, { minLength: 1, maxLength: 2 }),
    path: fc.array(pathTest, { minLength: 1, maxLength: 2 }),
    method: fc.constant(['POST']),
  },
  { requiredKeys: [] },
);
const request = fc.record({
  host: fc.oneof(name, fc.constantFrom('', '.', '.com', 'a..com')),
  path: fc.oneof(
    somePath.map((text) => text.replace(/\/+/g, '/')),
    fc.constant('*'),
  ),
  method: fc.constantFrom('GET', 'POST'),
});

/** What the index must agree with. */
function scan({ routes }: Snapshot, request: Facts): Route | undefined {
  return routes.find((route) => route.matches(request));
}

test('gives the same answer as asking every route in document order', async () => {
  fc.assert(
    fc.property(
      fc.array(match, { maxLength: 8 }),
      fc.array(request, { minLength: 1, maxLength: 8 }),
      (matches, requests) => {
        const snapshot = snapshotOf(...rulesFor(matches));
        return requests.every((one) => snapshot.find(facts(one)) === scan(snapshot, facts(one)));
      },
    ),
    { numRuns: 1_000 },
  );
});

for (const { that, matchOf, requestOf } of [
  {
    that: '5,000 hosts',
    matchOf: (i: number) => ({ host: [`h${i}.example`] }),
    requestOf: (i: number) => ({ host: `h${i}.example` }),
  },
  {
    that: '5,000 wildcards',
    matchOf: (i: number) => ({ host: [`*.h${i}.example`] }),
    requestOf: (i: number) => ({ host: `www.h${i}.example` }),
  },
  {
    that: '5,000 prefixes of one host',
    matchOf: (i: number) => ({ host: ['shop.example.com'], path: [{ prefix: `/p${i}` }] }),
    requestOf: (i: number) => ({ path: `/p${i}/x` }),
  },
  {
    that: '5,000 exact paths',
    matchOf: (i: number) => path({ exact: `/a/p${i}` }),
    requestOf: (i: number) => ({ path: `/a/p${i}` }),
  },
]) {
  test(`of ${that} only the one that may hold is asked`, async (t) => {
    const rules = Array.from({ length: 5_000 }, (_, i) =>
      rule({ name: `${i}`, match: matchOf(i) }),
    );
    const snapshot = snapshotOf(...rules);
    for (const i of [0, 1, 2_500, 4_999]) {
      const { asked, counting } = countingFacts(requestOf(i));
      t.equal(snapshot.find(counting)?.index, i);
      t.ok(asked() < 10, `the request was looked at ${asked()} times`);
    }
  });
}

/** Facts that count how often host and path are looked at. */
function countingFacts(request: MadeUpFacts): { asked: () => number; counting: Facts } {
  let count = 0;
  const counting = new Proxy(facts(request), {
    get: (target, key: keyof Facts) => {
      count += 1;
      return target[key];
    },
  });
  return { asked: () => count, counting };
}
