import { test } from 'tap';
import { read } from '#core/document/read';
import { defaultJudge } from '#core/judge/rule';
import type { RouteRule } from '#core/routing/rules';

const versions = `versions: { v1: { url: "http://a" }, v2: { url: "http://b", weight: 0 } }`;

function reading(route: string, before = '') {
  return read(`apiVersion: turnout/v1\n${before}routes:\n  - name: shop\n    ${route}\n`);
}

function ruleOf(rollout: string, rest = versions): RouteRule | undefined {
  const read = reading(`${rest}\n    rollout: ${rollout}`);
  return read.kind === 'document' ? read.document.routes[0] : undefined;
}

const ends = { from: 'v1', to: 'v2', onFail: 'rollback', onUndecided: 'pause' };

for (const { written, means } of [
  {
    written: '{ strategy: recreate, from: v1, to: v2 }',
    means: { strategy: 'recreate', ...ends, judge: undefined, holdMs: 30_000 },
  },
  {
    written: '{ strategy: ramped, from: v1, to: v2 }',
    means: {
      strategy: 'ramped',
      ...ends,
      judge: undefined,
      by: { kind: 'batches', batches: 10, everyMs: 30_000 },
    },
  },
  {
    written: '{ strategy: ramped, from: v1, to: v2, follow: endpoints, judge: {} }',
    means: { strategy: 'ramped', ...ends, judge: defaultJudge, by: { kind: 'endpoints' } },
  },
  {
    written: '{ strategy: blue-green, from: v1, to: v2, judge: { slo: 2% }, onFail: pause }',
    means: {
      strategy: 'blue-green',
      ...ends,
      onFail: 'pause',
      judge: { ...defaultJudge, slo: 0.02, errors: undefined, latency: undefined },
      group: undefined,
      keepMs: 600_000,
    },
  },
  {
    written: '{ strategy: blue-green, from: v1, to: v2, group: shop, keep: off, judge: off }',
    means: { strategy: 'blue-green', ...ends, judge: undefined, group: 'shop', keepMs: 0 },
  },
  {
    written: '{ strategy: canary, from: v1, to: v2, steps: [{ weight: 0.5%, for: 5m }] }',
    means: {
      strategy: 'canary',
      ...ends,
      judge: defaultJudge,
      steps: [
        {
          kind: 'share',
          percent: 0.5,
          forMs: 300_000,
          atMostMs: 1_200_000,
          ready: 1,
          passMargin: undefined,
        },
      ],
    },
  },
  {
    written: `{ strategy: canary, from: v1, to: v2, onUndecided: promote, judge: off,
      steps: [{ weight: 1, for: 5m, atMost: 5m, ready: 2, pass: { margin: 5 } }, { pause: true }, { weight: 100%, for: 1s }] }`,
    means: {
      strategy: 'canary',
      ...ends,
      onUndecided: 'promote',
      judge: undefined,
      steps: [
        {
          kind: 'share',
          percent: 1,
          forMs: 300_000,
          atMostMs: 300_000,
          ready: 2,
          passMargin: 5,
        },
        { kind: 'pause' },
        {
          kind: 'share',
          percent: 100,
          forMs: 1_000,
          atMostMs: 4_000,
          ready: 1,
          passMargin: undefined,
        },
      ],
    },
  },
  {
    written: '{ strategy: shadow, from: v1, to: v2, for: 1m }',
    means: {
      strategy: 'shadow',
      ...ends,
      judge: defaultJudge,
      forMs: 60_000,
      atMostMs: 240_000,
      differences: 0.01,
      onPass: 'pause',
    },
  },
]) {
  test(`${written} means what it leaves out too`, async (t) => {
    t.strictSame(ruleOf(written)?.rollout, means);
  });
}

