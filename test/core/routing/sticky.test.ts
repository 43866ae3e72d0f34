import { test } from 'tap';
import type { RouteRule } from '#core/routing/rules';
import { issuedCookie, stickyCookie } from '#core/routing/set-cookie';
import { rememberedVersion, stickyValue } from '#core/routing/sticky';
import { facts, madeUpUnit, ports, routeOf, version } from './made-up.ts';

const sticky: Partial<RouteRule> = { sticky: { cookie: 'version', maxAgeSeconds: 3_600 } };
const signed = ports({ stickyKeyId: 'k1' });

function remembered(rest: Partial<RouteRule>, value: string, given = ports()): string | undefined {
  const request = facts({ cookies: { version: value } });
  return rememberedVersion(routeOf({ ...sticky, ...rest }), request, given)?.name;
}

for (const { state, weight, kept } of [
  { state: 'active', weight: 10, kept: true },
  { state: 'active', weight: 0, kept: true },
  { state: 'drain', weight: 10, kept: true },
  { state: 'disabled', weight: 10, kept: false },
] as const) {
  test(`a remembered version that is ${state} with weight ${weight} is ${kept ? '' : 'not '}kept`, async (t) => {
    const versions = [version('v1'), version('v2', { state, weight })];
    t.equal(remembered({ versions }, 'v2'), kept ? 'v2' : undefined);
  });
}

test('what is remembered is the slot: a new name for it keeps its people', async (t) => {
  const versions = [version('v1'), version('v3', { slot: 'v2' })];
  t.equal(remembered({ versions }, 'v2'), 'v3');
  t.equal(remembered({ versions }, 'v3'), undefined);
});

test('of two versions with one slot the active one is meant', async (t) => {
  const versions = [version('v2', { state: 'drain' }), version('v3', { slot: 'v2' })];
  t.equal(remembered({ versions }, 'v2'), 'v3');
});

test('a slot of any text comes back from its cookie', async (t) => {
  for (const name of ['v1.2.3', 'a b;c', 'naïve', '%41', '"']) {
    const route = routeOf({ ...sticky, versions: [version('v1', { slot: name })] });
    for (const given of [ports(), signed]) {
      const [first] = route.versions;
      if (first === undefined) throw new Error('the route has versions');
      const value = stickyValue(route, first, given);
      t.match(value, /^[\w%-]+(?:\.k1\.[\w-]+)?$/);
      t.equal(rememberedVersion(route, facts({ cookies: { version: value } }), given), first);
    }
  }
});

test('with a key, only what we signed for this route is believed', async (t) => {
  const route = routeOf(sticky);
  const [v1, v2] = route.versions;
  if (v1 === undefined || v2 === undefined) throw new Error('the route has two versions');
  const good = stickyValue(route, v2, signed);
  t.equal(remembered({}, good, signed), 'v2');
  const elsewhere = stickyValue(routeOf({ ...sticky, name: 'other' }), v2, signed);
  const forged = stickyValue(route, v1, signed).replace('v1.', 'v2.');
  for (const value of [
    'v2',
    'v2.',
    'v2.k1',
    'v2.k1.',
    'v2.k9.abc',
    `${good}.`,
    forged,
    elsewhere,
  ]) {
    t.equal(remembered({}, value, signed), undefined, value);
  }
});

test('a cookie of an older key is believed as long as the key is there', async (t) => {
  const route = routeOf(sticky);
  const [, v2] = route.versions;
  if (v2 === undefined) throw new Error('the route has two versions');
  const old = stickyValue(route, v2, ports({ stickyKeyId: 'k2' }));
  t.equal(remembered({}, old, signed), 'v2');
});

test('without sticky nothing is remembered', async (t) => {
  const route = routeOf();
  const [v1] = route.versions;
  if (v1 === undefined) throw new Error('the route has versions');
  t.equal(rememberedVersion(route, facts({ cookies: { version: 'v1' } }), ports()), undefined);
  t.equal(stickyCookie(route, v1, ports(), true), undefined);
});

test('the Set-Cookie texts are what browsers take', async (t) => {
  const route = routeOf(sticky);
  const [v1] = route.versions;
  if (v1 === undefined) throw new Error('the route has versions');
  const attributes = 'HttpOnly; SameSite=Lax';
  t.equal(
    issuedCookie(madeUpUnit, true),
    `__Host-turnout-unit=${madeUpUnit}; Path=/; Max-Age=7776000; ${attributes}; Secure`,
  );
  t.equal(
    issuedCookie(madeUpUnit, false),
    `turnout-unit=${madeUpUnit}; Path=/; Max-Age=7776000; ${attributes}`,
  );
  t.equal(
    stickyCookie(route, v1, ports(), true),
    `version=v1; Path=/; Max-Age=3600; ${attributes}; Secure`,
  );
});
