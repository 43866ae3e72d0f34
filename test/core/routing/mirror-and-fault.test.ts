import { test } from 'tap';
import { explain } from '#core/routing/explain';
import { faultFor, troubleOf } from '#core/routing/fault';
import { mirrorFor } from '#core/routing/mirror';
import type { FaultRule, RouteRule } from '#core/routing/rules';
import { facts, mirrorTo, ports, routeOf, version } from './made-up.ts';

const fault: FaultRule = {
  when: { header: { 'x-rehearsal': [{ exact: 'yes' }] } },
  version: undefined,
  delayMs: 200,
  delayPercent: 10,
  abortStatus: 0,
  abortPercent: 0,
};

for (const { method, servedBy, isMirrored, because } of [
  { method: 'GET', servedBy: 'v1', isMirrored: true, because: 'the method is one of its own' },
  { method: 'POST', servedBy: 'v1', isMirrored: false, because: 'the method is none of its own' },
  { method: 'GET', servedBy: 'v2', isMirrored: false, because: 'its own version serves it' },
]) {
  test(`${isMirrored ? 'a' : 'no'} copy is made: ${because}`, async (t) => {
    const route = routeOf({ mirror: mirrorTo('v2', { percent: 5 }) });
    const [v1, v2] = route.versions;
    if (v1 === undefined || v2 === undefined) throw new Error('a route of two versions');
    const mirror = mirrorFor(route, method, servedBy === 'v1' ? v1 : v2);
    t.equal(mirror, isMirrored ? route.mirror : undefined);
    const { mirror: explained } = explain(
      route,
      facts({ method, headers: { 'x-user-id': userOf(servedBy) } }),
      ports(),
    );
    t.strictSame(explained, isMirrored ? { to: 'v2', percent: 5 } : undefined);
  });
}

for (const { rest, headers, servedBy, strikes, because } of [
  {
    rest: {},
    headers: { 'x-rehearsal': 'yes' },
    servedBy: 'v1',
    strikes: true,
    because: 'its condition holds',
  },
  { rest: {}, headers: {}, servedBy: 'v1', strikes: false, because: 'its condition does not hold' },
  {
    rest: { when: undefined },
    headers: {},
    servedBy: 'v1',
    strikes: true,
    because: 'it has no condition',
  },
  {
    rest: { when: undefined, version: 'v2' },
    headers: {},
    servedBy: 'v2',
    strikes: true,
    because: 'its version is to serve',
  },
  {
    rest: { when: undefined, version: 'v2' },
    headers: {},
    servedBy: 'v1',
    strikes: false,
    because: 'another version is to serve',
  },
] satisfies {
  rest: Partial<FaultRule>;
  headers: Record<string, string>;
  servedBy: string;
  strikes: boolean;
  because: string;
}[]) {
  test(`a fault ${strikes ? 'is' : 'is not'} about a request: ${because}`, async (t) => {
    const route = routeOf({ fault: { ...fault, ...rest } });
    const request = facts({ headers: { 'x-user-id': userOf(servedBy), ...headers } });
    const served = route.versions.find(({ name }) => name === servedBy);
    if (served === undefined) throw new Error('a version of the route');
    t.equal(faultFor(route, request, served), strikes ? route.fault : undefined);
    const { fault: explained } = explain(route, request, ports());
    t.strictSame(explained, strikes ? { delay: { timeMs: 200, percent: 10 } } : undefined);
  });
}

test('nothing is done to requests of a route without mirror and fault', async (t) => {
  const { mirror, fault } = explain(routeOf(), facts(), ports());
  t.strictSame([mirror, fault], [undefined, undefined]);
});

test('nothing is said of copies where no version serves', async (t) => {
  const versions = [version('v1', { state: 'disabled' }), version('v2', { state: 'disabled' })];
  const rest: Partial<RouteRule> = { versions, mirror: mirrorTo('v2'), fault };
  const { mirror, fault: told } = explain(routeOf(rest), facts(), ports());
  t.strictSame([mirror, told], [undefined, undefined]);
});

for (const { rest, trouble } of [
  { rest: {}, trouble: { delay: { timeMs: 200, percent: 10 } } },
  { rest: { delayMs: 0, abortPercent: 5 }, trouble: { abort: { with: 'reset', percent: 5 } } },
  {
    rest: { abortPercent: 5, abortStatus: 503 },
    trouble: { delay: { timeMs: 200, percent: 10 }, abort: { with: 503, percent: 5 } },
  },
]) {
  test(`what a fault does: ${Object.keys(trouble).join(' and ')}`, async (t) => {
    t.strictSame(troubleOf({ ...fault, ...rest }), trouble);
  });
}

/** Of the made-up route, which splits 90/10. */
function userOf(version: string): string {
  return version === 'v1' ? 'alice' : 'user-1';
}
