import fc from 'fast-check';
import { test } from 'tap';
import type { RolloutRule } from '#core/rollout/rule';
import type { AudienceRule, RouteRule, VersionRule } from '#core/routing/rules';
import { durationText, sizeText } from '#core/snapshot/amount-text';
import { difference } from '#core/snapshot/difference';
import { differenceText } from '#core/snapshot/difference-text';
import { percentText } from '#core/snapshot/percent-text';
import { mirrorTo, plain, rule, snapshotOf, source, version } from '../routing/made-up.ts';

const units = 20_000;

function between(before: Partial<RouteRule>, after: Partial<RouteRule>) {
  return difference(snapshotOf(rule(before)), snapshotOf(rule(after)));
}

function weights(...list: readonly number[]): VersionRule[] {
  return list.map((weight, i) => version(`v${i + 1}`, { weight }));
}

/** Shares in per cent by `from → to`. */
function moved(before: Partial<RouteRule>, after: Partial<RouteRule>): Record<string, number> {
  const pairs = between(before, after).changed[0]?.movement.pairs ?? [];
  return Object.fromEntries(pairs.map(({ from, to, share }) => [`${from} → ${to}`, share * 100]));
}

/** Four standard deviations of a share of so many units, in per cent. */
function slack(percent: number): number {
  return 4 * 100 * Math.sqrt(((percent / 100) * (1 - percent / 100)) / units);
}

test('80/20 after 90/10 moves a tenth one way, and nobody back', async (t) => {
  const { 'v1 → v2': forth = 0, 'v2 → v1': back } = moved(
    { versions: weights(90, 10) },
    { versions: weights(80, 20) },
  );
  t.ok(Math.abs(forth - 10) < slack(10), `${forth} %`);
  t.equal(back, 0);
});

test('the moved share of two versions is the change of their shares', async () => {
  const weight = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(weight, weight, weight, weight, (a, b, c, d) => {
      const movement = between({ versions: weights(a, b) }, { versions: weights(c, d) });
      const share = movement.changed[0]?.movement.share ?? 0;
      const change = Math.abs(c / (c + d) - a / (a + b));
      return Math.abs(share - change) * 100 <= slack(change * 100) + 0.01;
    }),
    { numRuns: 20 },
  );
});

test('a disabled version hands all its people over', async (t) => {
  const off = [version('v1', { weight: 90 }), version('v2', { weight: 10, state: 'disabled' })];
  const shares = moved({}, { versions: off });
  t.ok(Math.abs((shares['v2 → v1'] ?? 0) - 10) < slack(10));
  t.equal(shares['v1 → v2'], 0);
});

test('a version with the slot of another takes exactly its people', async (t) => {
  const after = [version('v1', { weight: 90 }), version('v3', { weight: 10, slot: 'v2' })];
  const shares = moved({}, { versions: after });
  t.same(Object.keys(shares), ['v2 → v3', 'v3 → v2']);
});

test('where nothing is left, people move to no version', async (t) => {
  const off = weights(90, 10).map((one) => ({ ...one, state: 'disabled' as const }));
  const [route] = between({}, { versions: off }).changed;
  t.equal(route?.movement.share, 1);
  t.equal(route?.movement.pairs[0]?.to, undefined);
});

test('another salt or unit draws everybody anew', async (t) => {
  for (const after of [{ salt: 'autumn' }, { unit: [source('cookie:uid')] }]) {
    const [route] = between({}, after).changed;
    // Of independent draws 90/10, 2 × 0.9 × 0.1 differ.
    t.ok(Math.abs((route?.movement.share ?? 0) * 100 - 18) < slack(18));
  }
});

test('weights times a constant move nobody', async (t) => {
  t.same(moved({}, { versions: weights(900, 100) }), {});
});

const phones: AudienceRule = {
  name: 'phones',
  when: { device: ['mobile'] },
  to: { kind: 'version', version: 'v1' },
};
const reset = {
  version: undefined,
  delayMs: 0,
  delayPercent: 0,
  abortStatus: 0,
  abortPercent: 100,
};
const unverifiedTls = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  serverName: undefined,
  verify: false,
};
// The shares below are of the units that are made up: within the slack of 50 and 10 %.
const drawn = '(20,000 made-up units; overrides, audiences and sticky cookies left out)';
const nobody = `route shop: users who change version: nobody ${drawn}`;

