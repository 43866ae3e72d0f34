import { test } from 'tap';
import type { Asked } from '#core/judge/asked';
import { beginStep, type Judgement, newJudgement } from '#core/judge/judgement';
import type { Measurement, Pair, SliceCounts } from '#core/judge/measurement';
import { defaultJudge, type JudgeRule } from '#core/judge/rule';
import { verdictOf } from '#core/judge/verdict-of';
import { weigh } from '#core/judge/weigh';
import { measured, termOf } from './measured.ts';

const errorsOnly: JudgeRule = { ...defaultJudge, latency: undefined };
const asked: Asked = { mode: 'compare', stepAgeMs: 94_000, forMs: 60_000, candidate: 'v2' };

/** Returns what so many equal ticks make of a release. */
function after(ticks: number, tick: Partial<Measurement>, rule = errorsOnly): Judgement {
  let judgement = newJudgement(rule);
  for (let i = 0; i < ticks; i += 1) judgement = weigh(judgement, measured(tick));
  return judgement;
}

/** A tick of requests without units: 900 of the stable version, 100 of the candidate. */
function tickOf(stable: number, candidate: number): Partial<Measurement> {
  return { terms: [termOf({ failures: [stable, candidate] })], units: [900, 100] };
}

/** A tick of units, one slice each and equal to each other, with so many failures on each side. */
function sliceTick(requests: Pair, failures: Pair): Partial<Measurement> {
  const slices = Array.from({ length: 100 }, (_, slice) => slice).flatMap((slice) =>
    ([0, 1] as const).map(
      (side): SliceCounts => ({
        side,
        slice,
        requests: requests[side],
        failures: failures[side] * (slice % 2 === 0 ? 1 : 0),
        slow: [0, 0, 0],
      }),
    ),
  );
  return { slices, hasUnits: true, units: [900, 100], seen: 1_000 };
}

test('three times as many failures are a FAIL, with the numbers', async (t) => {
  const verdict = verdictOf(after(10, tickOf(9, 3)), errorsOnly, asked);
  t.equal(verdict.kind, 'fail');
  t.equal(
    verdict.reason,
    'FAIL after 94 s and 1,000 canary requests: failures 3.0 % against 1.0 % (ratio 3, at least 1.25). ' +
      'This rule is wrong in at most 1 % of releases.',
  );
  t.same(verdict.requests, [9_000, 1_000]);
  t.same(verdict.failures, [90, 30]);
  t.same(verdict.metrics[0]?.rates, [0.01, 0.03]);
});

test('equal versions pass, once the step has lasted', async (t) => {
  const judgement = after(60, tickOf(9, 1));
  const verdict = verdictOf(judgement, errorsOnly, asked);
  t.equal(verdict.kind, 'pass');
  t.equal(
    verdict.reason,
    'PASS after 94 s and 6,000 canary requests: failures 1.0 % against 1.0 %, shown to be less than ' +
      '2 times as bad or negligible. This rule passes a version that is too bad in at most 5 % of steps.',
  );
  const before = verdictOf(judgement, errorsOnly, { ...asked, forMs: 334_000 });
  t.match(before, { kind: 'undecided', needed: { verdict: 'pass', requests: 0, ms: 240_000 } });
  t.match(before.reason, '; the step has 4 min to go');
  t.same(before.metrics, verdict.metrics);
});

test('UNDECIDED says what would settle it', async (t) => {
  const verdict = verdictOf(after(3, tickOf(9, 3)), errorsOnly, { ...asked, stepAgeMs: 30_000 });
  t.equal(
    verdict.reason,
    'UNDECIDED after 30 s and 300 canary requests: failures 3.0 % against 1.0 %; ' +
      'about 450 more canary requests, 45 s, until it fails',
  );
  t.match(verdict.needed, { verdict: 'fail' });
  t.equal(verdictOf(after(8, tickOf(9, 3)), errorsOnly, asked).kind, 'undecided');
  t.equal(verdictOf(after(9, tickOf(9, 3)), errorsOnly, asked).kind, 'fail');
});

