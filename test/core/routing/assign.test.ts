import { test } from 'tap';
import { assign, newAssignment } from '#core/routing/assign';
import { type Assignment, reasonText } from '#core/routing/assignment';
import { overrideToken } from '#core/routing/override-token';
import type { AudienceRule, RouteRule } from '#core/routing/rules';
import {
  facts,
  type MadeUpFacts,
  mac,
  madeUpUnit,
  now,
  ports,
  routeOf,
  source,
  version,
} from './made-up.ts';

const navigation = { 'sec-fetch-mode': 'navigate' };
const phones: AudienceRule = {
  name: 'phones',
  when: { header: { 'x-device': [{ exact: 'phone' }] } },
  to: { kind: 'version', version: 'v1' },
};
/** Takes every stage, so that each case shows which one wins. */
const everything: Partial<RouteRule> = {
  unit: [source('header:x-user-id'), source('cookie:uid'), source('issue')],
  audiences: [phones],
  sticky: { cookie: 'version', maxAgeSeconds: 3_600 },
  override: {
    header: 'x-turnout-version',
    query: 'turnout-version',
    cookie: 'turnout-version',
    trusted: ['10.0.0.0/8'],
  },
};

function assigned(rest: Partial<RouteRule>, request: MadeUpFacts = {}): Assignment {
  const into = newAssignment();
  assign(routeOf(rest), facts(request), ports(), into);
  return into;
}

function token(route: string, wanted: string): string {
  const request = { keyId: 'k1', route, version: wanted, host: 'shop.example.com', nonce: 'n' };
  return overrideToken({ ...request, expiresAt: now / 1000 + 60 }, mac) ?? '';
}

/** By the known answers, alice is v1's and a is v2's in a split of 90/10. */
const [alice, other] = ['alice', 'a'];

for (const { that, request, version, reason } of [
  {
    that: 'an override beats audience, memory and split',
    request: {
      client: '10.1.2.3',
      headers: { 'x-turnout-version': 'v2', 'x-device': 'phone', 'x-user-id': alice },
      cookies: { version: 'v1' },
    },
    version: 'v2',
    reason: 'override',
  },
  {
    that: 'an audience beats memory and split',
    request: {
      headers: { 'x-device': 'phone', 'x-user-id': other },
      cookies: { version: 'v2' },
    },
    version: 'v1',
    reason: 'audience:phones',
  },
  {
    that: 'memory beats the split',
    request: { headers: { 'x-user-id': alice }, cookies: { version: 'v2' } },
    version: 'v2',
    reason: 'sticky',
  },
  {
    that: 'the split is drawn by the unit',
    request: { headers: { 'x-user-id': other } },
    version: 'v2',
    reason: 'split',
  },
  {
    that: 'without a unit the split is drawn by chance',
    request: {},
    version: 'v2',
    reason: 'split',
  },
]) {
  test(`${that}`, async (t) => {
    const assignment = assigned(everything, request);
    t.equal(assignment.version?.name, version);
    t.equal(assignment.assigned, assignment.version);
    t.equal(reasonText(assignment), reason);
  });
}

test('a disabled version is reached by nothing', async (t) => {
  const disabled = {
    ...everything,
    versions: [version('v1'), version('v2', { weight: 1_000, state: 'disabled' })],
    audiences: [{ ...phones, to: { kind: 'version', version: 'v2' } as const }],
  };
  for (const request of [
    { client: '10.1.2.3', headers: { 'x-turnout-version': 'v2' } },
    { query: `turnout-version=${token('shop', 'v2')}` },
    { headers: { 'x-device': 'phone' } },
    { cookies: { version: 'v2' } },
    { headers: { 'x-user-id': other } },
  ]) {
    const assignment = assigned(disabled, request);
    t.equal(assignment.version?.name, 'v1');
    t.equal(assignment.reason, 'split');
  }
});

test('a draining version is reached by override and memory only', async (t) => {
  const draining = {
    ...everything,
    versions: [version('v1'), version('v2', { weight: 1_000, state: 'drain' })],
    audiences: [{ ...phones, to: { kind: 'version', version: 'v2' } as const }],
  };
  for (const { request, reason } of [
    { request: { client: '10.1.2.3', headers: { 'x-turnout-version': 'v2' } }, reason: 'override' },
    { request: { cookies: { version: 'v2' } }, reason: 'sticky' },
  ]) {
    const assignment = assigned(draining, request);
    t.equal(assignment.version?.name, 'v2');
    t.equal(assignment.reason, reason);
  }
  for (const request of [
    { headers: { 'x-device': 'phone' } },
    { headers: { 'x-user-id': other } },
  ]) {
    t.equal(assigned(draining, request).version?.name, 'v1');
  }
});

test('an audience that cannot serve is passed over for the next that holds', async (t) => {
  const assignment = assigned(
    {
      versions: [version('v1', { state: 'disabled' }), version('v2'), version('v3')],
      audiences: [phones, { ...phones, name: 'also', to: { kind: 'version', version: 'v3' } }],
    },
    { headers: { 'x-device': 'phone' } },
  );
  t.equal(assignment.version?.name, 'v3');
  t.equal(reasonText(assignment), 'audience:also');
});

