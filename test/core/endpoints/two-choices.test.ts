import fc from 'fast-check';
import { test } from 'tap';
import { lighterOfTwo, lighterOfWarmer } from '#core/endpoints/two-choices';

/** A chance that says these numbers, one after the other. */
function saying(...numbers: number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
}

/** The same numbers at every run: these tests are about shares. */
function steady(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const of = (...loads: number[]) =>
  loads.map((inFlight, name) => ({ name, inFlight, shakyUntil: 0 }));
const now = 1_000;

test('of none there is none, of one it is that one', async (t) => {
  t.equal(lighterOfTwo([], saying(0), now), undefined);
  t.equal(lighterOfTwo(of(7), saying(0.9), now)?.name, 0);
});

test('of two it is always the one with fewer requests', async (t) => {
  for (const random of [0, 0.3, 0.5, 0.99]) {
    t.equal(lighterOfTwo(of(3, 2), saying(random), now)?.name, 1);
    t.equal(lighterOfTwo(of(2, 3), saying(random), now)?.name, 0);
  }
});

test('equal ones are chosen evenly', async (t) => {
  const counts = [0, 0, 0, 0];
  const random = steady();
  const candidates = of(0, 0, 0, 0);
  for (let n = 0; n < 40_000; n++) {
    const name = lighterOfTwo(candidates, random, now)?.name ?? 0;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  for (const count of counts) t.ok(Math.abs(count - 10_000) < 500, `${count} of 40,000`);
});

test('the two are never the same one, and the busiest of all is never chosen', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(100), { minLength: 2, maxLength: 20 }),
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      (loads, one, two) => {
        const chosen = lighterOfTwo(of(...loads, 1_000), saying(one, two), now);
        return chosen !== undefined && chosen.inFlight < 1_000;
      },
    ),
  );
});

test('one that warms up gets its part, and the others what it leaves', async (t) => {
  const counts = [0, 0];
  const random = steady();
  const candidates = of(0, 0);
  for (let n = 0; n < 40_000; n++) {
    const chosen = lighterOfWarmer(candidates, random, now, ({ name }) => (name === 0 ? 0.1 : 1));
    const name = chosen?.name ?? 0;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  const share = (counts[0] ?? 0) / 40_000;
  t.ok(share > 0.03 && share < 0.07, `${share} where a half would be its full share`);
});

test('where all warm up alike nobody is left without', async (t) => {
  const names = new Set<number | undefined>();
  const random = steady();
  for (let n = 0; n < 1_000; n++) {
    names.add(lighterOfWarmer(of(0, 0, 0), random, now, () => 0.1)?.name);
  }
  t.same([...names].sort(), [0, 1, 2]);
});

test('one that is shaky is chosen only where all are', async (t) => {
  const random = steady();
  for (const steadyOnes of [1, 2, 5]) {
    const candidates = of(0, 0, 0, ...Array<number>(steadyOnes).fill(9));
    for (const one of candidates.slice(0, 3)) one.shakyUntil = now + 1;
    for (let n = 0; n < 500; n++) t.equal(lighterOfTwo(candidates, random, now)?.inFlight, 9);
  }
  const shaky = of(3, 1).map((one) => ({ ...one, shakyUntil: now + 1 }));
  t.equal(lighterOfTwo(shaky, random, now)?.name, 1);
  t.equal(lighterOfTwo(shaky, random, now + 1)?.name, 1, 'a second later it is like any other');
});
