import fc from 'fast-check';
import { test } from 'tap';
import { explain } from '#core/routing/explain';
import { factsOf } from '../../src/cli/request-facts.ts';
import { sendAll } from '../support/pipelining-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { assignPorts, snapshotOf, startProxy } from '../support/start-proxy.ts';

const requests = 10_000;

function rules(url: string): string {
  return `apiVersion: turnout/v1
routes:
  - name: api
    match: { host: ["api.example.com", "*.api.example.com"], path: /v2, method: [GET, DELETE] }
    unit: ["header:x-user-id"]
    versions: { v1: { url: "${url}", weight: 70 }, v2: { url: "${url}", weight: 30 } }
  - name: exact
    match: { path: { exact: /cart/pay }, query: { step: [ "1", "2" ] } }
    unit: "cookie:uid"
    versions: { v1: { url: "${url}" }, v2: { url: "${url}" }, v3: { url: "${url}", state: drain } }
    sticky: { cookie: seen, maxAge: 1h }
  - name: shop
    match: { not: { path: /admin } }
    unit: ["header:x-user-id", "cookie:uid"]
    override: { header: x-version, query: version, trusted: [127.0.0.0/8] }
    audiences:
      - { name: insiders, when: { cookie: { insider: "yes" } }, version: v2 }
      - { name: phones, when: { device: mobile }, version: v1 }
      - { name: german, when: { language: de }, split: { v1: 1, v3: 1 } }
      - { name: gone, when: { header: { x-gone: { present: true } } }, version: v4 }
    versions:
      v1: { url: "${url}", weight: 5 }
      v2: { url: "${url}", weight: 3 }
      v3: { url: "${url}", weight: 2 }
      v4: { url: "${url}", state: disabled }
`;
}

const iPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

/** Every request has a unit, so that nothing is left to chance. */
const request = fc.record({
  method: fc.constantFrom('GET', 'DELETE', 'PUT', 'PURGE'),
  authority: fc.constantFrom('a.example.com', 'api.example.com', 'x.API.example.com:8080', '[::1]'),
  target: fc.constantFrom(
    '/',
    '/v2/users',
    '/v2',
    '/v20',
    '//v2//a',
    '/x/%2e%2E/v2',
    '/cart/pay?step=1',
    '/cart/pay?step=3',
    '/c%61rt/pay?a=b&step=2',
    '/admin',
    '/admin/users?version=v2',
    '/?version=v3',
    '/?version=v4&version=v1',
  ),
  user: fc.nat(1_000_000),
  headers: fc.uniqueArray(
    fc.constantFrom(
      'Cookie: insider=yes',
      'Cookie: a=b; insider=no',
      'Cookie: seen=v3',
      'Cookie: seen=v4',
      `User-Agent: ${iPhone}`,
      'Accept-Language: de-AT, en;q=0.5',
      'Accept-Language: en, de;q=0.9',
      'X-Gone: 1',
      'X-Version: v2',
      'X-Version: v4',
      'Connection: X-User-Id, close-not',
    ),
    { maxLength: 4 },
  ),
});

test(`explain and the proxy agree on ${requests} random requests`, async (t) => {
  const origin = await rawOrigin(answering(response('ok')));
  const text = rules(origin.url);
  const proxy = await startProxy(text);
  t.teardown(async () => {
    proxy.close();
    await origin.close();
  });
  const snapshot = snapshotOf(text);
  const described = fc.sample(request, { numRuns: requests, seed: 20_261_123 });
  const expected = described.map(({ user, headers, ...rest }) => {
    const lines = [`X-User-Id: user-${user}`, `Cookie: uid=user-${user}`, ...headers];
    const whole = { ...rest, scheme: 'http' as const, headers: lines, client: '127.0.0.1' };
    const { facts } = factsOf(whole, snapshot.fieldNames);
    const route = facts && snapshot.find(facts);
    const told = facts && route && explain(route, facts, assignPorts);
    const bytes = `${[`${whole.method} ${whole.target} HTTP/1.1`, `Host: ${whole.authority}`, ...lines].join('\r\n')}\r\n\r\n`;
    return { bytes, route: route?.name, version: told?.version, reason: told?.reason ?? 'none' };
  });

  await sendAll(
    proxy.port,
    requests,
    (index) => expected[index]?.bytes ?? '',
    () => {},
  );

  const different = proxy.seen
    .map((seen, index) => ({ seen, told: expected[index] }))
    .filter(
      ({ seen, told }) =>
        seen.route !== told?.route ||
        seen.version !== told?.version ||
        seen.reason !== told?.reason,
    );
  t.equal(proxy.seen.length, requests);
  t.same(different.slice(0, 3), []);
  const reasons = new Set(proxy.seen.map(({ reason }) => reason));
  t.same(
    [...reasons].sort(),
    [
      'audience:german',
      'audience:insiders',
      'audience:phones',
      'none',
      'override',
      'split',
      'sticky',
    ],
    'every reason had its turn',
  );
  t.same(proxy.bugs, []);
});