for (const { that, before = {}, after, lines } of [
  { that: 'nothing', after: {}, lines: ['nothing changes'] },
  {
    that: 'a weight',
    before: { versions: weights(1, 1) },
    after: { versions: weights(1, 0) },
    lines: [
      'route shop: version v2: weight 1 → 0 (50.0 % → 0 %)',
      `route shop: users who change version: 50.1 % v2 → v1, 0 % back ${drawn}`,
    ],
  },
  {
    that: 'a state',
    after: {
      versions: [version('v1', { weight: 90 }), version('v2', { weight: 10, state: 'drain' })],
    },
    lines: [
      'route shop: version v2: state active → drain',
      `route shop: users who change version: 10.0 % v2 → v1, 0 % back ${drawn}`,
    ],
  },
  {
    that: 'a version added and one removed',
    before: { versions: [version('v1', { weight: 1 }), version('old', { weight: 0 })] },
    after: { versions: [version('v1', { weight: 1 }), version('new', { weight: 0 })] },
    lines: [
      'route shop: version new: added with weight 0 (0 %)',
      'route shop: version old: removed',
      nobody,
    ],
  },
  {
    that: 'endpoints, slot and headers of a version',
    before: { versions: weights(1) },
    after: {
      versions: [
        version('v1', {
          slot: 'one',
          urls: ['http://a:1', 'http://b:2'],
          headers: { request: undefined, response: { set: {}, add: {}, remove: ['server'] } },
        }),
      ],
    },
    lines: [
      'route shop: version v1: slot v1 → one',
      'route shop: version v1: endpoints http://v1:8080 → http://a:1, http://b:2',
      'route shop: version v1: headers changed',
      nobody,
    ],
  },
  {
    that: 'unit and salt',
    before: { versions: weights(1) },
    after: { versions: weights(1), unit: [source('cookie:uid'), source('issue')], salt: 'spring' },
    lines: [
      'route shop: unit: header:x-user-id → cookie:uid, issue',
      'route shop: salt: shop → spring',
      `route shop: users who change version: nobody, all drawn anew by another unit ${drawn}`,
    ],
  },
  {
    that: 'audiences',
    before: { audiences: [phones, { ...phones, name: 'b' }, { ...phones, name: 'c' }] },
    after: {
      audiences: [
        { ...phones, name: 'c' },
        { ...phones, when: { device: ['tablet'] }, to: { kind: 'version', version: 'v2' } },
        {
          ...phones,
          name: 'd',
          to: {
            kind: 'split',
            weights: new Map([
              ['v2', 3],
              ['v1', 1],
            ]),
          },
        },
      ],
    },
    lines: [
      'route shop: audience phones: its condition changed, to v1 → to v2',
      'route shop: audience d: added, to a split of v1 1, v2 3',
      'route shop: audience b: removed',
      'route shop: audiences: in another order',
      nobody,
    ],
  },
  {
    that: 'the other parts',
    before: { match: { host: ['a.example'] } },
    after: {
      match: { host: ['b.example'] },
      sticky: { cookie: 'version', maxAgeSeconds: 60 },
      onUnavailable: { kind: 'hold', holdMs: 10_000 },
    },
    lines: [
      'route shop: match: changed',
      'route shop: sticky: added',
      'route shop: onUnavailable: fail → hold 10s',
      nobody,
    ],
  },
  {
    that: 'how versions are dealt with',
    before: {
      timeouts: {
        connectMs: 2_000,
        firstByteMs: 30_000,
        idleMs: 300_000,
        totalMs: 0,
        attemptMs: 0,
      },
      mirror: mirrorTo('v2', { percent: 0.5, bodyBytes: 65_536 }),
    },
    after: {
      timeouts: {
        connectMs: 2_000,
        firstByteMs: 1_500,
        idleMs: 300_000,
        totalMs: 3_600_000,
        attemptMs: 0,
      },
      retries: { attempts: 2, statuses: [503, 429], budgetPercent: 12.5 },
      health: {
        path: '/healthz',
        host: 'shop.internal',
        intervalMs: 5_000,
        timeoutMs: 2_000,
        unhealthy: 3,
        healthy: 2,
        statuses: [200, 204],
      },
      ejection: undefined,
      slowStartMs: 90_000,
      limits: { ...plain.limits, inFlight: 20, bodyBytes: 10 * 1_024 ** 2 },
      allowsUpgrade: false,
      allowsEncodedSlash: false,
      mirror: mirrorTo('v1', {
        compare: {
          status: true,
          latency: false,
          body: 'json',
          ignore: [['time'], ['a/b', '*']],
          bodyBytes: 1_536,
        },
      }),
      fault: {
        when: { method: ['GET'] },
        version: 'v2',
        delayMs: 200,
        delayPercent: 10,
        abortStatus: 503,
        abortPercent: 5,
      },
    },
    lines: [
      'route shop: timeouts.firstByte: 30s → 1500ms',
      'route shop: timeouts.total: off → 1h',
      'route shop: retries: 1, budget 20% → 2, also of 503, 429, budget 12.5%',
      'route shop: health: off → /healthz of shop.internal, each 5s, within 2s, down after 3, up after 2, right: 200, 204',
      'route shop: ejection: after 5 failures, for 30s, at most 10% → off',
      'route shop: slowStart: off → 90s',
      'route shop: limits.inFlight: 1024 → 20',
      'route shop: limits.body: off → 10MiB',
      'route shop: upgrade: websocket → off',
      'route shop: encodedSlash: keep → refuse',
      'route shop: mirror: 0.5% of GET to v2, 100 at once, bodies up to 64KiB → 100% of GET to v1, 100 at once, without bodies, compares status, body as json of 1536B without /time, /a~1b/*',
      'route shop: fault: off → 10% wait 200ms, 5% are answered 503 of requests to v2, where its condition holds',
      nobody,
    ],
  },
  {
    that: 'the condition of a fault, and of how https is spoken',
    before: {
      versions: [version('v1', { urls: ['https://a'] })],
      fault: { ...reset, when: { method: ['GET'] } },
    },
    after: {
      versions: [version('v1', { urls: ['https://a'], tls: unverifiedTls })],
      fault: { ...reset, when: { method: ['PUT'] } },
    },
    lines: [
      'route shop: version v1: endpoints https://a:443 → https://a:443#verify=false',
      'route shop: fault: its condition changed',
      nobody,
    ],
  },
  {
    that: 'weights of a route that splits per request',
    before: { unit: 'request', versions: weights(1, 1) },
    after: { unit: 'request', versions: weights(1, 3) },
    lines: [
      'route shop: version v2: weight 1 → 3 (50.0 % → 75.0 %)',
      'route shop: users who change version: none has one, it splits per request',
    ],
  },
] satisfies {
  that: string;
  before?: Partial<RouteRule>;
  after: Partial<RouteRule>;
  lines: string[];
}[]) {
  test(`a change of ${that} is told in words`, async (t) => {
    t.same(differenceText(between(before, after)), lines);
  });
}

