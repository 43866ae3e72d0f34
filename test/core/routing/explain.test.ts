import fc from 'fast-check';
import { test } from 'tap';
import { assign, newAssignment } from '#core/routing/assign';
import { reasonText } from '#core/routing/assignment';
import { explain } from '#core/routing/explain';
import { explainMatch } from '#core/routing/explain-match';
import { overrideToken } from '#core/routing/override-token';
import type { RouteRule } from '#core/routing/rules';
import {
  facts,
  type MadeUpFacts,
  mac,
  madeUpUnit,
  now,
  ports,
  routeOf,
  rulesFor,
  snapshotOf,
  source,
  version,
} from './made-up.ts';

const everything: Partial<RouteRule> = {
  versions: [
    version('v1', { weight: 90 }),
    version('v2', { weight: 10 }),
    version('old', { state: 'drain' }),
    version('off', { state: 'disabled' }),
    version('new', { weight: 0 }),
  ],
  unit: [source('header:x-user-id'), source('cookie:uid'), source('issue')],
  audiences: [
    {
      name: 'gone',
      when: { header: { 'x-device': [{ exact: 'phone' }] } },
      to: { kind: 'version', version: 'off' },
    },
    {
      name: 'testers',
      when: { cookie: { insider: [{ exact: 'yes' }] } },
      to: { kind: 'version', version: 'new' },
    },
    {
      name: 'phones',
      when: { header: { 'x-device': [{ exact: 'phone' }] } },
      to: {
        kind: 'split',
        weights: new Map([
          ['v1', 1],
          ['v2', 1],
        ]),
      },
    },
  ],
  sticky: { cookie: 'version', maxAgeSeconds: 60 },
  override: {
    header: 'x-turnout-version',
    query: 'turnout-version',
    cookie: undefined,
    trusted: ['10.0.0.0/8'],
  },
};

function explained(request: MadeUpFacts, rest = everything) {
  return explain(routeOf(rest), facts(request), ports());
}

test('a split is explained with unit, salt, and the score of each version', async (t) => {
  const { unit, salt, split, version, reason, leftOut } = explained({
    headers: { 'x-user-id': 'alice' },
  });
  t.same(unit, { source: 'header:x-user-id', value: 'alice', minted: false });
  t.equal(salt, 'shop');
  t.match(split, { of: 'route', decided: true, byChance: false });
  t.match(split.draws, [
    { version: 'v1', weight: 90, share: 0.9 },
    { version: 'v2', weight: 10, share: 0.1 },
  ]);
  // The known answer rendezvous-scores of test/vectors/assignment.json.
  t.ok(Math.abs((split.draws[1]?.score ?? 0) - 0.08453107317551509) < 1e-12);
  t.equal(version, 'v1');
  t.equal(reason, 'split');
  t.same(leftOut, [
    { version: 'old', because: 'drain' },
    { version: 'off', because: 'disabled' },
    { version: 'new', because: 'weight 0' },
  ]);
});

test('without a unit the explanation says it was by chance', async (t) => {
  const { unit, split, version } = explained({});
  t.equal(unit, undefined);
  t.match(split, { decided: true, byChance: true });
  t.same(
    split.draws.map(({ u, score }) => u ?? score),
    [undefined, undefined],
  );
  t.equal(version, 'v2');
});

test('a unit issued for this request is said to be new', async (t) => {
  const { unit, unitSources } = explained({ headers: { 'sec-fetch-mode': 'navigate' } });
  t.same(unit, { source: 'issue', value: madeUpUnit, minted: true });
  t.same(unitSources, [
    { source: 'header:x-user-id', value: '' },
    { source: 'cookie:uid', value: '' },
    { source: 'issue', value: '' },
  ]);
});

test('audiences are explained up to the one that decided', async (t) => {
  const { audiences, split, reason } = explained({
    headers: { 'x-device': 'phone', 'x-user-id': 'alice' },
  });
  t.match(audiences, [
    { name: 'gone', holds: true, outcome: 'passed over' },
    {
      name: 'testers',
      holds: false,
      outcome: 'does not hold',
      findings: [{ seen: 'no cookie insider' }],
    },
    { name: 'phones', holds: true, outcome: 'taken' },
  ]);
  t.match(split, { of: 'audience', decided: true });
  t.same(
    split.draws.map(({ share }) => share),
    [0.5, 0.5],
  );
  t.equal(reason, 'audience:phones');
});

