import fc from 'fast-check';
import { test } from 'tap';
import type { Outcome } from '#core/exchange/outcome';
import type { Measurement, Pair } from '#core/judge/measurement';
import type { Route } from '#core/routing/route';
import type { TallyIncrement } from '../../src/rollout/increment.ts';
import { Measures } from '../../src/rollout/measures.ts';
import type { Tally } from '../../src/rollout/tally.ts';
import { snapshotOf as compiled, rule } from '../core/routing/made-up.ts';
import { failed, judgedRoute, judging, of, type Sketch, tallyOf } from './judged.ts';

const release = 'shop-1';
const shares: Pair = [0.9, 0.1];
const how = { isWarm: true, isAgreed: true };

function measure(measures: Measures): Measurement {
  return measures.measure(release, 1_000, () => shares, how);
}

/** What exchanges come to, counted by one process. */
function measured(route: Route, exchanges: readonly Sketch[]): Measurement {
  const tally = tallyOf();
  for (const sketch of exchanges) tally.observe(of(route, sketch));
  return sumOf(tally.take());
}

function sumOf(increments: readonly TallyIncrement[]): Measurement {
  const measures = new Measures();
  for (const increment of increments) measures.add(structuredClone(increment));
  return measure(measures);
}

const nothing = {
  failures: [0, 0],
  slow: [
    [0, 0],
    [0, 0],
    [0, 0],
  ],
  goals: [0, 0],
};

test('units count by their first failure, against the shares of the split', async (t) => {
  const { terms, hasUnits, seen, worn } = measured(judgedRoute(), [
    { unit: 'alice', ...failed },
    { unit: 'alice', ...failed },
    { unit: 'bob' },
    { unit: 'carol', version: 'v2', ...failed },
  ]);
  t.strictSame(terms, [{ kind: 'unit', revision: 1, sizes: shares, ...nothing, failures: [1, 1] }]);
  t.match({ hasUnits, seen, worn }, { hasUnits: true, seen: 3, worn: 2 });
});

test('requests without a unit, or with one just minted, count one by one', async (t) => {
  const { terms, hasUnits } = measured(judgedRoute(), [
    { ...failed },
    { ...failed },
    {},
    { unit: 'fresh', minted: true, version: 'v2', ...failed },
  ]);
  t.strictSame(terms, [
    { kind: 'request', revision: 1, sizes: [0.9, 0.1], ...nothing, failures: [2, 1] },
  ]);
  t.equal(hasUnits, false);
});

test('a unit that failed as it was minted does not fail for the first time later', async (t) => {
  const { terms } = measured(judgedRoute(), [
    { unit: 'alice', minted: true, ...failed },
    { unit: 'alice', ...failed },
  ]);
  t.match(terms, [
    { kind: 'unit', failures: [0, 0] },
    { kind: 'request', failures: [1, 0] },
  ]);
});

test('each limit has its own first time', async (t) => {
  const { terms } = measured(judgedRoute(), [
    { unit: 'alice', ms: 150 },
    { unit: 'alice', ms: 250 },
    { unit: 'alice', ms: 250 },
    { version: 'v2', ms: 500 },
  ]);
  t.match(terms, [
    {
      kind: 'unit',
      slow: [
        [1, 0],
        [1, 0],
        [0, 0],
      ],
    },
    {
      kind: 'request',
      slow: [
        [0, 1],
        [0, 1],
        [0, 1],
      ],
    },
  ]);
});

test('slices have every request', async (t) => {
  const { slices } = measured(judgedRoute(), [
    { unit: 'alice', ...failed },
    { unit: 'alice', ms: 150 },
    { unit: 'bob', version: 'v2' },
    { ms: 1_000 },
  ]);
  t.strictSame(slices, [
    { side: 0, slice: 50, requests: 1, failures: 0, slow: [1, 1, 1] },
    { side: 0, slice: 90, requests: 2, failures: 1, slow: [1, 0, 0] },
    { side: 1, slice: 66, requests: 1, failures: 0, slow: [0, 0, 0] },
  ]);
});

test('units at their first sight, minted ones too, tell whether the split is as planned', async (t) => {
  const { sightings, units } = measured(judgedRoute(), [
    { unit: 'alice' },
    { unit: 'alice' },
    { unit: 'bob', minted: true },
    { unit: 'carol', version: 'v2' },
    {},
  ]);
  t.strictSame(sightings, [{ split: [0.9, 0.1], units: [2, 1] }]);
  t.strictSame(units, [3, 1]);
});

