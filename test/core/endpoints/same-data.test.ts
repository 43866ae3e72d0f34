import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { test } from 'tap';
import { sameData } from '#core/endpoints/same-data';

test('it says what Node says, of any two values', async () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(fc.property(value, value, (a, b) => sameData(a, b) === isDeepStrictEqual(a, b)));
  fc.assert(fc.property(value, (a) => sameData(a, structuredClone(a))));
});

for (const [a, b] of [
  [{ a: undefined }, {}],
  [{ a: undefined }, { b: undefined }],
  [[], {}],
  [[1, 2], [1]],
  [{ a: [503] }, { a: [502] }],
  [null, {}],
  [1, '1'],
]) {
  test(`${JSON.stringify(a)} is not ${JSON.stringify(b)}`, async (t) => {
    t.notOk(sameData(a, b));
    t.notOk(sameData(b, a));
  });
}