test('what it says is needed is what it takes: more of the same passes', async (t) => {
  const judgement = after(10, tickOf(9, 1));
  const { needed } = verdictOf(judgement, errorsOnly, asked);
  t.equal(needed?.verdict, 'pass');
  const ticks = Math.ceil((needed?.requests ?? 0) / 100);
  t.not(verdictOf(after(10 + ticks - 1, tickOf(9, 1)), errorsOnly, asked).kind, 'pass');
  // The best of the grid alone is followed, whose part in the mean is a fifth at first.
  t.ok(
    [10 + ticks, 10 + ticks + 3].some((n) => {
      return verdictOf(after(n, tickOf(9, 1)), errorsOnly, asked).kind === 'pass';
    }),
  );
});

test('silence is not success: NODATA', async (t) => {
  const judgement = after(1, { terms: [termOf({ sizes: [900, 12] })], units: [900, 12] });
  const verdict = verdictOf(judgement, errorsOnly, { ...asked, forMs: 0 });
  t.equal(verdict.kind, 'no_data');
  t.equal(verdict.reason, 'NODATA: v2 has had 12 of the 50 units that are needed');
});

test('NODATA never hides a FAIL: a dead version falls after a few of its requests', async (t) => {
  const dead = { terms: [termOf({ sizes: [36, 4], failures: [0, 4] })], units: [36, 4] as const };
  t.equal(verdictOf(after(1, dead), errorsOnly, asked).kind, 'fail');
});

test('a difference that does not matter is no FAIL', async (t) => {
  const rare = { terms: [termOf({ sizes: [900_000, 100_000], failures: [90, 40] })] };
  const judgement = after(3, { ...rare, units: [900_000, 100_000] });
  const verdict = verdictOf(judgement, errorsOnly, asked);
  t.ok(verdict.logE > Math.log(100));
  t.not(verdict.kind, 'fail');
  const strict = { ...errorsOnly, errors: { margin: 1.25, min: 0.0001 } };
  t.equal(verdictOf(judgement, strict, asked).kind, 'fail');
});

test('latency is a FAIL only where the percentile differs by enough', async (t) => {
  const rule: JudgeRule = { ...defaultJudge, errors: undefined };
  const slow = termOf({
    slow: [
      [90, 30],
      [45, 15],
      [9, 3],
    ],
  });
  const judgement = after(10, { terms: [slow], units: [900, 100] }, rule);
  const quantilesMs = (differenceMs: number) => {
    const pair = [100, 100 + differenceMs] as const;
    return {
      ...asked,
      quantilesMs: [pair, pair, pair] as const,
      limitsMs: [80, 268.4, 500] as const,
    };
  };
  t.not(verdictOf(judgement, rule, quantilesMs(4)).kind, 'fail');
  t.equal(verdictOf(judgement, rule, quantilesMs(5)).kind, 'fail');
  t.match(
    verdictOf(judgement, rule, quantilesMs(5)).reason,
    '30.0 % slower than 80 ms against 10.0 %',
  );
  t.equal(verdictOf(judgement, rule, asked).kind, 'fail', 'nothing was measured');
  const p95 = { ...rule, latency: { percentile: 95, margin: 1.25, minMs: 5 } } as const;
  t.equal(verdictOf(judgement, p95, asked).metrics[0]?.percentile, 95);
});

test('latency is left out while an endpoint is young, failures are not', async (t) => {
  const tick = {
    terms: [
      termOf({
        failures: [9, 3],
        slow: [
          [90, 100],
          [45, 100],
          [9, 100],
        ],
      }),
    ],
    units: [900, 100] as const,
    isWarm: false,
  };
  const latencyOnly: JudgeRule = { ...defaultJudge, errors: undefined };
  t.equal(verdictOf(after(20, tick), latencyOnly, asked).logE, 0);
  t.equal(verdictOf(after(20, tick), errorsOnly, asked).kind, 'fail');
  t.equal(verdictOf(after(20, { ...tick, isWarm: true }), latencyOnly, asked).kind, 'fail');
});