test('a measurement has what came since the last one', async (t) => {
  const measures = new Measures();
  const tally = tallyOf();
  const route = judgedRoute();
  const tell = () => {
    for (const increment of tally.take()) measures.add(increment);
  };
  tally.observe(of(route, { unit: 'alice', ...failed }));
  tell();
  t.match(measure(measures).terms, [{ failures: [1, 0] }]);
  tell();
  t.match(measure(measures), { terms: [], slices: [], units: [0, 0], seen: 0, worn: 0 });
  tally.observe(of(route, { unit: 'alice', ...failed }));
  tell();
  t.match(measure(measures), { terms: [{ failures: [0, 0] }], sightings: [], worn: 0 });
});

// With a set for each version a ramp of equal versions fails in every run: people who are moved
// over meet an empty set.
test('there is one set for a release: who has failed and moves over does not fail anew', async (t) => {
  const measures = new Measures();
  const ramp = (revision: number, version: 'v1' | 'v2') => {
    const rules = rule({ judging: judging({ revision, step: revision }) });
    const snapshot = compiled(rules);
    // By another process each time: who has failed is known here, and not there.
    const tally = tallyOf();
    tally.swapped(snapshot);
    const [route] = snapshot.routes;
    if (route === undefined) throw new Error('no route');
    for (const unit of ['alice', 'bob', 'carol']) {
      tally.observe(of(route, { unit, version, ...failed }));
    }
    for (const increment of tally.take()) measures.add(increment);
    return measure(measures);
  };
  t.match(ramp(1, 'v1'), { terms: [{ failures: [3, 0] }], units: [3, 0], seen: 3 });
  const next = ramp(2, 'v2');
  t.match(next.terms, [{ revision: 2, failures: [0, 0] }]);
  t.match(next, { units: [0, 3], seen: 0, worn: 0, sightings: [] });
});

test('two processes that see the same unit count it once', async (t) => {
  const [one, other] = [tallyOf(), tallyOf()];
  const route = judgedRoute();
  for (const tally of [one, other]) {
    tally.observe(of(route, { unit: 'alice', version: 'v2', ms: 1_000, ...failed }));
    tally.observe(of(route, { version: 'v2' }));
  }
  const { terms, units, sightings, seen } = sumOf([...one.take(), ...other.take()]);
  t.match(terms, [
    {
      kind: 'unit',
      failures: [0, 1],
      slow: [
        [0, 1],
        [0, 1],
        [0, 1],
      ],
    },
    { kind: 'request', failures: [0, 0] },
  ]);
  t.match({ units, sightings, seen }, { units: [0, 3], sightings: [{ units: [0, 1] }], seen: 1 });
});

test('terms of two revisions are never mixed', async (t) => {
  const [tally, measures] = [tallyOf(), new Measures()];
  for (const revision of [1, 2]) {
    const route = judgedRoute({ revision });
    tally.observe(of(route, {}));
    tally.observe(of(route, { unit: `u${revision}` }));
  }
  for (const increment of tally.take()) measures.add(increment);
  const { terms, sightings } = measures.measure(
    release,
    1,
    (revision) => (revision === 1 ? [0.3, 0.1] : [0.2, 0.2]),
    how,
  );
  t.match(terms, [
    { kind: 'unit', revision: 1, sizes: [0.3, 0.1] },
    { kind: 'request', revision: 1, sizes: [0.3, 0.1] },
    { kind: 'unit', revision: 2, sizes: [0.2, 0.2] },
    { kind: 'request', revision: 2, sizes: [0.2, 0.2] },
  ]);
  // Of three versions two are compared.
  t.match(
    sightings.map(({ split }) => split.map((share) => Math.round(share * 100))),
    [
      [75, 25],
      [50, 50],
    ],
  );
});

test('news of an earlier step are none of the present one', async (t) => {
  const [early, late] = [tallyOf(), tallyOf()];
  const measures = new Measures();
  late.observe(of(judgedRoute({ step: 1 }), { unit: 'alice' }));
  early.observe(of(judgedRoute({ step: 0 }), { unit: 'bob', ...failed }));
  early.observe(of(judgedRoute({ step: 0 }), {}));
  for (const increment of [...late.take(), ...early.take()]) measures.add(increment);
  t.match(measure(measures), { units: [1, 0], seen: 2, worn: 1 });
});

const sketch: fc.Arbitrary<Sketch> = fc.record({
  unit: fc.constantFrom('', 'a', 'b', 'c', 'd'),
  version: fc.constantFrom('v1' as const, 'v2' as const),
  status: fc.constantFrom(200, 500),
  ms: fc.constantFrom(10, 150, 250, 500),
});

/** A unit has one version under one revision. */
function ofOneVersion({ unit = '', ...rest }: Sketch): Sketch {
  return unit === '' ? { ...rest } : { ...rest, unit, version: unit < 'c' ? 'v1' : 'v2' };
}

