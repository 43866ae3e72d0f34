import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'tap';
import { bytesOf } from '#core/conditions/byte-text';
import { murmur3 } from '#core/routing/murmur3';
import { draw, drawByChance, scoreOf, uniform, uniformOf } from '#core/routing/rendezvous';
import type { Split } from '#core/routing/route';
import { aSplit, type SplitPart, weighted } from './a-split.ts';

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly input: Record<string, unknown>;
  readonly expected: Record<string, unknown>;
}

const file = new URL('../../vectors/assignment.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] };
const ofKind = (kind: string) => vectors.filter((vector) => vector.kind === kind);

const weight = fc.integer({ min: 1, max: 1_000 });
const weights = fc.array(weight, { minLength: 2, maxLength: 5 });
const bytes = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((array) => String.fromCharCode(...array));

function rowOf(split: Split, unit: string, salt = 'shop'): number | undefined {
  return draw(split, salt, unit)?.row;
}

function counts(split: Split, units: number, salt = 'shop'): number[] {
  const seen = new Array<number>(5).fill(0);
  for (let i = 0; i < units; i += 1) {
    const row = rowOf(split, `${i}`, salt) ?? 0;
    seen[row] = (seen[row] ?? 0) + 1;
  }
  return seen;
}

// Changing one of these moves everybody, everywhere.
for (const { id, input, expected } of ofKind('weighted_rendezvous')) {
  test(`gives the people of the known answer ${id} their slots`, async (t) => {
    const { salt, versions, units } = input as {
      salt: string;
      versions: SplitPart[];
      units: string[];
    };
    const split = aSplit(versions);
    const slots = units.map((unit) => draw(split, bytesOf(salt), bytesOf(unit))?.slot);
    t.same(slots, expected.slots);
  });
}

for (const { id, input, expected } of ofKind('weighted_rendezvous_counts')) {
  test(`splits as the known answer ${id}`, async (t) => {
    const { salt, versions, units } = input as {
      salt: string;
      versions: SplitPart[];
      units: { prefix: string; from: number; to: number };
    };
    const split = aSplit(versions);
    const seen: Record<string, number> = {};
    for (let i = units.from; i <= units.to; i += 1) {
      const slot = draw(split, salt, `${units.prefix}${i}`)?.slot ?? 'none';
      seen[slot] = (seen[slot] ?? 0) + 1;
    }
    t.same(seen, expected.counts);
  });
}

for (const { id, input, expected } of ofKind('weighted_rendezvous_score')) {
  test(`scores as the known answer ${id}`, async (t) => {
    const { salt, unit, slot, weight } = input as Record<string, string> & { weight: number };
    const hash = murmur3(`${salt}\x1f${unit}\x1f${slot}`, 0);
    t.equal(hash, expected.hash);
    t.equal(uniform(salt ?? '', unit ?? '', slot ?? ''), uniformOf(hash));
    t.ok(Math.abs(scoreOf(uniformOf(hash), weight) - Number(expected.score)) <= 1e-12);
  });
}

test('weighs the draws: -ln(0.5) / 1 loses to -ln(0.2) / 3, and -ln(0.6) / 1 wins', async (t) => {
  t.ok(scoreOf(0.5, 1) > scoreOf(0.2, 3));
  t.ok(scoreOf(0.6, 1) < scoreOf(0.2, 3));
});

test('a number of a slot is never 0 and never 1', async (t) => {
  t.equal(uniformOf(0), 2 ** -33);
  t.equal(uniformOf(0xffffffff), 1 - 2 ** -33);
});

test('salt, unit and slot are kept apart', async (t) => {
  t.not(uniform('ab', 'c', 'v1'), uniform('a', 'bc', 'v1'));
  t.not(uniform('a', 'bc', 'd'), uniform('a', 'b', 'cd'));
});

test('bytes are hashed as received: Zoë in UTF-8 and in latin1 are two people', async (t) => {
  t.not(uniform('shop', bytesOf('Zoë'), 'v1'), uniform('shop', 'Zoë', 'v1'));
});

for (const shares of [
  [1, 1],
  [90, 10],
  [999, 1],
  [1, 1, 1],
  [80, 15, 5],
  [5, 4, 3, 2, 1],
]) {
  test(`shares are exact for weights ${shares.join(':')}, with sequential ids`, async (t) => {
    const units = 200_000;
    const total = shares.reduce((sum, share) => sum + share, 0);
    const seen = counts(weighted(shares), units);
    for (const [row, share] of shares.entries()) {
      const p = share / total;
      const z = ((seen[row] ?? 0) - units * p) / Math.sqrt(units * p * (1 - p));
      t.ok(Math.abs(z) < 4, `version ${row}: z = ${z.toFixed(2)}`);
    }
  });
}

test('the order of the document does not matter, byte order of slots does', async (t) => {
  const forth = aSplit([
    { slot: 'b', weight: 1 },
    { slot: 'é', weight: 2 },
    { slot: 'a', weight: 3 },
  ]);
  t.same(forth.slots, ['a', 'b', bytesOf('é')]);
  fc.assert(
    fc.property(weights, bytes, (list, unit) => {
      const parts = list.map((weight, i) => ({ slot: `s${i}`, weight }));
      const there = draw(aSplit(parts), 'shop', unit)?.slot;
      return draw(aSplit(parts.toReversed()), 'shop', unit)?.slot === there;
    }),
  );
});

test('of equal scores the slot that sorts first wins', async (t) => {
  const split = aSplit([
    { slot: 'v2', weight: 5 },
    { slot: 'v1', weight: 5 },
  ]);
  const tie: Split = { ...split, slots: ['same', 'same'] };
  t.equal(draw(tie, 'shop', 'alice')?.name, 'v1');
});

test('raising 90/10 to 80/20 moves a tenth from the first to the second, and nobody back', async (t) => {
  const [before, after] = [weighted([90, 10]), weighted([80, 20])];
  const moves = { forth: 0, back: 0 };
  for (let i = 0; i < 20_000; i += 1) {
    const [from, to] = [rowOf(before, `${i}`), rowOf(after, `${i}`)];
    if (from === 0 && to === 1) moves.forth += 1;
    if (from === 1 && to === 0) moves.back += 1;
  }
  t.equal(moves.back, 0);
  // 2,000 expected, standard deviation 42.
  t.ok(Math.abs(moves.forth - 2_000) < 4 * 42, `${moves.forth} moved`);
});

test('raising any weight moves people onto that version only', async () => {
  fc.assert(
    fc.property(weights, fc.nat(4), weight, bytes, (list, place, more, unit) => {
      const raised = place % list.length;
      const from = rowOf(weighted(list), unit);
      const to = rowOf(weighted(list.with(raised, (list[raised] ?? 0) + more)), unit);
      return to === from || to === raised;
    }),
    { numRuns: 2_000 },
  );
});

test('any change of weights moves people only to a version that grew more', async () => {
  const pairs = fc.array(fc.tuple(weight, weight), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(pairs, bytes, (list, unit) => {
      const from = rowOf(weighted(list.map(([before]) => before)), unit) ?? 0;
      const to = rowOf(weighted(list.map(([, after]) => after)), unit) ?? 0;
      const growth = list.map(([before, after]) => after / before);
      return to === from || (growth[to] ?? 0) > (growth[from] ?? 0);
    }),
    { numRuns: 2_000 },
  );
});

test('weights times a constant move nobody', async () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 2, max: 1_000 }), bytes, (list, times, unit) => {
      const more = weighted(list.map((weight) => weight * times));
      return rowOf(more, unit) === rowOf(weighted(list), unit);
    }),
    { numRuns: 1_000 },
  );
});

