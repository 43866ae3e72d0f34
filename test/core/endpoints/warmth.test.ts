import { test } from 'tap';
import { warmth } from '#core/endpoints/warmth';

for (const [ms, part] of [
  [0, 0.1],
  [999, 0.1],
  [2_500, 0.25],
  [10_000, 1],
  [60_000, 1],
] as const) {
  test(`${ms} ms after it came, of 10 s: ${part} of its share`, async (t) => {
    t.equal(warmth(ms, 10_000), part);
  });
}

test('without a slow start it has all of it at once', async (t) => {
  t.equal(warmth(0, 0), 1);
});
