import fc from 'fast-check';
import { test } from 'tap';
import { binOf, binStartMs, countIn, latencyBins, quantileOf } from '#core/judge/latency-bins';

function binsOf(latencies: readonly number[]): Float64Array {
  const bins = new Float64Array(latencyBins);
  for (const ms of latencies) bins[binOf(ms)] = (bins[binOf(ms)] ?? 0) + 1;
  return bins;
}

const latency = fc.double({ min: 1 / 64, max: 2 ** 20 - 1, noNaN: true });

test('a bin is where its latencies are, and at most 3.2 % wide', async (t) => {
  fc.assert(
    fc.property(latency, (ms) => {
      const bin = binOf(ms);
      const [start, end] = [binStartMs(bin), binStartMs(bin + 1)];
      return start <= ms && ms < end && end / start <= 1 + 1 / 32;
    }),
  );
  t.equal(binOf(1), 6 * 32);
  t.equal(binStartMs(6 * 32), 1);
});

for (const { ms, bin } of [
  { ms: 0, bin: 0 },
  { ms: -1, bin: 0 },
  { ms: Number.NaN, bin: 0 },
  { ms: 0.001, bin: 0 },
  { ms: 2 ** 20, bin: latencyBins - 1 },
  { ms: Number.POSITIVE_INFINITY, bin: latencyBins - 1 },
]) {
  test(`${ms} ms are in bin ${bin}`, async (t) => {
    t.equal(binOf(ms), bin);
  });
}

test('a quantile is that of the latencies, up to the width of a bin', async () => {
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0.5, 0.9, 0.95, 0.99),
      (latencies, share) => {
        const sorted = [...latencies].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
        const found = quantileOf(binsOf(latencies), share) ?? 0;
        return found >= exact / 1.04 && found <= exact * 1.04;
      },
    ),
  );
});

test('nothing was counted: there is no quantile', async (t) => {
  const none = new Float64Array(latencyBins);
  t.equal(countIn(none), 0);
  t.equal(quantileOf(none, 0.9), undefined);
});

test('bins of several processes are one, added up', async () => {
  fc.assert(
    fc.property(fc.array(latency), fc.array(latency), (here, there) => {
      const both = binsOf(here).map((count, bin) => count + (binsOf(there)[bin] ?? 0));
      return quantileOf(both, 0.9) === quantileOf(binsOf([...here, ...there]), 0.9);
    }),
  );
});
