import fc from 'fast-check';
import { test } from 'tap';
import { bernoulliBounds } from '#core/judge/bernoulli-sequence';
import { logIncompleteBeta } from '#core/judge/incomplete-beta';
import { chiSquareUpperTail, logIncompleteGamma } from '#core/judge/incomplete-gamma';
import { lnBeta, lnGamma } from '#core/judge/log-gamma';
import { logMeanExp, logSumExp } from '#core/judge/log-sum-exp';
import { logNormalUpperTail, normalQuantile, normalUpperTail } from '#core/judge/normal';
import { probabilitySlower } from '#core/judge/probability-slower';
import { sampleRatioChiSquareP } from '#core/judge/sample-ratio';
import { studentQuantile, studentUpperTail } from '#core/judge/student-t';

// Those of test/vectors/statistics.json are in vectors.test.ts. Here: what tables of these
// distributions have, and what holds by definition.
for (const { what, got, value } of [
  { what: 'lnΓ(½) = ½ ln π', got: lnGamma(0.5), value: 0.5 * Math.log(Math.PI) },
  { what: 'lnΓ(1) = 0', got: lnGamma(1), value: 0 },
  { what: 'lnΓ(11) = ln 10!', got: lnGamma(11), value: Math.log(3_628_800) },
  { what: 'lnΓ(21) = ln 20!', got: lnGamma(21), value: Math.log(2_432_902_008_176_640_000) },
  { what: 'B(2, 3) = 1/12', got: lnBeta(2, 3), value: -Math.log(12) },
  { what: 'B(1, 10000) = 1/10000', got: lnBeta(1, 10_000), value: -Math.log(10_000) },
  { what: 'the median of a normal variable', got: normalUpperTail(0), value: 0.5 },
  { what: 'z .975', got: normalQuantile(0.975), value: 1.959963984540054 },
  { what: 'z .005', got: normalQuantile(0.005), value: -2.5758293035489004 },
  { what: 't .95 with 5', got: studentQuantile(0.95, 5), value: 2.015048373 },
  { what: 't .025 with 10', got: studentQuantile(0.025, 10), value: -2.228138852 },
  { what: 'chi-square 1, 5 %', got: chiSquareUpperTail(3.841458820694124, 1), value: 0.05 },
  { what: 'chi-square 10, 1 %', got: chiSquareUpperTail(23.209251158954356, 10), value: 0.01 },
]) {
  test(`${what}: ${value}`, async (t) => {
    t.ok(Math.abs(got - value) < 1e-9, `${got}`);
  });
}

test('both tails are one, and each falls', async () => {
  const shape = fc.double({ min: 0.1, max: 2_000, noNaN: true });
  // So that 1 - x is exact.
  const part = fc.nat(1_024).map((x) => x / 1_024);
  const areOne = (lower: number, upper: number) =>
    Math.abs(Math.exp(lower) + Math.exp(upper) - 1) < 1e-9 && lower <= 0 && upper <= 0;
  fc.assert(
    fc.property(shape, shape, part, (a, b, x) => {
      const beta = logIncompleteBeta(a, b, x);
      const gamma = logIncompleteGamma(a, b);
      const mirrored = logIncompleteBeta(b, a, 1 - x).logUpper;
      return (
        areOne(beta.logLower, beta.logUpper) &&
        areOne(gamma.logLower, gamma.logUpper) &&
        Math.abs(Math.exp(mirrored) - Math.exp(beta.logLower)) < 1e-9
      );
    }),
  );
});

test('the beta function is that of three gammas, whatever their sizes', async () => {
  const size = fc.double({ min: 0.1, max: 5_000, noNaN: true });
  fc.assert(
    fc.property(size, size, (a, b) => {
      const direct = lnGamma(a) + lnGamma(b) - lnGamma(a + b);
      return Math.abs(lnBeta(a, b) - direct) <= 1e-13 * lnGamma(a + b + 100);
    }),
  );
});

test('quantiles are the inverse of tails', async () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 300 }),
      (p, degrees) => {
        const normal = normalUpperTail(normalQuantile(p));
        const student = studentUpperTail(studentQuantile(p, degrees), degrees);
        return Math.abs(normal - (1 - p)) < 1e-9 && Math.abs(student - (1 - p)) < 1e-9;
      },
    ),
  );
});

test('far tails are not 0', async (t) => {
  t.ok(logNormalUpperTail(40) < -800 && Number.isFinite(logNormalUpperTail(40)));
  t.ok(Math.abs(logNormalUpperTail(-40)) < 1e-300);
});

test('sums of nothing', async (t) => {
  t.equal(logSumExp([]), Number.NEGATIVE_INFINITY);
  t.equal(logMeanExp([]), Number.NEGATIVE_INFINITY);
  t.equal(logSumExp([Number.NEGATIVE_INFINITY]), Number.NEGATIVE_INFINITY);
  t.same(bernoulliBounds({ successes: 0, n: 0, alpha: 0.05, bestN: 100 }), [0, 1]);
  t.equal(probabilitySlower([0, 0], [1, 0]), undefined);
  t.equal(probabilitySlower([1], []), undefined);
  t.equal(sampleRatioChiSquareP([10, 20], [1, 0]), 1);
});

test('the bounds of a share hold it, and are the other way round for what did not happen', async () => {
  fc.assert(
    fc.property(fc.nat(400), fc.nat(400), (successes, misses) => {
      const n = successes + misses;
      const [lower, upper] = bernoulliBounds({ successes, n, alpha: 0.05, bestN: 100 });
      const [otherLower] = bernoulliBounds({ successes: misses, n, alpha: 0.05, bestN: 100 });
      const share = n === 0 ? 0.5 : successes / n;
      return lower <= share && share <= upper && Math.abs(1 - upper - otherLower) < 1e-6;
    }),
    { numRuns: 50 },
  );
});
