import { test } from 'tap';
import { alwaysValid } from '#core/experiment/always-valid';
import { sampleSize } from '#core/experiment/sample-size';

const looking = { alpha: 0.05, units: 4_000, horizon: 5_000 };

test('smaller is larger, looked at from the other side', async (t) => {
  const larger = alwaysValid({ effect: 0.1, standardError: 0.02 }, { ...looking, side: 'greater' });
  const smaller = alwaysValid(
    { effect: -0.1, standardError: 0.02 },
    { ...looking, side: 'lesser' },
  );
  t.same(smaller.interval, [Number.NEGATIVE_INFINITY, -larger.interval[0]]);
  t.equal(smaller.p, larger.p);
});

test('an effect of the other sign is no news', async (t) => {
  const got = alwaysValid({ effect: -0.1, standardError: 0.02 }, { ...looking, side: 'greater' });
  t.equal(got.p, 0.4999);
});

// By hand: ((1.6449·√(2·0.625·0.375) + 1.2816·√(0.25 + 0.1875)) / 0.25)²
test('a question with one side needs fewer units', async (t) => {
  const size = sampleSize(0.5, 0.75, { power: 0.9, alpha: 0.05, isTwoSided: false });
  t.equal(size.toFixed(1), '62.3');
});
