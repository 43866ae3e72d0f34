import fc from 'fast-check';
import { test } from 'tap';
import { importText } from '#core/import/import-text';
import type { RouteRule } from '#core/routing/rules';
import { imported, outcomesOf } from './imported.ts';
import { canary, ingress, listOf } from './ingresses.ts';

interface Policy {
  readonly header: string;
  readonly value: string;
  readonly pattern: string;
  readonly cookie: string;
  readonly weight: number;
  readonly total: number | undefined;
}

interface Request {
  readonly header: string | undefined;
  readonly cookie: string | undefined;
}

/**
 * Where ingress-nginx sends a request by the annotations of a canary, told by us from
 * `route_to_alternative_balancer` of its lua/balancer.lua: true is the canary, false the main
 * Ingress, undefined leaves it to the weight.
 */
function controllerSends(policy: Policy, { header, cookie }: Request): boolean | undefined {
  const byHeader = header === undefined ? undefined : headerSends(policy, header);
  if (byHeader !== undefined || policy.cookie === '') return byHeader;
  return alwaysOrNever(cookie);
}

function headerSends({ header, value, pattern }: Policy, sent: string): boolean | undefined {
  if (header === '') return undefined;
  if (value !== '') return sent === value ? true : undefined;
  if (pattern !== '') return new RegExp(pattern).test(sent) ? true : undefined;
  return alwaysOrNever(sent);
}

function alwaysOrNever(word: string | undefined): boolean | undefined {
  if (word === 'always') return true;
  return word === 'never' ? false : undefined;
}

/** The chance of the canary where the weight decides: `math.random(total) <= weight`. */
function controllerShare({ weight, total = 0 }: Policy): number {
  const of = total > 100 ? total : 100;
  return Math.min(of, weight) / of;
}

const word = fc.constantFrom('always', 'never', 'insider', 'Always', 'beta-7', '');
const policy: fc.Arbitrary<Policy> = fc.record({
  header: fc.constantFrom('', 'x-canary', 'X-Group'),
  value: fc.constantFrom('', '', 'insider', 'always', 'never'),
  pattern: fc.constantFrom('', '', '^beta-[0-9]+$', 'sid', 'never'),
  cookie: fc.constantFrom('', 'canary'),
  weight: fc.integer({ min: 0, max: 1_200 }),
  total: fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: undefined }),
});
const request: fc.Arbitrary<Request> = fc.record({
  header: fc.option(word, { nil: undefined }),
  cookie: fc.option(word, { nil: undefined }),
});

function textOf({ header, value, pattern, cookie, weight, total }: Policy): string {
  const annotations = Object.fromEntries(
    Object.entries({
      'canary-by-header': header,
      'canary-by-header-value': value,
      'canary-by-header-pattern': pattern,
      'canary-by-cookie': cookie,
      'canary-weight': String(weight),
      'canary-weight-total': total === undefined ? '' : String(total),
    }).filter(([, text]) => text !== ''),
  );
  return listOf(ingress(), canary({ annotations }));
}

test('a canary gets what ingress-nginx would have sent it, whatever its annotations say', async () => {
  fc.assert(fc.property(policy, request, isSentAlike), { numRuns: 500 });
});

function isSentAlike(asked: Policy, { header, cookie }: Request): boolean {
  const result = importText('ingress-nginx', textOf(asked), 'in.yaml');
  const written = result.kind === 'imported' ? result.document?.text : undefined;
  const outcome = outcomesOf(written ?? '')({
    headers: header === undefined ? {} : { [asked.header.toLowerCase()]: header },
    cookies: cookie === undefined ? {} : { canary: cookie },
  });
  const sent = controllerSends(asked, { header, cookie });
  if (sent === undefined) {
    return outcome?.reason === 'split' && shareOfCanary(outcome.rule) === controllerShare(asked);
  }
  return outcome?.reason === 'audience' && outcome.version === (sent ? 'shop-v2' : 'shop-v1');
}

function shareOfCanary({ versions }: RouteRule): number {
  const total = versions.reduce((sum, { weight }) => sum + weight, 0);
  return (versions.find(({ name }) => name === 'shop-v2')?.weight ?? 0) / total;
}