test('an audience reaches a version of weight 0', async (t) => {
  const rest = { versions: [version('v1', { weight: 0 }), version('v2')], audiences: [phones] };
  t.equal(assigned(rest, { headers: { 'x-device': 'phone' } }).version?.name, 'v1');
});

test("an audience's own split is drawn by the unit with its own weights", async (t) => {
  const weights = new Map([
    ['v1', 0],
    ['v2', 1],
    ['v3', 1],
  ]);
  const rest = {
    versions: [version('v1'), version('v2', { weight: 0 }), version('v3', { weight: 0 })],
    audiences: [{ ...phones, to: { kind: 'split', weights } as const }],
  };
  const seen = new Set<string | undefined>();
  for (let i = 0; i < 50; i += 1) {
    const request = { headers: { 'x-device': 'phone', 'x-user-id': `${i}` } };
    const first = assigned(rest, request);
    t.equal(assigned(rest, request).version?.name, first.version?.name);
    seen.add(first.version?.name);
  }
  t.same([...seen].sort(), ['v2', 'v3']);
});

test('where no version takes anybody, the fallback serves, or nobody', async (t) => {
  const versions = [version('v1', { state: 'disabled' }), version('v2', { weight: 0 })];
  const nobody = assigned({ versions });
  t.equal(nobody.version, undefined);
  t.equal(nobody.reason, 'none');
  const fallback = assigned({ versions, onUnavailable: { kind: 'fallback', version: 'v2' } });
  t.equal(fallback.version?.name, 'v2');
  t.equal(fallback.reason, 'fallback');
  const draining = [version('v1', { state: 'disabled' }), version('v2', { state: 'drain' })];
  const need = { kind: 'fallback', version: 'v2' } as const;
  t.equal(assigned({ versions: draining, onUnavailable: need }).version, undefined);
});

test('a unit is issued on a navigation, and decides the split', async (t) => {
  const assignment = assigned({ unit: [source('issue')] }, { headers: navigation });
  t.match(assignment, { unit: madeUpUnit, unitSource: 0, minted: true, reason: 'split' });
});

for (const { that, rest, request } of [
  { that: 'an API call', rest: {}, request: { headers: { 'sec-fetch-mode': 'cors' } } },
  {
    that: 'a request with a unit',
    rest: {},
    request: { headers: { ...navigation, 'x-user-id': alice } },
  },
  {
    that: 'a split of one version',
    rest: { versions: [version('v1')] },
    request: { headers: navigation },
  },
  {
    that: 'an override',
    rest: everything,
    request: { client: '10.1.2.3', headers: { ...navigation, 'x-turnout-version': 'v2' } },
  },
  {
    that: 'a route that does not issue',
    rest: { unit: [source('cookie:uid')] },
    request: { headers: navigation },
  },
  { that: '`unit: request`', rest: { unit: 'request' as const }, request: { headers: navigation } },
]) {
  test(`no unit is issued for ${that}`, async (t) => {
    const unit = [source('header:x-user-id'), source('issue')];
    t.equal(assigned({ unit, ...rest }, request).minted, false);
  });
}

test('the answer remembers what the split chose, and nothing else', async (t) => {
  t.equal(assigned(everything, { headers: { 'x-user-id': alice } }).remember, true);
  t.equal(assigned(everything, { cookies: { version: 'v2' } }).remember, false);
  t.equal(assigned(everything, { cookies: { version: 'gone' } }).remember, true);
  t.equal(assigned(everything, { headers: { 'x-device': 'phone' } }).remember, false);
  t.equal(assigned({}, { headers: { 'x-user-id': alice } }).remember, false);
});

test('the unit is known even where something else decides', async (t) => {
  const request = { headers: { 'x-device': 'phone' }, cookies: { uid: 'bob' } };
  t.match(assigned(everything, request), { unit: 'bob', unitSource: 1, reason: 'audience' });
});

test('an assignment used again keeps nothing of the request before', async (t) => {
  const into = newAssignment();
  const route = routeOf(everything);
  assign(route, facts({ headers: { 'x-device': 'phone', 'x-user-id': alice } }), ports(), into);
  assign(route, facts({ headers: navigation }), ports(), into);
  assign(routeOf({ versions: [version('v1', { weight: 0 })] }), facts(), ports(), into);
  t.same(into, newAssignment());
});

test('two replicas give the same people the same versions, in whatever order they are named', async (t) => {
  const versions = [version('v1', { weight: 5 }), version('v2', { weight: 3 }), version('v3')];
  const [here, there] = [routeOf({ versions }), routeOf({ versions: versions.toReversed() })];
  const [a, b] = [newAssignment(), newAssignment()];
  for (let i = 0; i < 2_000; i += 1) {
    const request = facts({ headers: { 'x-user-id': `${i}` } });
    assign(here, request, ports(), a);
    assign(there, request, ports(), b);
    if (a.version?.name !== b.version?.name) t.fail(`user ${i} differs`);
  }
});

test('a version that names the slot of another takes over its people', async (t) => {
  const before = { versions: [version('v1'), version('v2')] };
  const after = { versions: [version('v1'), version('v3', { slot: 'v2' })] };
  for (let i = 0; i < 200; i += 1) {
    const request = { headers: { 'x-user-id': `${i}` } };
    const was = assigned(before, request).version?.name;
    t.equal(assigned(after, request).version?.name, was === 'v2' ? 'v3' : 'v1');
  }
});