test('a split that is not as planned is INVALID, whatever else there is', async (t) => {
  const tick = { ...tickOf(9, 3), sightings: [{ split: [0.9, 0.1], units: [800, 200] }] } as const;
  const verdict = verdictOf(after(10, tick), errorsOnly, asked);
  t.match(verdict, { kind: 'invalid', trouble: 'sample_ratio', isHarmLikely: true });
  t.match(verdict.reason, 'INVALID: 20.0 % of 10,000 units came to v2, 10.0 % are planned (p ');
  t.match(verdict.reason, 'It looks harmful; that is not proven.');
  const equal = verdictOf(after(10, { ...tick, ...tickOf(9, 1) }), errorsOnly, asked);
  t.match(equal, { kind: 'invalid', isHarmLikely: false });
});

test('replicas on different revisions are INVALID for as long as they are', async (t) => {
  const mixed = weigh(after(20, tickOf(9, 3)), measured({ isAgreed: false }));
  t.match(verdictOf(mixed, errorsOnly, asked), { kind: 'invalid', trouble: 'mixed_revisions' });
  t.equal(verdictOf(weigh(mixed, measured()), errorsOnly, asked).kind, 'fail');
});

test('above the SLO is a FAIL of its own; of both versions it is a shared incident', async (t) => {
  const rule: JudgeRule = { ...errorsOnly, slo: 0.01 };
  const alone = verdictOf(after(20, tickOf(9, 3)), { ...rule, errors: undefined }, asked);
  t.equal(alone.kind, 'fail');
  t.match(alone.reason, /FAIL .*: at least 1\.\d % of the requests of v2 fail, more than the 1 % /);
  const both = verdictOf(after(20, tickOf(90, 10)), rule, asked);
  t.match(both, { kind: 'undecided', trouble: 'shared_incident' });
  t.equal(verdictOf(after(20, tickOf(9, 1)), rule, asked).trouble, undefined);
});

test('the SLO is held against units by slices, not by their requests', async (t) => {
  const rule: JudgeRule = { ...errorsOnly, slo: 0.01 };
  const failing = verdictOf(after(10, sliceTick([90, 10], [0, 1])), rule, asked);
  t.match(failing, { kind: 'fail', reason: /at least [1-4]\.\d % of the requests/ });
  t.equal(verdictOf(after(10, sliceTick([900, 100], [9, 1])), rule, asked).kind, 'pass');
});

test('units pass by slices, and not by first failures', async (t) => {
  const first = termOf({ kind: 'unit', sizes: [0.9, 0.1], failures: [9, 1] });
  const twice = { ...sliceTick([900, 100], [9, 2]), terms: [first] };
  t.equal(verdictOf(after(60, twice), errorsOnly, asked).kind, 'undecided');
  const equal = { ...sliceTick([900, 100], [9, 1]), terms: [first] };
  t.equal(verdictOf(after(60, equal), errorsOnly, asked).kind, 'pass');
});

test('how much slices still need is told, and is enough', async (t) => {
  const tick = sliceTick([9, 1], [1, 0]);
  const sparse = {
    ...tick,
    slices:
      tick.slices?.map((one) => ({
        ...one,
        failures: one.slice % 10 === one.side ? 1 : 0,
        requests: 40,
      })) ?? [],
  };
  const { needed } = verdictOf(after(1, sparse), errorsOnly, asked);
  t.equal(needed?.verdict, 'pass');
  const ticks = 1 + Math.ceil((needed?.requests ?? 0) / 4_000);
  t.ok(ticks > 1);
  t.not(verdictOf(after(ticks - 1, sparse), errorsOnly, asked).needed?.requests, 0);
});

test('no failures at all pass after 3,400 units, and not before', async (t) => {
  const none = (units: number) => after(1, { units: [9 * units, units], hasUnits: true });
  t.equal(verdictOf(none(3_300), errorsOnly, asked).kind, 'undecided');
  t.equal(verdictOf(none(3_400), errorsOnly, asked).kind, 'pass');
});

test('worn out: more than half of the units have failed, no PASS can be had', async (t) => {
  const judgement = after(60, { ...tickOf(9, 1), seen: 10, worn: 6 });
  t.match(verdictOf(judgement, errorsOnly, asked), { kind: 'undecided', trouble: 'worn_out' });
  const half = after(60, { ...tickOf(9, 1), seen: 10, worn: 5 });
  t.equal(verdictOf(half, errorsOnly, asked).kind, 'pass');
});

