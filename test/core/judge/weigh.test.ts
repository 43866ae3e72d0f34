import fc from 'fast-check';
import { test } from 'tap';
import {
  addToCurve,
  curveRatios,
  harmLogE,
  newCurve,
  passLogE,
  ratioAtLeast,
} from '#core/judge/curve';
import { logEvidence } from '#core/judge/evidence';
import { goalOf } from '#core/judge/goal';
import { harmGrid, passGrid } from '#core/judge/grids';
import { type Judgement, newJudgement } from '#core/judge/judgement';
import type { Measurement, Pair, SliceCounts, Term } from '#core/judge/measurement';
import { mergeMeasurements } from '#core/judge/merge-measurements';
import { defaultJudge } from '#core/judge/rule';
import { verdictOf } from '#core/judge/verdict-of';
import { weigh } from '#core/judge/weigh';
import { measured, termOf } from './measured.ts';

const count = fc.nat(50);
const pair: fc.Arbitrary<Pair> = fc.tuple(count, count);
const three = fc.tuple(count, count, count);
const splits: Readonly<Record<number, Pair>> = { 1: [0.9, 0.1], 2: [0.7, 0.3] };

const term: fc.Arbitrary<Term> = fc
  .record({
    kind: fc.constantFrom('unit', 'request', 'pair'),
    revision: fc.constantFrom(1, 2),
    sizes: fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 })),
    failures: pair,
    slow: fc.tuple(pair, pair, pair),
    goals: pair,
  })
  .map((one) => {
    if (one.kind === 'request' && one.revision === 1) return one;
    return { ...one, sizes: one.kind === 'pair' ? [1, 1] : (splits[one.revision] ?? [1, 1]) };
  });

const slice: fc.Arbitrary<SliceCounts> = fc.record({
  side: fc.constantFrom(0, 1),
  slice: fc.nat(99),
  requests: count,
  failures: count,
  slow: three,
});

/** What one replica says of a tick. */
const measurement: fc.Arbitrary<Measurement> = fc
  .record({
    terms: fc.array(term, { maxLength: 4 }),
    slices: fc.array(slice, { maxLength: 6 }),
    sightings: fc.array(
      fc.record({ split: fc.constantFrom<Pair>([0.9, 0.1], [0.5, 0.5]), units: pair }),
      { maxLength: 3 },
    ),
    units: pair,
    seen: count,
    worn: count,
    hasUnits: fc.boolean(),
    compared: count,
    differing: count,
  })
  .map(measured);

function judged(ticks: readonly Measurement[]): Judgement {
  return ticks.reduce(weigh, newJudgement(defaultJudge));
}

test('replicas that are merged, in any order, give the bits that one process gives', async () => {
  const ticks = fc.array(fc.tuple(measurement, measurement, measurement), { maxLength: 5 });
  fc.assert(
    fc.property(ticks, (list) => {
      const forth = judged(list.map((replicas) => mergeMeasurements(replicas)));
      const back = judged(list.map((replicas) => mergeMeasurements(replicas.toReversed())));
      const two = judged(
        list.map(([a, b, c]) => mergeMeasurements([mergeMeasurements([c, b]), a])),
      );
      // One process has seen it all, and lists it as it likes.
      const one = judged(
        list.map((replicas) => ({
          ...mergeMeasurements(replicas),
          terms: replicas.flatMap(({ terms }) => terms),
          slices: replicas.flatMap(({ slices }) => slices),
          sightings: replicas.flatMap(({ sightings }) => sightings),
        })),
      );
      const asked = { mode: 'compare', stepAgeMs: 1, forMs: 0 } as const;
      const texts = [forth, back, two, one].map((judgement) =>
        JSON.stringify([judgement, verdictOf(judgement, defaultJudge, asked)]),
      );
      return new Set(texts).size === 1;
    }),
  );
});

test('shares of a revision are not added to each other, requests are', async (t) => {
  const three = (sizes: Pair, kind: Term['kind']) => {
    const one = measured({ terms: [termOf({ kind, sizes, failures: [1, 2] })] });
    return mergeMeasurements([one, one, one]).terms;
  };
  t.match(three([0.7, 0.3], 'unit'), [{ sizes: [0.7, 0.3], failures: [3, 6] }]);
  t.match(three([0.7, 0.3], 'request'), [{ sizes: [0.7, 0.3], failures: [3, 6] }]);
  t.match(three([90, 10], 'request'), [{ sizes: [270, 30], failures: [3, 6] }]);
});

test('a replica that is silent changes nothing', async () => {
  fc.assert(
    fc.property(measurement, (one) => {
      const alone = JSON.stringify(judged([mergeMeasurements([one])]));
      return alone === JSON.stringify(judged([mergeMeasurements([one, measured()])]));
    }),
  );
});