test('weight 0, a disabled and a draining version are never drawn', async (t) => {
  const split = aSplit([
    { slot: 'v1', weight: 1 },
    { slot: 'v2', weight: 0 },
    { slot: 'v3', weight: 1_000, state: 'disabled' },
    { slot: 'v4', weight: 1_000, state: 'drain' },
    { slot: 'v5', weight: 1 },
  ]);
  t.same(counts(split, 5_000).map(Boolean), [true, false, false, false, true]);
  for (const random of [0, 0.499, 0.5, 0.999]) {
    t.match(drawByChance(split, random)?.name, /v[15]/);
  }
});

test('a split of nobody gives nobody', async (t) => {
  const split = aSplit([{ slot: 'v1', weight: 0 }]);
  t.equal(draw(split, 'shop', 'alice'), undefined);
  t.equal(drawByChance(split, 0.5), undefined);
});

test('two salts split independently of each other', async (t) => {
  const split = weighted([1, 1]);
  const units = 2_000;
  let dependent = 0;
  for (let pair = 0; pair < 100; pair += 1) {
    const seen = [0, 0, 0, 0];
    for (let i = 0; i < units; i += 1) {
      const a = rowOf(split, `user-${i}`, `salt-${pair}-a`) ?? 0;
      const b = rowOf(split, `user-${i}`, `salt-${pair}-b`) ?? 0;
      seen[a * 2 + b] = (seen[a * 2 + b] ?? 0) + 1;
    }
    if (chiSquare(seen) > critical) dependent += 1;
  }
  t.ok(dependent <= 6, `${dependent} of 100 pairs of salts look dependent`);
});

// scipy.stats.chi2.ppf(0.99, 1)
const critical = 6.6348966010212145;

function chiSquare([both = 0, first = 0, second = 0, neither = 0]: readonly number[]): number {
  const all = both + first + second + neither;
  const product = (both + first) * (second + neither) * (both + second) * (first + neither);
  return (all * (both * neither - first * second) ** 2) / product;
}

for (const { random, version } of [
  { random: 0, version: 's0' },
  { random: 0.899_999, version: 's0' },
  { random: 0.9, version: 's1' },
  { random: 0.999_999, version: 's1' },
]) {
  test(`chance ${random} of 90/10 gives ${version}`, async (t) => {
    t.equal(drawByChance(weighted([90, 10]), random)?.name, version);
  });
}