/** Everything a route may say of its versions, each value other than what holds anyway. */
const full = {
  onUnavailable: { kind: 'hold', holdMs: 10 },
  timeouts: { connectMs: 10, firstByteMs: 10, idleMs: 10, totalMs: 10, attemptMs: 10 },
  retries: { attempts: 2, statuses: [503], budgetPercent: 10 },
  health: {
    path: '/a',
    host: 'a',
    intervalMs: 10,
    timeoutMs: 10,
    unhealthy: 10,
    healthy: 10,
    statuses: [200],
  },
  ejection: { failures: 10, forMs: 10, maxPercent: 20 },
  slowStartMs: 10,
  limits: { connections: 10, inFlight: 10, waiting: 10, waitMs: 10, bodyBytes: 10 },
  allowsUpgrade: false,
  allowsEncodedSlash: false,
  mirror: mirrorTo('v2', {
    bodyBytes: 10,
    compare: { status: true, latency: true, body: 'json', ignore: [['a']], bodyBytes: 10 },
  }),
  fault: {
    when: { method: ['GET'] },
    version: 'v1',
    delayMs: 10,
    delayPercent: 10,
    abortStatus: 503,
    abortPercent: 10,
  },
} satisfies Partial<RouteRule>;

for (const path of leavesOf(full)) {
  test(`another ${path.join('.')} is told`, async (t) => {
    const other = structuredClone(full);
    change(other, path);
    const [route] = between(full, other).changed;
    t.equal(route?.changes.length, 1);
    t.match(route?.changes[0]?.subject, new RegExp(`^${path[0]?.replace(/Ms$|^allows.*$/, '')}`));
  });
}

function leavesOf(value: object): string[][] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' ? leavesOf(inner).map((path) => [key, ...path]) : [[key]],
  );
}

function change(value: Record<string, unknown>, [key = '', ...rest]: readonly string[]): void {
  const was = value[key];
  if (rest.length > 0) change(was as Record<string, unknown>, rest);
  else if (typeof was === 'number') value[key] = was + 1;
  else value[key] = typeof was === 'boolean' ? !was : otherText[String(was)];
}

const otherText: Readonly<Record<string, string>> = {
  hold: 'fail',
  '/a': '/b',
  a: 'b',
  v1: 'v2',
  v2: 'v1',
  GET: 'PUT',
  json: 'bytes',
  pause: 'rollback',
  batches: 'endpoints',
  share: 'pause',
};

for (const { amount, text } of [
  { amount: durationText(0), text: 'off' },
  { amount: durationText(1), text: '1ms' },
  { amount: durationText(60_000), text: '1m' },
  { amount: durationText(90_000), text: '90s' },
  { amount: durationText(25 * 3_600_000), text: '25h' },
  { amount: sizeText(0), text: 'off' },
  { amount: sizeText(1_025), text: '1025B' },
  { amount: sizeText(65_536), text: '64KiB' },
  { amount: sizeText(1_024 ** 3), text: '1GiB' },
]) {
  test(`an amount is written in the largest unit that fits: ${text}`, async (t) => {
    t.equal(amount, text);
  });
}

