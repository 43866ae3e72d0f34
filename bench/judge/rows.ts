import type { Measurement, Pair } from '#core/judge/measurement';
import { negligibleLogE } from '#core/judge/negligible';
import { normalQuantile, normalUpperTail } from '#core/judge/normal';
import { defaultJudge, type JudgeRule } from '#core/judge/rule';
import { addSighting, mismatchP, newSampleRatio, sampleRatioP } from '#core/judge/sample-ratio';
import { binomial, type Random, seeded } from './random.ts';
import { type Happened, type Watched, watch } from './release.ts';
import { type RequestTraffic, requestTerm, requestTick, tickOf } from './requests.ts';
import { type Crowd, Users } from './users.ts';

/** One thing that was measured, and what it is to be. */
export interface Figure {
  readonly label: string;
  readonly value: number;
  readonly unit: 'share' | 'requests' | 's' | 'units';
  /** At most; of what is to be found, at least. */
  readonly limit: number;
  readonly isLeast?: boolean;
}

export interface Row {
  /** As in the list of what is to be shown. */
  readonly id: number;
  readonly what: string;
  /** Of the whole form; the short one does a part of them. */
  readonly runs: number;
  readonly measure: (runs: number) => readonly Figure[];
}

export function holds({ value, limit, isLeast = false }: Figure): boolean {
  return isLeast ? value >= limit : value <= limit;
}

/** The same of fewer runs: a share may be two standard deviations off, anything else a tenth. */
export function holdsAfter(runs: number, figure: Figure): boolean {
  const { unit, limit, isLeast = false } = figure;
  const slack = unit === 'share' ? 2 * Math.sqrt((limit * (1 - limit)) / runs) : limit / 10;
  return holds({ ...figure, limit: isLeast ? limit - slack : limit + slack });
}

/** The rule without its margin, on errors alone: how the formula itself does. */
export const plain: JudgeRule = {
  ...defaultJudge,
  alpha: 0.05,
  errors: { margin: 1, min: 0 },
  latency: undefined,
};

/** As it comes, but for the smallest difference that matters: that could only help. */
export const asShipped: JudgeRule = defaultJudge;

export const latencyOnly = (margin: number): JudgeRule => ({
  ...defaultJudge,
  alpha: 0.05,
  errors: undefined,
  latency: { percentile: undefined, margin, minMs: 5 },
});

/** Ten seconds each, an hour. */
const ticksInHour = 360;

/** Returns what became of each of so many releases. */
export function releases(
  runs: number,
  seed: number,
  begin: (random: Random) => Watched,
): readonly (Happened | undefined)[] {
  return Array.from({ length: runs }, (_, run) => watch(begin(seeded(seed * 1_000_003 + run))));
}

export function happenedShare(all: readonly (Happened | undefined)[]): number {
  return all.filter((one) => one !== undefined).length / all.length;
}

