import { test } from 'tap';
import type { Assignment } from '#core/routing/assignment';
import type { Route } from '#core/routing/route';
import { places, requestsAt, type TallyIncrement } from '../../src/rollout/increment.ts';
import { marks } from '../../src/rollout/marks.ts';
import type { Half } from '../../src/rollout/tally.ts';
import { rule, snapshotOf } from '../core/routing/made-up.ts';
import { assignmentTo } from '../telemetry/snapshots.ts';
import { judgedRoute, judging, of, type Sketch, tallyOf } from './judged.ts';

const { counts } = places;

/** Requests without a unit of one version: all, failures, slow over three limits, goals. */
function countsOf({ requests }: TallyIncrement, side: 0 | 1): readonly number[] {
  const base = requestsAt(side, 2);
  return [...requests.subarray(base, base + counts.size)];
}

function counted(sketch: Sketch, route = judgedRoute()): readonly number[] | undefined {
  const tally = tallyOf();
  tally.observe(of(route, { version: 'v2', ...sketch }));
  const [increment] = tally.take();
  return increment && countsOf(increment, 1);
}

for (const { is, sketch, counts: expected } of [
  { is: 'an answer', sketch: {}, counts: [1, 0, 0, 0, 0, 0] },
  { is: 'an answer 404', sketch: { status: 404 }, counts: [1, 0, 0, 0, 0, 0] },
  { is: 'an answer 500', sketch: { status: 500 }, counts: [1, 1, 0, 0, 0, 0] },
  {
    is: 'an answer that another endpoint gave after the first one failed',
    sketch: { hasStumbled: true },
    counts: [1, 1, 0, 0, 0, 0],
  },
  {
    is: 'an answer that was cut',
    sketch: { failure: 'upstream_reset' },
    counts: [1, 1, 0, 0, 0, 0],
  },
  { is: 'an answer over the first limit', sketch: { ms: 101 }, counts: [1, 0, 1, 0, 0, 0] },
  { is: 'an answer at the first limit', sketch: { ms: 100 }, counts: [1, 0, 0, 0, 0, 0] },
  { is: 'an answer over the second limit', sketch: { ms: 400 }, counts: [1, 0, 1, 1, 0, 0] },
  { is: 'an answer over all limits', sketch: { ms: 401 }, counts: [1, 0, 1, 1, 1, 0] },
  {
    is: 'a request that timed out, whenever that was',
    sketch: { failure: 'response_timeout', status: 504, respondedAt: 0 },
    counts: [1, 1, 1, 1, 1, 0],
  },
  {
    is: 'a client that left in time',
    sketch: { failure: 'client_disconnect', status: 0, respondedAt: 0 },
    counts: undefined,
  },
  {
    is: 'a client that left after the first limit',
    sketch: { failure: 'client_disconnect', status: 0, respondedAt: 0, endedAt: 1_150 },
    counts: [1, 0, 1, 0, 0, 0],
  },
  {
    is: 'a client that sent nonsense, however late',
    sketch: { failure: 'bad_request', status: 400, respondedAt: 0, endedAt: 2_000 },
    counts: undefined,
  },
  { is: 'a rehearsal', sketch: { failure: 'fault', status: 503 }, counts: undefined },
  { is: 'a goal', sketch: { hasReachedGoal: true }, counts: [1, 0, 0, 0, 0, 1] },
] satisfies readonly { is: string; sketch: Sketch; counts: readonly number[] | undefined }[]) {
  test(`${is} counts as ${expected ?? 'nothing'}`, async (t) => {
    t.strictSame(counted(sketch), expected);
  });
}

test('nothing is slow while the limits are not known', async (t) => {
  const route = judgedRoute({ limitsMs: undefined });
  t.strictSame(counted({ ms: 10_000, failure: 'total_timeout' }, route), [1, 1, 0, 0, 0, 0]);
});

function told(route: Route, assignment: Partial<Assignment>): readonly TallyIncrement[] {
  const tally = tallyOf();
  tally.observe({ ...of(route), assignment: assignmentTo(route, 'v2', assignment) });
  return tally.take();
}

for (const assignedBy of ['override', 'audience', 'sticky', 'fallback', 'none'] as const) {
  test(`who was assigned by ${assignedBy} is not counted`, async (t) => {
    t.strictSame(told(judgedRoute(), { assignedBy, reason: assignedBy }), []);
  });
}

test('a request is charged to the version that it was assigned, not to the one that helped out', async (t) => {
  const route = judgedRoute();
  const [v1] = route.versions;
  const [increment] = told(route, { unit: '', version: v1, reason: 'fallback' });
  t.strictSame(increment && countsOf(increment, 1), [1, 0, 0, 0, 0, 0]);
});

test('a route that nobody judges has nothing to tell, and neither has a third version', async (t) => {
  const route = judgedRoute({ from: 'v1', to: 'v1' });
  t.strictSame(told(judgedRoute({ to: 'v9' }), {}), []);
  t.strictSame(told(route, {}), []);
});

