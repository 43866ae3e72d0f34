import fc from 'fast-check';
import { test } from 'tap';
import { bytesOf } from '#core/conditions/byte-text';
import { murmur3 } from '#core/routing/murmur3';
import { sliceOf, UnitHash } from '#core/routing/unit-hash';

// Changing one of these moves units between slices: what two releases have counted can no longer
// be put together. Computed by two separate programs.
for (const { unit, slice } of [
  { unit: 'alice', slice: 90 },
  { unit: 'bob', slice: 66 },
  { unit: 'user-42', slice: 86 },
  { unit: 'Zoë', slice: 16 },
]) {
  test(`${unit} of shop is in slice ${slice}`, async (t) => {
    t.equal(sliceOf(new UnitHash('shop').of(bytesOf(unit))), slice);
  });
}

test('the key of a unit is the same everywhere: two hashes of salt and unit', async (t) => {
  const hash = new UnitHash('shop');
  const bytes = 'slice\x1fshop\x1falice';
  const low = murmur3(bytes, 0);
  const high = murmur3(bytes, 0x9747b28c) % 2 ** 21;
  t.equal(hash.keyOf('alice', hash.of('alice')), high * 2 ** 32 + low);
});

test('slices are those of all hashes, from the first to the last', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (hash) => {
      const slice = sliceOf(hash);
      return slice >= 0 && slice <= 99 && Number.isInteger(slice);
    }),
    { examples: [[0], [2 ** 32 - 1]] },
  );
});