test('a goal is of 200 to 299 and of 5 %, unless it says otherwise', async (t) => {
  const both = 'versions: { v1: { url: "http://a" }, v2: { url: "http://b" } }';
  const goalOf = (goal: string) => {
    const rollout = ruleOf(`{ strategy: ab, from: v1, to: v2, goal: ${goal} }`, both)?.rollout;
    return rollout?.strategy === 'ab' ? rollout.goal : undefined;
  };
  t.match(goalOf('{ when: { path: /thanks } }'), {
    statuses: [200, 299],
    alpha: 0.05,
    atMostMs: undefined,
  });
  t.match(goalOf('{ when: { method: POST }, status: 201, alpha: 0.1, atMost: 1d }'), {
    statuses: [201, 201],
    alpha: 0.1,
    atMostMs: 86_400_000,
  });
  t.match(goalOf('{ when: { method: POST }, status: 302-303 }'), { statuses: [302, 303] });
});

test('what is said of the judge takes the place of what holds anyway, key by key', async (t) => {
  const judgeOf = (judge: string) =>
    ruleOf(`{ strategy: ramped, from: v1, to: v2, judge: ${judge} }`)?.rollout?.judge;
  t.strictSame(
    judgeOf(
      '{ alpha: 0.05, beta: 0.1, minUnits: 9, warmUp: off, slo: 0.5%, dryRun: true, errors: { margin: 3 }, latency: { percentile: 99, min: 20ms }, pass: { negligible: 1% } }',
    ),
    {
      alpha: 0.05,
      beta: 0.1,
      minUnits: 9,
      warmUpMs: 0,
      slo: 0.005,
      dryRun: true,
      errors: { margin: 3, min: 0.001 },
      latency: { percentile: 99, margin: 1.25, minMs: 20 },
      pass: { margin: 2, negligible: 0.01 },
    },
  );
  t.match(judgeOf('{ errors: off }'), { errors: undefined, latency: defaultJudge.latency });
  t.match(judgeOf('{ latency: off }'), { errors: defaultJudge.errors, latency: undefined });
  t.match(judgeOf('{ latency: off, errors: off, slo: 1% }'), { slo: 0.01 });
});

test('a shadow without a mirror has one that asks for nothing special', async (t) => {
  const shadow = '{ strategy: shadow, from: v1, to: v2 }';
  const mirrored = ruleOf('off', `${versions}\n    mirror: { to: v2 }`)?.mirror;
  t.strictSame(ruleOf(shadow)?.mirror, mirrored);
  const own = `${versions}\n    mirror: { to: v2, percent: 10% }`;
  t.equal(ruleOf(shadow, own)?.mirror?.percent, 10);
});

test('a rollout in defaults is that of every route with versions that does not lift it', async (t) => {
  const read = reading(
    `${versions}
    match: { path: /a }
  - name: other
    match: { path: /b }
    versions: { one: { url: "http://a" } }
    rollout: off
  - name: old
    redirect: { path: { full: /a } }`,
    'defaults: { rollout: { strategy: blue-green, from: v1, to: v2 } }\n',
  );
  t.equal(read.kind, 'document');
  const rules = read.kind === 'document' ? read.document.routes : [];
  t.strictSame(
    rules.map(({ name, rollout }) => [name, rollout?.strategy]),
    [
      ['shop', 'blue-green'],
      ['other', undefined],
      ['old', undefined],
    ],
  );
});

