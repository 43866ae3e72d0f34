import fc from 'fast-check';
import { test } from 'tap';
import { grant, overrideOf } from '#core/routing/override';
import {
  isToken,
  maxTokenTtlSeconds,
  overrideToken,
  type TokenRequest,
  versionOfToken,
} from '#core/routing/override-token';
import { facts, type MadeUpFacts, mac, now, ports, routeOf, version } from './made-up.ts';

const route = routeOf({
  name: 'café',
  versions: [
    version('v1'),
    version('v2', { weight: 0 }),
    version('old', { state: 'drain' }),
    version('off', { state: 'disabled' }),
    version('naïve'),
  ],
  override: {
    header: 'X-Turnout-Version',
    query: 'turnout-version',
    cookie: 'turnout-version',
    trusted: ['10.0.0.0/8', '2001:db8::/32'],
  },
});

function token(rest: Partial<TokenRequest> = {}): string {
  const request = {
    keyId: 'k1',
    route: 'café',
    version: 'v2',
    host: 'shop.example.com',
    expiresAt: now / 1000 + 3_600,
    nonce: 'nonce-1',
    ...rest,
  };
  return overrideToken(request, mac) ?? 'no key';
}

function overridden(request: MadeUpFacts): string | undefined {
  return overrideOf(route, facts(request), ports())?.version.name;
}

for (const { that, request, version } of [
  {
    that: 'a token in the header',
    request: { headers: { 'x-turnout-version': token() } },
    version: 'v2',
  },
  {
    that: 'a token in the query',
    request: { query: `a=1&turnout-version=${token()}` },
    version: 'v2',
  },
  {
    that: 'a token in the cookie',
    request: { cookies: { 'turnout-version': token({ version: 'naïve' }) } },
    version: 'naïve',
  },
  {
    that: 'a token for a draining version',
    request: { query: `turnout-version=${token({ version: 'old' })}` },
    version: 'old',
  },
  {
    that: 'a token of another key we know',
    request: { query: `turnout-version=${token({ keyId: 'k2' })}` },
    version: 'v2',
  },
  {
    that: 'a name from a trusted client',
    request: { client: '10.1.2.3', headers: { 'x-turnout-version': 'v2' } },
    version: 'v2',
  },
  {
    that: 'a name from a trusted IPv6 client',
    request: { client: '2001:db8::1', cookies: { 'turnout-version': 'old' } },
    version: 'old',
  },
  {
    that: 'a token in the query where the header wishes in vain',
    request: { headers: { 'x-turnout-version': 'v2' }, query: `turnout-version=${token()}` },
    version: 'v2',
  },
]) {
  test(`${that} is granted`, async (t) => {
    t.equal(overridden(request), version);
  });
}

for (const { that, wish, client, host, refusal } of [
  { that: 'a name from anybody', wish: 'v2', refusal: 'untrusted' },
  { that: 'a name sent twice', wish: 'v2, v2', client: '10.1.2.3', refusal: 'unknown_version' },
  { that: 'an unknown name', wish: 'v9', client: '10.1.2.3', refusal: 'unknown_version' },
  { that: 'the name of a disabled version', wish: 'off', client: '10.1.2.3', refusal: 'disabled' },
  { that: 'a token for a disabled version', wish: token({ version: 'off' }), refusal: 'disabled' },
  {
    that: 'a token for a version that is gone',
    wish: token({ version: 'v9' }),
    refusal: 'unknown_version',
  },
  { that: 'a token for another route', wish: token({ route: 'shop' }), refusal: 'other_route' },
  {
    that: 'a token at another host',
    wish: token(),
    host: 'evil.example',
    refusal: 'bad_signature',
  },
  { that: 'a token that has expired', wish: token({ expiresAt: now / 1000 }), refusal: 'expired' },
  {
    that: 'a token for longer than 7 days',
    wish: token({ expiresAt: now / 1000 + maxTokenTtlSeconds + 1 }),
    refusal: 'too_long',
  },
  {
    that: 'a token of a key that is gone',
    wish: token().replace('v1.k1.', 'v1.k9.'),
    refusal: 'unknown_key',
  },
  {
    that: 'a token with another key named in it',
    wish: token().replace('v1.k1.', 'v1.k2.'),
    refusal: 'bad_signature',
  },
]) {
  test(`${that} is refused: ${refusal}`, async (t) => {
    const request = facts({
      ...(client === undefined ? {} : { client }),
      ...(host === undefined ? {} : { host }),
    });
    t.equal(grant(route, wish, request, ports()), refusal);
  });
}

test('a token with any one character changed is refused', async () => {
  const good = token();
  const characters = fc.constantFrom(...'ABCabc019-_.~');
  fc.assert(
    fc.property(fc.nat(good.length - 1), characters, (place, character) => {
      const forged = good.slice(0, place) + character + good.slice(place + 1);
      return forged === good || typeof grant(route, forged, facts(), ports()) === 'string';
    }),
    { numRuns: 1_000 },
  );
});

test('a token of 7 days is granted, and one with a second left', async (t) => {
  for (const seconds of [1, maxTokenTtlSeconds]) {
    const wish = token({ expiresAt: now / 1000 + seconds });
    t.match(grant(route, wish, facts(), ports()), { name: 'v2' });
  }
});

test('a route without an override grants nothing', async (t) => {
  const request = facts({ headers: { 'x-turnout-version': token({ route: 'shop' }) } });
  t.equal(overrideOf(routeOf(), request, ports()), undefined);
});

test('a name is no token, not even one that begins like one', async (t) => {
  for (const name of ['v1', 'v1.2.3', 'v2.a.b.c.1.d.e', `${token()}, ${token()}`]) {
    t.equal(isToken(name), false);
  }
});

test('what is signed and still no token is refused', async (t) => {
  const claim = `v1.k1.${Buffer.from('café').toString('base64url')}.A.${now / 1000 + 60}.n`;
  const signature = mac('k1', `turnout-override\nshop.example.com\n${claim}`);
  const asked = ['café', `${claim}.${signature}`, 'shop.example.com', ports()] as const;
  t.match(versionOfToken(...asked), { refusal: 'no_token' });
  t.match(versionOfToken('café', 'v2', 'shop.example.com', ports()), { refusal: 'no_token' });
});

test('without the key there is no token', async (t) => {
  t.equal(token({ keyId: 'k9' }), 'no key');
});
