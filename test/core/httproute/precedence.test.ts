import fc from 'fast-check';
import { test } from 'tap';
import { hostGroups } from '#core/httproute/hostnames';
import { meantMatch } from '#core/httproute/matches';
import type { PathMatch } from '#core/httproute/path-match';
import { comparePrecedence, type Ranked } from '#core/httproute/precedence';

const paths = fc.record({
  type: fc.constantFrom<PathMatch['type']>('Exact', 'PathPrefix', 'RegularExpression'),
  value: fc.constantFrom('/', '/a', '/a/', '/a/b', '/ab', '/%61'),
});
const values = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 });

const ranked: fc.Arbitrary<Ranked> = fc
  .record({
    hostname: fc.constantFrom('', 'a.example', '*.example', '*.a.example'),
    path: paths,
    method: fc.constantFrom(undefined, 'GET' as const),
    headers: values,
    queryParams: values,
    createdAt: fc.constantFrom(undefined, 1, 2),
    object: fc.constantFrom('shop/a', 'shop/b'),
    rule: fc.nat(1),
    match: fc.nat(1),
  })
  .map(({ hostname, path, method, headers, queryParams, ...origin }) => {
    const [hosts = { kind: 'any' as const, characters: 0, hosts: [] }] = hostGroups(
      hostname === '' ? [] : [hostname],
    );
    const tests = (names: readonly string[]) => names.map((name) => ({ name, value: 'x' }));
    return {
      hosts,
      match: meantMatch({
        path,
        method,
        headers: tests(headers),
        queryParams: tests(queryParams),
      }),
      origin,
    };
  });

test('the order is total: it says the same from both sides, and never goes round', async (t) => {
  fc.assert(
    fc.property(ranked, ranked, ranked, (a, b, c) => {
      t.ok(Math.sign(comparePrecedence(a, b)) === -Math.sign(comparePrecedence(b, a)) || a === b);
      if (comparePrecedence(a, b) < 0 && comparePrecedence(b, c) < 0) {
        return comparePrecedence(a, c) < 0;
      }
      return true;
    }),
    { numRuns: 2_000 },
  );
});

test('only what has one place in one object is alike', async () => {
  fc.assert(
    fc.property(ranked, ranked, (a, b) => {
      const isSamePlace =
        a.origin.object === b.origin.object &&
        a.origin.rule === b.origin.rule &&
        a.origin.match === b.origin.match;
      return isSamePlace || comparePrecedence(a, b) !== 0;
    }),
    { numRuns: 2_000 },
  );
});

test('the order does not depend on the order in which matches come', async (t) => {
  fc.assert(
    fc.property(fc.array(ranked, { maxLength: 8 }), fc.nat(), (given, turn) => {
      const unique = [...new Map(given.map((one) => [placeOf(one), one])).values()];
      const turned = unique.map((_, index) => unique[(index + turn) % unique.length] as Ranked);
      const names = (list: readonly Ranked[]) => [...list].sort(comparePrecedence).map(placeOf);
      t.strictSame(names(unique), names(turned));
      t.strictSame(names(unique), names([...unique].reverse()));
    }),
    { numRuns: 200 },
  );
});

function placeOf({ origin }: Ranked): string {
  return `${origin.object} ${origin.rule} ${origin.match}`;
}
