import fc from 'fast-check';
import { test } from 'tap';
import { UnitSet } from '#core/judge/unit-set';

const key = fc.maxSafeNat();
const marks = fc.integer({ min: 1, max: 255 });

test('returns of each unit the marks that are new, as a map would', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(fc.nat(20), key), marks)), (additions) => {
      const set = new UnitSet();
      const known = new Map<number, number>();
      return additions.every(([unit, more]) => {
        const before = known.get(unit) ?? 0;
        known.set(unit, before | more);
        return set.add(unit, more) === (more & ~before) && set.size === known.size;
      });
    }),
  );
});

test('the smallest and the largest key are units as any other', async (t) => {
  const set = new UnitSet();
  for (const unit of [0, 2 ** 53 - 1]) {
    t.equal(set.add(unit, 1), 1);
    t.equal(set.add(unit, 1), 0);
  }
});

test('remembers many units while it grows', async (t) => {
  const set = new UnitSet();
  const units = Array.from({ length: 20_000 }, (_, i) => i * 0x1_0000_0001);
  for (const unit of units) set.add(unit, 1);
  t.equal(set.size, 20_000);
  t.equal(set.each, 1);
  t.ok(units.every((unit) => set.add(unit, 1 | 2) === 2));
});

test('marks are taken from all units, who stay', async (t) => {
  const set = new UnitSet();
  set.add(1, 1 | 2);
  set.takeOff(2);
  t.equal(set.size, 1);
  t.equal(set.add(1, 1 | 2), 2);
});

// What is kept is chosen by the key alone: shares stay as they are.
test('one that is full keeps the units with lower keys, in place of all', async (t) => {
  const set = new UnitSet(1_000);
  const total = 40_000;
  const units = Array.from({ length: total }, (_, i) => {
    const high = Math.floor(((i * 7_919) % total) * (2 ** 21 / total));
    return high * 2 ** 32 + i;
  });
  for (const unit of units) set.add(unit, 1);
  t.ok(set.size <= 1_024, `${set.size} units`);
  t.ok(set.each >= 32, `each stands for ${set.each}`);
  const kept = units.filter((unit) => unit < 2 ** 53 / set.each);
  t.equal(set.size, kept.length);
  t.ok(units.every((unit) => set.add(unit, 1) === 0));
  t.ok(kept.every((unit) => set.add(unit, 2) === 2));
  const tenths = kept.filter((unit) => (unit % 2 ** 32) % 10 === 0).length;
  t.ok(Math.abs(tenths / kept.length - 0.1) < 0.02);
});