for (const { because, route, before, finds } of [
  {
    because: 'versions of a rollout are there, and what was meant is guessed',
    route: `versions: { stable: { url: "http://a" }, canary: { url: "http://b" } }
    rollout: { strategy: blue-green, from: stable, to: cannary }`,
    finds: ['TN3002 did you mean "canary"?'],
  },
  {
    because: 'so are those of a rollout in defaults, in each route',
    before: 'defaults: { rollout: { strategy: blue-green, from: v1, to: v2 } }\n',
    route: 'versions: { v1: { url: "http://a" } }',
    finds: ['TN3002 routes[0] "shop" may say rollout: off'],
  },
  {
    because: 'a version that drains takes nobody new',
    route: `versions: { v1: { url: "http://a", state: drain }, v2: { url: "http://b" } }
    rollout: { strategy: blue-green, from: v1, to: v2 }`,
    finds: [
      'TN3005 undefined',
      'TN3019 take "state: drain" away: the rollout says who gets something',
    ],
  },
  {
    because: 'ab holds the split of the document, so both have a part in it',
    route: `${versions}\n    rollout: { strategy: ab, from: v1, to: v2 }`,
    finds: ['TN3020 ab holds the split of the weights: both versions need one above 0'],
  },
  {
    because: 'a canary has steps',
    route: `${versions}\n    rollout: { strategy: canary, from: v1, to: v2 }`,
    finds: ['TN2002 undefined'],
  },
  {
    because: 'and one of them has a weight above 0',
    route: `${versions}\n    rollout: { strategy: canary, from: v1, to: v2, steps: [{ pause: true }, { weight: 0%, for: 1s }] }`,
    finds: ['TN2023 undefined'],
  },
  {
    because: 'a step is a share for a time, or a pause and nothing else',
    route: `${versions}\n    rollout: { strategy: canary, from: v1, to: v2, steps: [{}, { weight: 1% }, { pause: true, for: 1s }, { pause: true, weight: 2%, for: 1s }] }`,
    finds: [
      'TN2003 undefined',
      'TN2002 for says how long the step takes at least',
      'TN2003 undefined',
      'TN2003 undefined',
    ],
  },
  {
    because: 'a judge that is given nothing to judge by is off',
    route: `${versions}\n    rollout: { strategy: ramped, from: v1, to: v2, judge: { errors: off, latency: off } }`,
    finds: ['TN2003 judge: off judges nothing'],
  },
  {
    because: 'where there is nothing to compare with, the judge needs a bound, and has no margins',
    route: `${versions}\n    rollout: { strategy: blue-green, from: v1, to: v2, judge: { errors: { margin: 2 } } }`,
    finds: ['TN2002 undefined', 'TN2027 it belongs to ramped, canary, ab, shadow'],
  },
  {
    because: 'a share beside chances needs its sign',
    route: `${versions}\n    rollout: { strategy: shadow, from: v1, to: v2, differences: 0.01 }`,
    finds: ['TN2023 write the sign: 0.1%'],
  },
  {
    because: 'a ramp goes in parts or follows the endpoints',
    route: `${versions}\n    rollout: { strategy: ramped, from: v1, to: v2, follow: endpoints, every: 1s }`,
    finds: ['TN2003 undefined'],
  },
  {
    because: 'only blue-green has groups',
    route: `${versions}\n    rollout: { strategy: ramped, from: v1, to: v2, group: shop }`,
    finds: ['TN2027 it belongs to blue-green'],
  },
  {
    because: 'a key that no strategy has is unknown, whatever the strategy',
    route: `${versions}\n    rollout: { strategy: ramped, from: v1, to: v2, evry: 1s }`,
    finds: ['TN2004 did you mean "every"?'],
  },
  {
    because: 'a redirect has nothing that could go over',
    route: 'redirect: { path: { full: /a } }\n    rollout: { strategy: ramped, from: v1, to: v2 }',
    finds: ['TN3011 undefined'],
  },
  {
    because: 'a shadow mirrors to its own version',
    route: `${versions.replace('}, v2', '}, v3: { url: "http://c" }, v2')}
    mirror: { to: v3 }\n    rollout: { strategy: shadow, from: v1, to: v2 }`,
    finds: ['TN3023 without a mirror of its own a shadow rollout makes one'],
  },
  {
    because: 'a name may stand for any number of endpoints',
    route: `${versions}\n    rollout: { strategy: canary, from: v1, to: v2, steps: [{ weight: 1%, for: 1s, ready: 9 }] }`,
    finds: [],
  },
  {
    because: 'endpoints that are followed have to say that they are ready',
    route: `${versions}\n    rollout: { strategy: ramped, from: v1, to: v2, follow: endpoints }`,
    finds: ['TN3025 health: {path: /readyz} asks each of them'],
  },
  {
    because: 'with checks they do',
    route: `${versions}\n    health: { path: /a }\n    rollout: { strategy: recreate, from: v1, to: v2 }`,
    finds: [],
  },
  {
    because: 'sticky cookies keep nobody where everybody goes over at once',
    route: `${versions}\n    sticky: { cookie: a }\n    rollout: { strategy: blue-green, from: v1, to: v2 }`,
    finds: [],
  },
]) {
  test(because, async (t) => {
    const read = reading(route, before);
    const problems = read.kind === 'problems' ? read.problems : read.warnings;
    t.strictSame(
      problems.map(({ code, hint }) => `${code} ${hint}`),
      finds,
    );
  });
}
