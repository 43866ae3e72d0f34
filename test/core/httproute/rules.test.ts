import { test } from 'tap';
import { httpRoute, routesOf } from './an-object.ts';

/** The first line of the rules is a rule; each case says what of its route it is about. */
const backend = '  backendRefs: [{ name: shop-v1, port: 8080 }]';

for (const { that, rules, more, gives } of [
  {
    that: 'a rule that says nothing takes every request',
    rules: `- backendRefs: [{ name: shop-v1, port: 8080 }]`,
    gives: [{ name: 'shop/cart', match: undefined }],
  },
  {
    that: 'hosts of one rank are one route; a longer wildcard is another',
    rules: `- backendRefs: [{ name: shop-v1, port: 8080 }]`,
    more: 'hostnames: [a.example, "*.b.example", "*.longer.example", c.longer.example]',
    gives: [
      { name: 'shop/cart', match: { host: ['a.example', 'c.longer.example'] } },
      { name: 'shop/cart:3', match: { host: ['*.longer.example'] } },
      { name: 'shop/cart:2', match: { host: ['*.b.example'] } },
    ],
  },
  {
    that: 'each match is a route, numbered behind the name of its rule',
    rules: `- name: pay
  matches: [{ method: POST, path: { value: /pay } }, { path: { type: Exact, value: /pay } }]
${backend}`,
    gives: [
      { name: 'shop/cart#pay:2', match: { path: [{ exact: '/pay' }] } },
      {
        name: 'shop/cart#pay',
        match: { path: [{ prefix: '/pay' }], method: ['POST'] },
      },
    ],
  },
  {
    that: 'rules without a name have their number, but the first; all split users alike',
    rules: `- matches: [{ path: { value: /a/b } }]
${backend}
- matches: [{ path: { value: /a } }]
${backend}`,
    gives: [
      { name: 'shop/cart', salt: 'shop/cart' },
      { name: 'shop/cart#2', salt: 'shop/cart' },
    ],
  },
  {
    that: 'a regular expression has to take the whole value',
    rules: `- matches:
    - path: { type: RegularExpression, value: "/a|/b" }
      headers: [{ type: RegularExpression, name: X-A, value: "1|2" }]
      queryParams: [{ type: RegularExpression, name: q, value: x+ }]
${backend}`,
    gives: [
      {
        match: {
          path: [{ regex: '^(?:/a|/b)$' }],
          header: { 'x-a': [{ regex: '^(?:1|2)$' }] },
          query: { q: [{ regex: '^(?:x+)$' }] },
        },
      },
    ],
  },
  {
    that: 'a backend is a version, at the name that the cluster has for it',
    rules: `- backendRefs: [{ name: shop-v1, port: 8080, weight: 9 }, { name: shop-v2, port: 81 }]`,
    gives: [
      {
        versions: [
          { name: 'shop-v1', slot: 'shop-v1', weight: 9, urls: ['http://shop-v1.shop.svc:8080'] },
          { name: 'shop-v2', slot: 'shop-v2', weight: 1, urls: ['http://shop-v2.shop.svc:81'] },
        ],
      },
    ],
  },
  {
    that: 'a name that stands twice gets its port, and its namespace, and a number',
    rules: `- backendRefs:
    - { name: a, port: 1 }
    - { name: a, port: 2 }
    - { name: a, namespace: shop, port: 2 }
    - { name: a, namespace: shop, port: 2 }`,
    gives: [
      { versions: [{ name: 'a' }, { name: 'a:2' }, { name: 'shop/a:2' }, { name: 'shop/a:2~2' }] },
    ],
  },
  {
    that: 'a backend that leads nowhere keeps its share',
    rules: `- backendRefs: [{ name: shop-v1, port: 8080 }, { name: shop-v2 }]`,
    gives: [
      {
        versions: [
          { name: 'shop-v1', weight: 1 },
          { name: 'shop-v2', weight: 1, urls: [], invalid: 'it names no port' },
        ],
      },
    ],
  },
  {
    that: 'where nobody has a weight, a version that leads nowhere has everything',
    rules: `- backendRefs: [{ name: shop-v1, port: 8080, weight: 0 }]`,
    gives: [
      {
        versions: [
          { name: 'shop-v1', weight: 0 },
          { name: 'none', weight: 1, invalid: 'no backendRef has a weight' },
        ],
      },
    ],
  },
  {
    that: 'a rule that is null in places, as Go writes it',
    rules: `- matches: null
  filters: null
  timeouts: null
  backendRefs: [{ group: "", kind: Service, namespace: null, name: shop-v1, port: 8080, weight: null, filters: null }]`,
    gives: [{ match: undefined, versions: [{ name: 'shop-v1', weight: 1 }] }],
  },
  {
    that: 'an object without rules has one that leads nowhere',
    rules: '',
    gives: [{ match: undefined, versions: [{ invalid: 'the rule names no backendRefs' }] }],
  },
  {
    that: 'a mirror is a version of its own, and copies every method',
    rules: `- filters:
    - type: RequestMirror
      requestMirror: { backendRef: { name: shop-v2, port: 8080 }, percent: 5 }
  backendRefs: [{ name: shop-v1, port: 8080 }, { name: shop-v2, port: 8080, weight: 0 }]`,
    gives: [
      {
        versions: [
          { name: 'shop-v1', weight: 1 },
          { name: 'shop-v2', weight: 0 },
          { name: 'shop-v2:8080', weight: 0, urls: ['http://shop-v2.shop.svc:8080'] },
        ],
        mirror: { to: 'shop-v2:8080', percent: 5, compare: undefined },
      },
    ],
  },
  {
    that: 'a fraction is a part of a hundred unless it says otherwise',
    rules: `- filters:
    - type: RequestMirror
      requestMirror: { backendRef: { name: shop-v2, port: 8080 }, fraction: { numerator: 5 } }
${backend}`,
    gives: [{ mirror: { to: 'shop-v2', percent: 5 } }],
  },
  {
    that: 'a limit that is set takes the place of our own to the first byte',
    rules: `- timeouts: { request: 1m30s, backendRequest: 1h0m1s500ms }
${backend}
- timeouts: { request: 0s }
${backend}
- matches: [{ method: GET }]
${backend}`.replace('1m30s', '2h'),
    gives: [
      { name: 'shop/cart#3', timeouts: { firstByteMs: 30_000, totalMs: 0, attemptMs: 0 } },
      { timeouts: { firstByteMs: 0, totalMs: 7_200_000, attemptMs: 3_601_500, idleMs: 300_000 } },
      { timeouts: { firstByteMs: 0, totalMs: 0, attemptMs: 0 } },
    ],
  },
  {
    that: 'a redirect has no versions; one that names a scheme leads to its port',
    rules: `- filters: [{ type: RequestRedirect, requestRedirect: { scheme: https } }]`,
    gives: [
      { versions: [], redirect: { scheme: 'https', port: 443, host: undefined, status: 302 } },
    ],
  },
  {
    that: 'retries that are not named stay as they are',
    rules: `- retry: { codes: [503] }
${backend}
- retry: { attempts: 3 }
${backend}`,
    gives: [
      { retries: { attempts: 1, statuses: [503], budgetPercent: 20 } },
      { retries: { attempts: 3, statuses: [], budgetPercent: 20 } },
    ],
  },
]) {
  test(that, async (t) => {
    const text = httpRoute(rules, more);
    const routes = routesOf(rules === '' ? text.replace('  rules:\n', '  rules: null\n') : text);
    t.match(routes, gives);
    t.equal(routes.length, gives.length);
  });
}

test('what holds for all routes holds for HTTPRoutes, but a rollout', async (t) => {
  const [route] = routesOf(`apiVersion: turnout/v1
defaults:
  unit: header:x-user
  timeouts: { idle: 7s, firstByte: 5s }
  retries: { attempts: 0, budget: 5% }
  headers: { request: { set: { x-edge: turnout } } }
  onUnavailable: { fallback: elsewhere }
  rollout: { strategy: canary, from: shop-v1, to: shop-v2, steps: [{ weight: 10%, for: 1m }] }
---
${httpRoute(`- retry: { codes: [503] }\n${backend}`)}`);
  t.match(route, {
    unit: [{ kind: 'header', name: 'x-user' }],
    timeouts: { idleMs: 7_000, firstByteMs: 5_000 },
    retries: { attempts: 0, statuses: [503], budgetPercent: 5 },
    headers: { request: { set: { 'x-edge': 'turnout' } } },
    onUnavailable: { kind: 'fail' },
  });
  t.equal(route?.rollout, undefined);
});