test('a step counts anew, the evidence of harm goes on', async (t) => {
  const judgement = beginStep(after(8, tickOf(9, 3)));
  t.same(verdictOf(judgement, errorsOnly, asked).requests, [0, 0]);
  const verdict = verdictOf(weigh(judgement, measured(tickOf(9, 3))), errorsOnly, asked);
  t.equal(verdict.kind, 'fail');
  t.match(verdict.reason, 'with what the steps before have shown');
});

test('passing begins with every step', async (t) => {
  const judgement = beginStep(after(60, tickOf(9, 1)));
  t.equal(verdictOf(judgement, errorsOnly, asked).kind, 'no_data');
  t.equal(verdictOf(weigh(judgement, measured(tickOf(9, 1))), errorsOnly, asked).kind, 'undecided');
});

test('a larger margin of a step passes sooner', async (t) => {
  const judgement = after(12, tickOf(9, 1));
  t.equal(verdictOf(judgement, errorsOnly, asked).kind, 'undecided');
  t.equal(verdictOf(judgement, errorsOnly, { ...asked, passMargin: 5 }).kind, 'pass');
  t.equal(verdictOf(judgement, errorsOnly, { ...asked, passMargin: 5.5 }).kind, 'pass', 'as 5');
});

test('without a second version only the SLO and silence count', async (t) => {
  const alone: Asked = { ...asked, mode: 'slo_only' };
  const rule: JudgeRule = { ...errorsOnly, slo: 0.01 };
  t.equal(verdictOf(after(60, tickOf(9, 3)), errorsOnly, alone).kind, 'undecided');
  t.equal(verdictOf(after(60, tickOf(9, 3)), rule, alone).kind, 'fail');
  t.equal(verdictOf(after(60, tickOf(90, 3)), rule, alone).kind, 'fail', 'nobody shares it');
  t.equal(verdictOf(after(60, tickOf(9, 1)), rule, alone).kind, 'pass');
  t.match(
    verdictOf(after(60, tickOf(9, 1)), rule, { ...alone, forMs: 100_000 }).reason,
    '; the step has 6 s to go',
  );
  t.equal(verdictOf(after(1, { units: [0, 3] }), rule, alone).kind, 'no_data');
});

test('pairs: what only the copy does counts, and what differs', async (t) => {
  const pairs: Asked = { ...asked, mode: 'pairs', differences: 0.01 };
  const pair = (failures: Pair, differing: number) => ({
    terms: [termOf({ kind: 'pair', sizes: [1, 1], failures })],
    units: [0, 100] as const,
    compared: 100,
    differing,
  });
  t.equal(verdictOf(after(50, pair([0, 0], 0)), errorsOnly, pairs).kind, 'pass');
  t.equal(verdictOf(after(50, pair([0, 3], 0)), errorsOnly, pairs).kind, 'fail');
  t.not(verdictOf(after(50, pair([3, 3], 0)), errorsOnly, pairs).kind, 'fail');
  const differing = verdictOf(after(50, pair([0, 0], 3)), errorsOnly, pairs);
  t.match(differing, {
    kind: 'fail',
    reason: /150 of 5,000 answers differ, at least 2\.\d %; 1 % may/,
  });
  t.equal(verdictOf(after(50, pair([0, 0], 1)), errorsOnly, pairs).kind, 'undecided');
  const passing = { ...errorsOnly, errors: undefined };
  t.equal(verdictOf(after(3, pair([0, 0], 0)), passing, pairs).kind, 'undecided', 'of 300 none');
  t.equal(verdictOf(after(10, pair([0, 0], 0)), passing, pairs).kind, 'pass', 'of 1,000 none');
  t.equal(
    verdictOf(after(1, pair([0, 0], 1)), errorsOnly, { ...pairs, differences: 0 }).kind,
    'fail',
  );
  t.equal(
    verdictOf(after(50, pair([0, 0], 0)), errorsOnly, { ...pairs, differences: 0 }).kind,
    'pass',
  );
});