test('audiences after the one that decided are not asked', async (t) => {
  const { audiences } = explained({ cookies: { insider: 'yes' } });
  t.same(
    audiences.map(({ name }) => name),
    ['gone', 'testers'],
  );
});

test('memory is explained with what the cookie says', async (t) => {
  const { sticky, split, reason } = explained({ cookies: { version: 'old' } });
  t.same(sticky, { cookie: 'version', seen: 'old', version: 'old' });
  t.equal(split.decided, false);
  t.equal(reason, 'sticky');
  t.same(explained({ cookies: { version: 'off' } }).sticky, {
    cookie: 'version',
    seen: 'off',
    version: undefined,
  });
  t.equal(explained({}, {}).sticky, undefined);
});

test('an override is explained place by place, a token without its text', async (t) => {
  const wish = { keyId: 'k1', route: 'shop', version: 'new', host: 'shop.example.com', nonce: 'n' };
  const token = overrideToken({ ...wish, expiresAt: now / 1000 + 60 }, mac);
  const { override, audiences, reason, version } = explained({
    headers: { 'x-turnout-version': 'v2' },
    query: `turnout-version=${token}`,
  });
  t.same(override, [
    { place: 'header', name: 'x-turnout-version', seen: 'v2', outcome: 'untrusted' },
    { place: 'query', name: 'turnout-version', seen: 'a token', outcome: 'granted' },
  ]);
  t.same(audiences, []);
  t.equal(version, 'new');
  t.equal(reason, 'override');
  t.match(explained({}).override, [{ outcome: 'absent' }, { outcome: 'absent' }]);
});

test('where no version takes the request, that is what is said', async (t) => {
  const off = { versions: [version('v1', { state: 'disabled' })] };
  t.match(explained({}, off), { version: undefined, reason: 'none', split: { draws: [] } });
});

const bytes = fc.uint8Array({ maxLength: 12 }).map((array) => String.fromCharCode(...array));
const request: fc.Arbitrary<MadeUpFacts> = fc.record({
  client: fc.constantFrom('10.0.0.1', '192.0.2.1'),
  headers: fc.record(
    {
      'x-user-id': bytes,
      'x-device': fc.constantFrom('phone', 'desk'),
      'x-turnout-version': fc.constantFrom('v1', 'off', 'old', 'v9'),
      'sec-fetch-mode': fc.constantFrom('navigate', 'cors'),
    },
    { requiredKeys: [] },
  ),
  cookies: fc.record(
    { insider: fc.constantFrom('yes', 'no'), version: fc.constantFrom('v1', 'old', 'off', 'v9') },
    { requiredKeys: [] },
  ),
});

test('an explanation agrees with the assignment, and its lowest score with the version', async () => {
  const route = routeOf(everything);
  fc.assert(
    fc.property(request, (made) => {
      const assignment = newAssignment();
      assign(route, facts(made), ports(), assignment);
      const said = explain(route, facts(made), ports());
      if (said.version !== assignment.version?.name) return false;
      if (said.reason !== reasonText(assignment)) return false;
      if (!said.split.decided || said.split.byChance) return true;
      const [lowest] = said.split.draws.toSorted((a, b) => (a.score ?? 0) - (b.score ?? 0));
      return lowest?.version === said.version;
    }),
    { numRuns: 1_000 },
  );
});

test('matching is explained route by route, up to the one that takes the request', async (t) => {
  const snapshot = snapshotOf(
    ...rulesFor([
      { host: ['other.example'] },
      { path: [{ prefix: '/a' }], header: { 'x-beta': [{ present: true }] } },
      { path: [{ prefix: '/a' }] },
      undefined,
    ]),
  );
  const asked = facts({ path: '/a/b' });
  const tried = explainMatch(snapshot, asked);
  t.match(tried, [
    { route: 'route-0', index: 0, holds: false, findings: [{ part: 'host', holds: false }] },
    {
      route: 'route-1',
      holds: false,
      findings: [
        { part: 'path', holds: true },
        { part: 'header x-beta', holds: false },
      ],
    },
    { route: 'route-2', holds: true },
  ]);
  t.equal(tried.length, 3);
  t.equal(tried.at(-1)?.route, snapshot.find(asked)?.name);
  t.match(explainMatch(snapshot, facts()).at(-1), { route: 'route-3', holds: true, findings: [] });
});