for (const { annotations, headers = {}, cookies = {}, version, because } of [
  {
    annotations: { 'canary-by-header': 'x-canary', 'canary-by-cookie': 'c' },
    headers: { 'x-canary': 'never' },
    cookies: { c: 'always' },
    version: 'shop-v1',
    because: 'the header comes before the cookie',
  },
  {
    annotations: { 'canary-by-header': 'x-canary', 'canary-by-cookie': 'c' },
    headers: { 'x-canary': 'whatever' },
    cookies: { c: 'always' },
    version: 'shop-v2',
    because: 'another value of the header leaves it to the cookie',
  },
  {
    annotations: {
      'canary-by-header': 'x-canary',
      'canary-by-header-value': 'yes',
      'canary-weight': '100',
    },
    headers: { 'x-canary': 'never' },
    version: 'shop-v2',
    because: 'with a value of its own, never has no meaning, and the weight decides',
  },
  {
    annotations: { 'canary-by-header': 'x-canary', 'canary-weight': '100' },
    headers: { 'x-canary': 'never' },
    version: 'shop-v1',
    because: 'never reaches the main service though it has no weight left',
  },
  {
    annotations: {
      'canary-by-header': 'x-canary',
      'canary-by-header-value': 'yes',
      'canary-by-header-pattern': '.*',
    },
    headers: { 'x-canary': 'no' },
    version: 'shop-v1',
    because: 'a value makes the pattern do nothing',
  },
  {
    annotations: { 'canary-by-header-value': 'yes', 'canary-weight': '0' },
    headers: { 'x-canary': 'yes' },
    version: 'shop-v1',
    because: 'a value without a header does nothing',
  },
  {
    annotations: { 'canary-weight': '60', 'canary-weight-total': '50' },
    version: 'shop-v2',
    because: 'a total below 100 is 100, so 0.5 is among the 60',
  },
  {
    annotations: { 'canary-weight': '400', 'canary-weight-total': '1000' },
    version: 'shop-v1',
    because: '0.5 is not among 400 of 1000',
  },
]) {
  test(`${version}: ${because}`, async (t) => {
    const { text } = imported(t, 'ingress-nginx', listOf(ingress(), canary({ annotations })));
    // The split is drawn from the end of the versions: a draw of 0.5 is in the larger half.
    t.equal(outcomesOf(text)({ headers, cookies })?.version, version);
  });
}

test('weights beyond what a version may have keep their proportion', async (t) => {
  const annotations = { 'canary-weight': '1000000000', 'canary-weight-total': '4000000000' };
  const { rules } = imported(t, 'ingress-nginx', listOf(ingress(), canary({ annotations })));
  t.same(
    rules[0]?.versions.map(({ weight }) => weight),
    [1_000_000, 333_333],
  );
});

test('which canary counts', async (t) => {
  t.test('one of a main Ingress with the same host, path and type', async (t) => {
    const others = [
      canary({ name: 'other-host', host: 'x.example.com' }),
      canary({ name: 'other-path', path: '/x' }),
      canary({ name: 'other-type', pathType: 'Exact' }),
    ];
    const { rules, warnings } = imported(t, 'ingress-nginx', listOf(ingress(), ...others));
    t.same(
      rules.map(({ versions }) => versions.length),
      [1],
    );
    t.equal(warnings.length, 3);
    for (const warning of warnings)
      t.match(warning, /TN6005 .*no main Ingress has this host and path/);
  });

  t.test('the older of two; where their age is not known, the first', async (t) => {
    const one = { annotations: { 'canary-weight': '10' } };
    const two = { name: 'second', service: 'shop-v3', annotations: { 'canary-weight': '20' } };
    const at = (creationTimestamp: string) => ({ metadata: { creationTimestamp } });
    const aged = (made: object, time: string) => {
      const object = made as { readonly metadata: object };
      return { ...object, metadata: { ...object.metadata, ...at(time).metadata } };
    };
    const plain = imported(t, 'ingress-nginx', listOf(ingress(), canary(one), canary(two)));
    t.match(plain.text, 'shop-v2');
    t.match(plain.warnings.join(), 'another canary of this host and path is older');
    const text = listOf(
      aged(ingress(), '2026-01-01T00:00:00Z'),
      aged(canary(one), '2026-03-01T00:00:00Z'),
      aged(canary(two), '2026-02-01T00:00:00Z'),
    );
    t.match(
      imported(t, 'ingress-nginx', text).rules[0]?.versions.map(({ name }) => name),
      ['shop-v1', 'shop-v3'],
    );
  });

  t.test('not one that names the Service of its main Ingress', async (t) => {
    const { rules, warnings } = imported(
      t,
      'ingress-nginx',
      listOf(ingress(), canary({ service: 'shop-v1' })),
    );
    t.equal(rules[0]?.versions.length, 1);
    t.match(warnings.join(), 'it names the Service of its main Ingress');
  });

  t.test('for its own host alone, which is told where ingress-nginx had it leak', async (t) => {
    const other = ingress({ name: 'b', host: 'b.example.com' });
    const { rules, warnings } = imported(
      t,
      'ingress-nginx',
      listOf(ingress(), other, canary({ annotations: { 'canary-weight': '5' } })),
    );
    t.same(
      rules.map(({ versions }) => versions.length),
      [2, 1],
    );
    t.match(
      warnings.join(),
      /TN6006 ingress-nginx sends requests of b\.example\.com\/ to the canary shop\/web-canary too/,
    );
  });

  t.test('and its other annotations are those of its main Ingress', async (t) => {
    const annotations = { 'canary-weight': '5', 'proxy-read-timeout': '5' };
    const { rules, warnings } = imported(
      t,
      'ingress-nginx',
      listOf(ingress(), canary({ annotations })),
    );
    t.equal(rules[0]?.timeouts.firstByteMs, 60_000);
    t.match(warnings.join(), 'proxy-read-timeout of shop/web-canary does nothing');
  });

  t.test('a pattern that cannot run in linear time sends nobody, and is told', async (t) => {
    const annotations = { 'canary-by-header': 'x', 'canary-by-header-pattern': '(?=a)a' };
    const { rules, warnings } = imported(
      t,
      'ingress-nginx',
      listOf(ingress(), canary({ annotations })),
    );
    t.same(rules[0]?.audiences, []);
    t.match(warnings.join(), /TN6005 canary-by-header-pattern cannot run in linear time/);
  });
});