test('each revision is a term of its own: mixed, they would say what is not so', async (t) => {
  // The same rates of failure before and after the change, which is not in force everywhere yet.
  const before = termOf({ revision: 1, sizes: [990, 10], failures: [99, 1] });
  const after = termOf({ revision: 2, sizes: [500, 500], failures: [5, 5] });
  const apart = judged([measured({ terms: [before, after] })]);
  const mixed = judged([
    measured({ terms: [termOf({ sizes: [1_490, 510], failures: [104, 6] })] }),
  ]);
  const logE = (judgement: Judgement) =>
    harmLogE(judgement.traffic.errors, judgement.ratios.errors, 'errors', 1.25);
  const direct = logEvidence([before, after], 1.25, harmGrid('errors', 1.25));
  t.ok(Math.abs(logE(apart) - direct) < 1e-9);
  t.not(logE(mixed).toFixed(3), logE(apart).toFixed(3));
});

for (const margin of [1, 1.25, 1.4, 2]) {
  test(`the curve has the evidence of the formula at margin ${margin}`, async () => {
    const ticks = fc.array(fc.record({ failures: pair, sizes: pair }), { maxLength: 10 });
    fc.assert(
      fc.property(ticks, fc.constantFrom('errors', 'latency'), (list, metric) => {
        const ratios = curveRatios(metric, margin, [margin]);
        const curve = list.reduce(
          (all, { failures, sizes }) => addToCurve(all, ratios, failures, sizes),
          newCurve(ratios),
        );
        const harm = logEvidence(list, margin, harmGrid(metric, margin));
        const pass = logEvidence(list, margin, passGrid(margin));
        const isSame = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
        return (
          isSame(harmLogE(curve, ratios, metric, margin), harm) &&
          isSame(passLogE(curve, ratios, margin), pass)
        );
      }),
    );
  });
}

test('a margin that the release did not begin with is taken for the next larger one', async (t) => {
  const ratios = curveRatios('errors', 1.25, [2]);
  const curve = addToCurve(newCurve(ratios), ratios, [10, 30], [900, 100]);
  const asked = harmLogE(curve, ratios, 'errors', 1.6);
  t.ok(asked > 0);
  t.ok(asked < harmLogE(curve, ratios, 'errors', 1.5));
  t.equal(harmLogE(curve, ratios, 'errors', 50), Number.NEGATIVE_INFINITY);
});

test('tells how much worse it is at least, and nothing where nothing is proven', async (t) => {
  const ratios = curveRatios('errors', 1.25, [2]);
  const after = (failures: Pair) => addToCurve(newCurve(ratios), ratios, failures, [9_000, 1_000]);
  t.equal(ratioAtLeast(after([90, 10]), ratios, 'errors', 0.01), undefined);
  t.equal(ratioAtLeast(after([90, 30]), ratios, 'errors', 0.01), 1.25);
  t.equal(ratioAtLeast(after([90, 90]), ratios, 'errors', 0.01), 5);
});

test('a goal: better, worse, not known, and nothing where the split is wrong', async (t) => {
  const after = (goals: Pair, units: Pair = [500, 500]) =>
    judged([
      measured({
        terms: [termOf({ kind: 'unit', sizes: [0.5, 0.5], goals })],
        sightings: [{ split: [0.5, 0.5], units }],
      }),
    ]);
  t.match(goalOf(after([100, 170]), 0.05), {
    kind: 'better',
    reached: [100, 170],
    reason:
      'BETTER: 170 units reached the goal with the new version, 100 with the stable one. ' +
      'This rule is wrong in at most 5 % of experiments.',
  });
  t.match(goalOf(after([170, 100]), 0.05), { kind: 'worse' });
  t.match(goalOf(after([100, 110]), 0.05), { kind: 'undecided', reason: /^UNDECIDED: / });
  const mismatch = goalOf(after([100, 170], [2_000, 1_500]), 0.05);
  t.match(mismatch, { kind: 'undecided', reason: /^INVALID: / });
});

test('a goal is decided at twice the evidence, since there are two sides', async (t) => {
  const alpha = 0.05;
  for (let more = 100; more < 200; more += 1) {
    const goals: Pair = [100, more];
    const tick = measured({ terms: [termOf({ kind: 'unit', sizes: [0.5, 0.5], goals })] });
    const { kind, logEBetter } = goalOf(judged([tick]), alpha);
    t.equal(kind === 'better', logEBetter >= Math.log(40), `${more} against 100`);
  }
});

test('once the split was wrong it stays said, whatever comes behind', async (t) => {
  const sightings = (units: Pair) => [{ split: [0.9, 0.1] as const, units }];
  const wrong = judged([measured({ sightings: sightings([8_500, 1_500]) })]);
  const later = weigh(wrong, measured({ sightings: sightings([95_000, 9_000]) }));
  t.ok(later.sampleRatio.logE < wrong.sampleRatio.logE);
  t.equal(later.sampleRatio.maxLogE, wrong.sampleRatio.maxLogE);
});