test('harm matters by the whole release, though the step has just begun', async (t) => {
  const rule: JudgeRule = { ...errorsOnly, errors: { margin: 1.25, min: 0.015 } };
  const judgement = weigh(beginStep(after(20, tickOf(9, 3))), measured(tickOf(9, 1)));
  t.equal(verdictOf(judgement, rule, asked).kind, 'fail');
  const more = { ...rule, errors: { margin: 1.25, min: 0.02 } };
  t.not(verdictOf(judgement, more, asked).kind, 'fail', 'it was 1.9 points');
});

test('failures of units are negligible only if no request of them failed, nor any unit', async (t) => {
  const slice = { side: 1, slice: 3, requests: 9_000, failures: 5, slow: [0, 0, 0] } as const;
  const before = after(1, { units: [0, 3_400], hasUnits: true, slices: [slice] });
  t.equal(verdictOf(before, errorsOnly, asked).kind, 'undecided', 'who failed in an earlier step');
  const term = termOf({ kind: 'unit', sizes: [0.9, 0.1], failures: [45, 5] });
  const first = after(1, { units: [0, 3_400], hasUnits: true, terms: [term] });
  t.equal(verdictOf(first, errorsOnly, asked).kind, 'undecided');
});

test('latency passes only where all of its percentiles do, and never before there are limits', async (t) => {
  const rule: JudgeRule = { ...defaultJudge, errors: undefined };
  const tick = (slow: Pair) => ({
    terms: [termOf({ slow: [[90, 10], [45, 5], slow] })],
    units: [900, 100] as const,
  });
  t.equal(verdictOf(after(100, tick([9, 1])), rule, asked).kind, 'pass');
  const never = { ...rule, alpha: 1e-300 };
  t.equal(verdictOf(after(100, tick([9, 2])), never, asked).kind, 'undecided');
  const unlimited = after(100, { terms: [termOf()], units: [900, 100] }, rule);
  t.equal(verdictOf(unlimited, rule, asked).kind, 'undecided');
});

test('the risk of the SLO is shared out over the steps', async (t) => {
  const rule: JudgeRule = { ...errorsOnly, errors: undefined, slo: 0.01 };
  const least = (judgement: Judgement) => {
    const { reason } = verdictOf(judgement, rule, asked);
    return Number(/at least (\d\.\d) %/.exec(reason)?.[1]);
  };
  const first = after(1, { terms: [termOf({ sizes: [0, 2_000], failures: [0, 100] })] });
  const third = weigh(
    beginStep(beginStep(newJudgement(rule))),
    measured({ terms: [termOf({ sizes: [0, 2_000], failures: [0, 100] })] }),
  );
  t.ok(least(first) > least(third), `${least(first)}, ${least(third)}`);
});

// Expected value: the known answer combined-default of test/vectors/statistics.json.
test('errors and latency have half of the evidence each', async (t) => {
  const slow = [
    [90, 14],
    [45, 8],
    [9, 2],
  ] as const;
  const tick = { terms: [termOf({ failures: [9, 3], slow })], units: [900, 100] as const };
  const { logE } = verdictOf(after(6, tick, defaultJudge), defaultJudge, asked);
  t.ok(Math.abs(logE - 2.4704347797660837) < 1e-9);
});

test('pairs are nothing to two versions that share the traffic', async (t) => {
  const pairs = { terms: [termOf({ kind: 'pair', sizes: [1, 1], failures: [0, 90] })] };
  t.equal(verdictOf(after(9, pairs), errorsOnly, asked).logE, 0);
});

test('the state is plain: through JSON it goes on to the same verdict', async (t) => {
  const judgement = after(8, { ...tickOf(9, 3), ...sliceTick([9, 1], [1, 1]) });
  const kept = JSON.parse(JSON.stringify(judgement)) as Judgement;
  const next = measured(tickOf(9, 3));
  t.same(weigh(kept, next), weigh(judgement, next));
  t.same(
    verdictOf(weigh(kept, next), errorsOnly, asked),
    verdictOf(weigh(judgement, next), errorsOnly, asked),
  );
});