/** Those that never happened are larger than any. */
function quantile(
  all: readonly (Happened | undefined)[],
  part: number,
  of: (one: Happened) => number,
) {
  const sorted = all
    .map((one) => (one === undefined ? Number.POSITIVE_INFINITY : of(one)))
    .sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

const requestsOf = ({ requests }: Happened) => requests;

export function onRequests(
  rule: JudgeRule,
  traffic: RequestTraffic | ((tick: number) => RequestTraffic),
  more: Partial<Watched> = {},
): (random: Random) => Watched {
  return (random) => ({
    rule,
    ticks: ticksInHour,
    measure: (tick) => requestTick(random, typeof traffic === 'function' ? traffic(tick) : traffic),
    until: 'fail',
    ...more,
  });
}

const tenPercent = { perTick: 1_000, share: 0.1 } as const;

function falseAlarms(label: string, all: readonly (Happened | undefined)[], limit: number): Figure {
  return { label, value: happenedShare(all), unit: 'share', limit };
}

function within(
  label: string,
  all: readonly (Happened | undefined)[],
  part: number,
  limit: number,
): Figure {
  return { label, value: quantile(all, part, requestsOf), unit: 'requests', limit };
}

const equalBases = [0.001, 0.005, 0.01, 0.015];

function equalVersions(runs: number): readonly Figure[] {
  return [1_000, 50].flatMap((perTick) =>
    equalBases.flatMap((base) =>
      [
        { alpha: 0.05, limit: 0.067 },
        { alpha: 0.01, limit: 0.018 },
      ].map(({ alpha, limit }) => {
        const traffic = { perTick, share: 0.1, failing: [base, base] } as const;
        const all = releases(runs, perTick + base * 1e4, onRequests({ ...plain, alpha }, traffic));
        const label = `${100 * base} % at ${perTick / 10} rps, alpha ${100 * alpha} %`;
        return falseAlarms(label, all, limit);
      }),
    ),
  );
}

/** A fifth of the users has all failures, and a few of them make most of the requests. */
export const heavyCrowd: Crowd = {
  users: 20_000,
  failing: 0.01,
  ratio: 1,
  perTick: 2_000,
  prone: 0.2,
  spread: 1.5,
};

const mildCrowd: Crowd = { ...heavyCrowd, prone: 0.5, spread: 0.5 };
const evenCrowd: Crowd = { ...heavyCrowd, prone: 1, spread: 0 };

/** A step each quarter of an hour; a tick is a minute here. */
export const rampShares = [0.01, 0.05, 0.25, 0.5];
const minutes = 60;

export interface CrowdMoment {
  readonly times?: number;
  readonly points?: number;
}

export function onUsers(
  rule: JudgeRule,
  crowd: Crowd,
  shares: readonly number[],
  momentOf: (tick: number) => CrowdMoment = () => ({}),
  more: Partial<Watched> = {},
): (random: Random) => Watched {
  return (random) => {
    const users = new Users(random, crowd);
    const perStep = minutes / shares.length;
    return {
      rule,
      ticks: minutes,
      stepsAt: shares.map((_, i) => i * perStep),
      onStep: () => users.beginStep(),
      measure: (tick) => {
        const step = Math.floor(tick / perStep);
        return users.tick({ share: shares[step] ?? 0, revision: step, ...momentOf(tick) });
      },
      until: 'fail',
      ...more,
    };
  };
}

function crowds(runs: number): readonly Figure[] {
  const settings = [
    { name: 'steady 10 %', rule: plain, shares: [0.1], limit: 0.05 },
    { name: 'steady 50 %', rule: plain, shares: [0.5], limit: 0.05 },
    { name: 'ramp 1→5→25→50 %', rule: plain, shares: rampShares, limit: 0.05 },
    { name: 'ramp, as shipped', rule: asShipped, shares: rampShares, limit: 0.01 },
    { name: 'steady 10 %, as shipped', rule: asShipped, shares: [0.1], limit: 0.01 },
  ];
  const figures = settings.map(({ name, rule, shares, limit }, i) =>
    falseAlarms(name, releases(runs, 200 + i, onUsers(rule, heavyCrowd, shares)), limit),
  );
  const found = (prone: number, limit: number): Figure => {
    const worse = { ...heavyCrowd, prone, ratio: 3 };
    const value = happenedShare(releases(runs, 210, onUsers(asShipped, worse, rampShares)));
    const label = `ramp, ×3 for the ${100 * prone} % who have all failures: found`;
    return { label, value, unit: 'share', limit, isLeast: true };
  };
  return [...figures, found(0.2, 0.95), found(0.05, 0.3)];
}

/** What fails of everybody's: seven times as much at the end, and five minutes of trouble. */
const drifting = (tick: number): number => 0.003 * 7 ** (tick / ticksInHour);
const inTrouble = (tick: number): boolean => tick >= 120 && tick < 150;

function shareAt(tick: number): { readonly share: number; readonly revision: number } {
  const step = Math.floor((tick * rampShares.length) / ticksInHour);
  return { share: rampShares[step] ?? 0, revision: step };
}

function driftAndTrouble(runs: number): readonly Figure[] {
  const drift = (tick: number): RequestTraffic => {
    const failing = drifting(tick);
    return { perTick: 1_000, ...shareAt(tick), failing: [failing, failing] };
  };
  const trouble = (tick: number): RequestTraffic => {
    const failing = 0.005 + (inTrouble(tick) ? 0.05 : 0);
    return { ...tenPercent, failing: [failing, failing] };
  };
  const ofUsers = (rule: JudgeRule, seed: number, moment: (tick: number) => CrowdMoment) =>
    releases(Math.ceil(runs / 5), seed, onUsers(rule, heavyCrowd, rampShares, moment));
  const rising = (tick: number) => ({ times: 0.3 * 7 ** (tick / minutes) });
  const incident = (tick: number) => ({ points: tick >= 20 && tick < 25 ? 0.05 : 0 });
  return [
    falseAlarms('ramp, base rate ×7', releases(runs, 300, onRequests(plain, drift)), 0.05),
    falseAlarms('shared 5-minute incident', releases(runs, 301, onRequests(plain, trouble)), 0.05),
    falseAlarms('the same as shipped: ×7', releases(runs, 302, onRequests(asShipped, drift)), 0.01),
    falseAlarms(
      'the same as shipped: incident',
      releases(runs, 303, onRequests(asShipped, trouble)),
      0.01,
    ),
    falseAlarms('users on a ramp, ×7, as shipped', ofUsers(asShipped, 304, rising), 0.01),
    falseAlarms('users on a ramp, incident, as shipped', ofUsers(asShipped, 305, incident), 0.01),
  ];
}

/** A look after each second, so that requests are counted closely. */
function found(
  seed: number,
  label: string,
  rule: JudgeRule,
  failing: Pair,
  runs: number,
  limits: readonly (readonly [part: number, limit: number])[],
  slow?: RequestTraffic['slow'],
): readonly Figure[] {
  const traffic = { perTick: 100, share: 0.1, failing, ...(slow === undefined ? {} : { slow }) };
  const all = releases(runs, seed, onRequests(rule, traffic, { ticks: 3_600 }));
  return limits.map(([part, limit]) => within(`${label}, ${100 * part} %`, all, part, limit));
}

const evenSlow: RequestTraffic['slow'] = [
  [0.1, 0.1],
  [0.05, 0.05],
  [0.01, 0.01],
];

/** Latencies with a spread of half their logarithm, of which the candidate's are so much longer. */
export function slowBy(times: number, spread = 0.5): NonNullable<RequestTraffic['slow']> {
  const above = (part: number): Pair => {
    const limit = normalQuantile(part) - Math.log(times) / spread;
    return [1 - part, normalUpperTail(limit)];
  };
  return [above(0.9), above(0.95), above(0.99)];
}

function slower(times: number, margin: number): (random: Random) => Watched {
  const traffic = { perTick: 100, share: 0.1, failing: [0, 0], slow: slowBy(times) } as const;
  return onRequests(latencyOnly(margin), traffic, { ticks: 3_600 });
}

function latency(runs: number): readonly Figure[] {
  const seconds = (label: string, begin: (random: Random) => Watched, limit: number): Figure => {
    const value = quantile(releases(runs, 900 + limit, begin), 0.95, ({ tick }) => tick);
    return { label, value, unit: 's', limit };
  };
  return [
    seconds('+20 %, margin 1, 95 %', slower(1.2, 1), 80),
    seconds('+20 %, margin 1.25, 95 %', slower(1.2, 1.25), 220),
    falseAlarms('+3 %, margin 1.25', releases(runs, 903, slower(1.03, 1.25)), 0.05),
  ];
}

function passing(runs: number): readonly Figure[] {
  const rule: JudgeRule = {
    ...plain,
    errors: { margin: 1.25, min: 0.001 },
    pass: { margin: 2, negligible: 1e-9 },
  };
  const boundary = { ...tenPercent, failing: [0.01, 0.02] } as const;
  const until = { until: 'pass' } as const;
  // A step that has failed is over: here only PASS is looked at.
  const noFail = { ...rule, alpha: 1e-300 };
  const ofCrowd = (crowd: Crowd, ratio: number, seed: number) =>
    releases(
      Math.ceil(runs / 5),
      seed,
      onUsers(noFail, { ...crowd, ratio }, [0.1], undefined, until),
    );
  const equal = happenedShare(ofCrowd(heavyCrowd, 1, 1_006));
  return [
    falseAlarms(
      'requests, twice as bad',
      releases(runs, 1_000, onRequests(noFail, boundary, until)),
      0.05,
    ),
    falseAlarms('slices, twice as bad, heavy users', ofCrowd(heavyCrowd, 2, 1_001), 0.08),
    falseAlarms('slices, twice as bad, mild', ofCrowd(mildCrowd, 2, 1_002), 0.08),
    falseAlarms('slices, twice as bad, all alike', ofCrowd(evenCrowd, 2, 1_003), 0.08),
    falseAlarms('slices, three times as bad', ofCrowd(heavyCrowd, 3, 1_004), 0.01),
    { label: 'slices, equal: passed', value: equal, unit: 'share', limit: 0.9, isLeast: true },
  ];
}

function noFailures(): readonly Figure[] {
  let units = 0;
  while (negligibleLogE(0, units, 0.001) < Math.log(20)) units += 1;
  return [{ label: 'units until PASS', value: units, unit: 'units', limit: 3_400 }];
}

function flagged(random: Random, planned: number, real: number): boolean {
  let ratio = newSampleRatio;
  const split = [1 - planned, planned];
  for (let look = 0; look < 100; look += 1) {
    const candidate = binomial(random, 1_000, real);
    ratio = addSighting(ratio, split, [1_000 - candidate, candidate]);
  }
  return sampleRatioP(ratio) < mismatchP;
}

function sampleRatios(runs: number): readonly Figure[] {
  const share = (seed: number, planned: number, real: number) => {
    const all = Array.from({ length: runs }, (_, run) =>
      flagged(seeded(seed * 1_000_003 + run), planned, real),
    );
    return all.filter(Boolean).length / runs;
  };
  const found = share(1_202, 0.5, 0.51);
  return [
    { label: 'as planned, 50/50', value: share(1_200, 0.5, 0.5), unit: 'share', limit: 0.001 },
    { label: 'as planned, 99/1', value: share(1_201, 0.01, 0.01), unit: 'share', limit: 0.001 },
    { label: '51/49 for 50/50: found', value: found, unit: 'share', limit: 0.95, isLeast: true },
  ];
}

/** Half of the replicas are a step behind for a while, in a place where less fails of anybody. */
export function mixedTick(random: Random, tick: number, isApart: boolean): Measurement {
  const { share, revision } = shareAt(tick);
  const before = shareAt(Math.max(0, tick - 9));
  const ahead = requestTerm(random, { perTick: 500, share, revision, failing: [0.1, 0.1] });
  const behind = requestTerm(random, {
    perTick: 500,
    share: before.share,
    revision: before.revision,
    failing: [0.005, 0.005],
  });
  const sizes: Pair = [ahead.sizes[0] + behind.sizes[0], ahead.sizes[1] + behind.sizes[1]];
  if (isApart && revision !== before.revision) return tickOf([ahead, behind], sizes);
  return tickOf([ahead, { ...behind, revision: ahead.revision }], sizes);
}

function mixedRevisions(runs: number): readonly Figure[] {
  const begin = (random: Random): Watched => ({
    rule: plain,
    ticks: ticksInHour,
    measure: (tick) => mixedTick(random, tick, true),
    until: 'fail',
  });
  return [falseAlarms('replicas behind, with fewer failures', releases(runs, 1_500, begin), 0.05)];
}

function dead(runs: number): readonly Figure[] {
  return [0.01, 0.05, 0.1].map((share) => {
    const perTick = 1 / share;
    const begin = (random: Random): Watched => ({
      rule: asShipped,
      ticks: 50,
      // One request of the candidate a tick, which fails; of the others one in a hundred does.
      measure: () => {
        const sizes: Pair = [perTick - 1, 1];
        const failures: Pair = [binomial(random, perTick - 1, 0.01), 1];
        const term = requestTerm(random, { perTick, share, failing: [0, 0] });
        return tickOf([{ ...term, sizes, failures }], sizes);
      },
      until: 'fail',
    });
    return within(`${100 * share} % share, 95 %`, releases(runs, 700, begin), 0.95, 5);
  });
}

/** Everything that is to be shown of the judge by chance; what is exact stands in its tests. */
export const rows: readonly Row[] = [
  { id: 1, what: 'equal versions, margin 1: rolled back', runs: 1_000, measure: equalVersions },
  { id: 2, what: 'equal versions, users who differ: rolled back', runs: 400, measure: crowds },
  {
    id: 3,
    what: 'equal versions, times that change: rolled back',
    runs: 1_000,
    measure: driftAndTrouble,
  },
  {
    id: 4,
    what: '1 → 3 %, margin 1: canary requests to FAIL',
    runs: 2_000,
    measure: (runs) => [
      ...found(400, 'alpha 5 %', plain, [0.01, 0.03], runs, [
        [0.5, 400],
        [0.95, 1_100],
        [0.999, 2_500],
      ]),
      ...found(401, 'alpha 1 %', { ...plain, alpha: 0.01 }, [0.01, 0.03], runs, [
        [0.95, 1_400],
        [0.999, 2_800],
      ]),
    ],
  },
  {
    id: 5,
    what: '0.1 → 0.5 %, margin 1: canary requests to FAIL',
    runs: 1_000,
    measure: (runs) => found(402, 'alpha 5 %', plain, [0.001, 0.005], runs, [[0.95, 3_700]]),
  },
  {
    id: 6,
    what: 'as shipped: canary requests to FAIL',
    runs: 1_000,
    measure: (runs) => [
      ...found(403, '1 → 3 %', asShipped, [0.01, 0.03], runs, [[0.95, 2_200]], evenSlow),
      ...found(404, '0.1 → 0.5 %', asShipped, [0.001, 0.005], runs, [[0.95, 6_200]], evenSlow),
      ...found(405, 'latency +20 %', asShipped, [0.01, 0.01], runs, [[0.95, 3_300]], slowBy(1.2)),
    ],
  },
  { id: 7, what: 'dead canary, as shipped: its requests to FAIL', runs: 1_000, measure: dead },
  {
    id: 8,
    what: '1.2 times as bad, inside margin 1.25: rolled back',
    runs: 1_000,
    measure: (runs) => {
      const rule = { ...plain, errors: { margin: 1.25, min: 0 } };
      const traffic = { ...tenPercent, failing: [0.01, 0.012] } as const;
      return [
        falseAlarms('alpha 5 %', releases(runs, 800, onRequests(rule, traffic)), 0.05),
        falseAlarms('as shipped', releases(runs, 801, onRequests(asShipped, traffic)), 0.01),
      ];
    },
  },
  { id: 9, what: 'latency alone, 100 rps', runs: 500, measure: latency },
  { id: 10, what: 'PASS of what is too bad', runs: 1_000, measure: passing },
  { id: 11, what: 'no failures at all', runs: 1, measure: noFailures },
  {
    id: 12,
    what: 'sample ratio, 100 looks, 100,000 units: flagged',
    runs: 2_000,
    measure: sampleRatios,
  },
  {
    id: 15,
    what: 'mixed revisions, equal versions: rolled back',
    runs: 1_000,
    measure: mixedRevisions,
  },
];