test('the order of exchanges, and who counts them, and how often that is told, does not matter', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(sketch, fc.nat(2), fc.boolean()), { maxLength: 30 }),
      fc.infiniteStream(fc.nat(1_000)),
      (exchanges, chance) => {
        const route = judgedRoute();
        const sketches = exchanges.map(([one]) => ofOneVersion(one));
        const alone = measured(route, sketches);
        const tallies: readonly Tally[] = [tallyOf(), tallyOf(), tallyOf()];
        const told: TallyIncrement[] = [];
        for (const [one, at, tells] of [...exchanges].reverse()) {
          const tally = tallies[at];
          tally?.observe(of(route, ofOneVersion(one)));
          if (tells) told.push(...(tally?.take() ?? []));
        }
        for (const tally of tallies) told.push(...tally.take());
        const shuffled = told
          .map((increment) => [chance.next().value as number, increment] as const)
          .sort(([a], [b]) => a - b)
          .map(([, increment]) => increment);
        t.same(sumOf(shuffled), alone);
      },
    ),
    { numRuns: 200 },
  );
});

test('a restart forgets nothing', async (t) => {
  const tally = tallyOf();
  const route = judgedRoute({ step: 2 });
  const before = new Measures();
  const exchanges: readonly Sketch[] = [
    { unit: 'alice', ...failed },
    { unit: 'bob', version: 'v2', ms: 250 },
  ];
  for (const one of exchanges) tally.observe(of(route, one));
  for (const increment of tally.take()) before.add(increment);
  const kept = before.newUnits(release);
  t.equal(kept.length, 8 * 3, 'the step, and two units');
  t.equal(before.newUnits(release).length, 0, 'each is told once');

  const after = new Measures();
  after.restore(release, kept);
  t.match(measure(after), { terms: [], units: [0, 0], seen: 0, worn: 0 });
  // All is counted again: the processes have begun anew.
  const again = tallyOf();
  for (const one of exchanges) again.observe(of(route, one));
  again.observe(of(route, { unit: 'alice', ms: 150 }));
  for (const increment of again.take()) after.add(increment);
  t.match(measure(after), {
    terms: [
      {
        failures: [0, 0],
        slow: [
          [1, 0],
          [0, 0],
          [0, 0],
        ],
      },
    ],
    units: [0, 0],
    sightings: [],
    seen: 0,
    worn: 0,
  });
});

test('a later step is one after a restart too', async (t) => {
  const before = new Measures();
  const tally = tallyOf();
  for (const step of [1, 2]) tally.observe(of(judgedRoute({ step }), { unit: `of step ${step}` }));
  for (const increment of tally.take()) before.add(increment);
  const after = new Measures();
  after.restore(release, before.newUnits(release));
  const again = tallyOf();
  for (const step of [1, 2])
    again.observe(of(judgedRoute({ step: 2 }), { unit: `of step ${step}` }));
  for (const increment of again.take()) after.add(increment);
  t.match(measure(after), { units: [1, 0], seen: 0 });
});

test('latencies of both versions are there from the beginning of the release', async (t) => {
  const [tally, measures] = [tallyOf(), new Measures()];
  const route = judgedRoute({ limitsMs: undefined });
  for (const ms of [1, 1, 3]) {
    tally.observe(of(route, { ms }));
    for (const increment of tally.take()) measures.add(increment);
    measure(measures);
  }
  tally.observe(of(route, { ms: 5, version: 'v2' }));
  for (const increment of tally.take()) measures.add(increment);
  const [stable, candidate] = measures.histograms(release);
  const total = (bins: Float64Array) => bins.reduce((sum, count) => sum + count, 0);
  t.match([stable[192], total(stable), total(candidate)], [2, 3, 1]);
});

test('what comes for a release that is over is not kept', async (t) => {
  const [tally, measures] = [tallyOf(), new Measures()];
  tally.observe(of(judgedRoute(), failed));
  measures.forget(release);
  for (const increment of tally.take()) measures.add(increment);
  t.match(measure(measures), { terms: [], slices: [] });
});

test('of a unit with copies counts the first time that only one of them fails', async (t) => {
  const [tally, measures] = [tallyOf(), new Measures()];
  const route = judgedRoute();
  const [, version] = route.versions;
  if (version === undefined) throw new Error('no version');
  const pair = (unit: string, original: Outcome, copy: Outcome) =>
    tally.observePair({
      route,
      version,
      unit,
      original: { outcome: original, ms: 1 },
      copy: { outcome: copy, ms: 1 },
      isCompared: true,
      differs: original !== copy,
    });
  pair('alice', 'success', 'failure');
  pair('alice', 'success', 'failure');
  pair('bob', 'failure', 'success');
  pair('carol', 'failure', 'failure');
  pair('', 'success', 'failure');
  for (const increment of tally.take()) measures.add(increment);
  const { terms, units, compared, differing } = measure(measures);
  t.strictSame(terms, [{ kind: 'pair', revision: 1, sizes: [1, 1], ...nothing, failures: [1, 2] }]);
  t.strictSame([units, compared, differing], [[0, 4], 5, 4]);
});