test('what was told is not told again', async (t) => {
  const tally = tallyOf();
  const route = judgedRoute();
  tally.observe(of(route, { unit: 'alice', status: 500 }));
  const [first] = tally.take();
  t.match(first, { release: 'shop-1', revision: 1, step: 0 });
  t.strictSame([...(first?.marks ?? [])], [marks.seen | marks.seenInStep | marks.failed]);
  t.strictSame(tally.take(), []);
  tally.observe(of(route, { unit: 'alice', status: 500 }));
  t.equal(tally.take()[0]?.units.length, 0);
});

test('a new step sees its units anew, a new release forgets all', async (t) => {
  const tally = tallyOf();
  const news = (more: Parameters<typeof judging>[0]) => {
    const snapshot = snapshotOf(rule({ judging: judging(more) }));
    tally.swapped(snapshot);
    const [route] = snapshot.routes;
    if (route === undefined) throw new Error('no route');
    tally.observe(of(route, { unit: 'alice', status: 500 }));
    return tally.take()[0]?.marks[0] ?? 0;
  };
  const all = marks.seen | marks.seenInStep | marks.failed;
  t.equal(news({}), all);
  t.equal(news({ revision: 2 }), 0);
  t.equal(news({ revision: 3, step: 1 }), marks.seenInStep);
  t.equal(news({ release: 'shop-2' }), all);
  tally.swapped(snapshotOf(rule()));
  t.equal(news({ release: 'shop-2' }), all, 'nobody judged it in between');
});

test('the last exchange of an older step is not seen in the new one', async (t) => {
  const tally = tallyOf();
  const [before, after] = [0, 1].map((step) => snapshotOf(rule({ judging: judging({ step }) })));
  const [route] = before?.routes ?? [];
  if (before === undefined || after === undefined || route === undefined) throw new Error();
  tally.swapped(before);
  tally.swapped(after);
  tally.observe(of(route, { unit: 'alice' }));
  t.equal(tally.take()[0]?.marks[0], marks.seen);
});

test('each failure of the candidate is urgent, and of nobody else', async (t) => {
  let urgent = 0;
  const later: [number, () => void][] = [];
  const tally = tallyOf({
    urgent: () => urgent++,
    after: (ms, act) => later.push([ms, act]),
  });
  const pass = () => {
    for (const [, act] of later.splice(0)) act();
  };
  const route = judgedRoute();
  tally.observe(of(route, { version: 'v1', status: 500 }));
  tally.observe(of(route, { version: 'v2' }));
  t.strictSame(later, []);
  tally.observe(of(route, { version: 'v2', status: 500 }));
  t.equal(urgent, 0, 'not within the exchange');
  t.strictSame(
    later.map(([ms]) => ms),
    [0, 50],
  );
  tally.observe(of(route, { version: 'v2', status: 500 }));
  pass();
  t.equal(urgent, 1);
  pass();
  t.equal(urgent, 2, 'and once more for what came in between');
  pass();
  t.strictSame([urgent, later.length], [2, 0]);
});

const well: Half = { outcome: 'success', ms: 10 };
const bad: Half = { outcome: 'failure', ms: 10 };
const late: Half = { outcome: 'success', ms: 300 };

function paired(original: Half, copy: Half, unit = ''): TallyIncrement | undefined {
  const tally = tallyOf();
  const route = judgedRoute();
  const [, version] = route.versions;
  if (version === undefined) throw new Error('no version');
  tally.observePair({ route, version, unit, original, copy, isCompared: true, differs: false });
  return tally.take()[0];
}

for (const { original, copy, pairs } of [
  { original: well, copy: well, pairs: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0] },
  { original: bad, copy: bad, pairs: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0] },
  { original: bad, copy: well, pairs: [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0] },
  { original: well, copy: bad, pairs: [0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0] },
  { original: well, copy: late, pairs: [0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0] },
  { original: late, copy: bad, pairs: [0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0] },
]) {
  const words = [original, copy].map(({ outcome, ms }) => `${outcome} in ${ms} ms`);
  test(`of an original and its copy, ${words.join(' and ')}, counts what they did not both do`, async (t) => {
    t.strictSame([...(paired(original, copy)?.pairs ?? [])], pairs);
  });
}

test('a copy counts to its slice, and its original where that ends', async (t) => {
  const told = paired(well, bad);
  t.strictSame([...(told?.slices ?? [])], [150]);
  t.strictSame([...(told?.sliceCounts ?? [])], [1, 1, 0, 0, 0, 0]);
  t.equal(told?.bins.length, 1);
});

test('a pair says nothing where one of them was ignored', async (t) => {
  t.equal(paired(well, { outcome: 'ignored', ms: 1 }), undefined);
  t.equal(paired({ outcome: 'ignored', ms: 1 }, bad), undefined);
});