const judge = {
  alpha: 0.01,
  beta: 0.05,
  minUnits: 50,
  warmUpMs: 60_000,
  slo: 0.02,
  dryRun: false,
  errors: { margin: 1.25, min: 0.001 },
  latency: { percentile: 95, margin: 1.25, minMs: 5 },
  pass: { margin: 2, negligible: 0.001 },
} as const;
const ends = { from: 'v1', to: 'v2', judge, onFail: 'pause', onUndecided: 'pause' } as const;
const step = {
  kind: 'share',
  percent: 1,
  forMs: 10,
  atMostMs: 40,
  ready: 1,
  passMargin: 2,
} as const;
const goal = { when: {}, statuses: [200, 299], alpha: 0.05, atMostMs: 10 } as const;

/** One of each strategy, everything said. */
const rollouts: readonly RolloutRule[] = [
  { strategy: 'recreate', ...ends, holdMs: 10 },
  { strategy: 'ramped', ...ends, by: { kind: 'batches', batches: 10, everyMs: 10 } },
  { strategy: 'blue-green', ...ends, group: 'a', keepMs: 10 },
  { strategy: 'canary', ...ends, steps: [step] },
  { strategy: 'ab', ...ends, goal },
  { strategy: 'shadow', ...ends, forMs: 10, atMostMs: 40, differences: 0.01, onPass: 'pause' },
];

for (const rollout of rollouts) {
  for (const path of leavesOf(rollout).filter(([key]) => key !== 'strategy')) {
    test(`another ${path.join('.')} of a ${rollout.strategy} rollout is told`, async (t) => {
      const other = structuredClone(rollout);
      change({ other }, ['other', ...path]);
      const [route] = between({ rollout }, { rollout: other }).changed;
      t.equal(route?.changes.length, 1);
      t.equal(route?.changes[0]?.subject, 'rollout');
    });
  }
}

test('a rollout is told in one line', async (t) => {
  const [route] = between(
    {},
    { rollout: { strategy: 'canary', ...ends, steps: [step, { kind: 'pause' }] } },
  ).changed;
  t.equal(
    route?.changes[0]?.change,
    'off → canary v1 → v2, 1% for 10ms to 40ms, passes below 2 times, a pause, judged by errors ×1.25 from 0.1% and latency of 95 ×1.25 from 5ms and at most 2% failures (alpha 0.01, beta 0.05, at least 50 users, warm after 1m, passes below 2 times or 0.1%), pause on fail, pause where undecided',
  );
});

test('the condition of a goal is told apart from its text', async (t) => {
  const ab = (method: string) =>
    ({ strategy: 'ab', ...ends, goal: { ...goal, when: { method: [method] } } }) as const;
  t.strictSame(between({ rollout: ab('GET') }, { rollout: ab('PUT') }).changed[0]?.changes, [
    { subject: 'rollout', change: 'its condition changed' },
  ]);
});

test('weights that nobody has written are told as shares', async (t) => {
  const changes = (before: VersionRule[], after: VersionRule[]) =>
    between({ versions: before }, { versions: after }).changed[0]?.changes.map((c) => c.change);
  t.strictSame(changes(weights(1, 0), weights(0.9, 0.1)), [
    'share 100 % → 90.0 %',
    'share 0 % → 10.0 %',
  ]);
  t.strictSame(changes(weights(0.9), weights(0.9, 0.1)), ['added with 10.0 %']);
});

test('routes added, removed and in another order are told', async (t) => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => rule({ name }));
  if (!a || !b || !c || !d) throw new Error('four names make four rules');
  t.same(differenceText(difference(snapshotOf(a, b, c), snapshotOf(c, a, d))), [
    'route b: removed',
    'route d: added',
    'routes: in another order',
  ]);
});

test('the order of keys and of versions is no change', async (t) => {
  const before = { match: { host: ['a.example'], method: ['GET'] } };
  const after = { match: { method: ['GET'], host: ['a.example'] } };
  t.same(between(before, after).changed, []);
  t.same(moved({ versions: weights(9, 1) }, { versions: weights(9, 1).toReversed() }), {});
});

for (const { share, text } of [
  { share: 0, text: '0 %' },
  { share: 0.0001, text: 'less than 0.1 %' },
  { share: 0.1, text: '10.0 %' },
  { share: 0.9999, text: 'more than 99.9 %' },
  { share: 1, text: '100 %' },
]) {
  test(`${share} is read as ${text}`, async (t) => {
    t.equal(percentText(share), text);
  });
}
