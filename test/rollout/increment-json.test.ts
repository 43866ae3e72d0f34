import { test } from 'tap';
import { incrementJson, readIncrement } from '../../src/rollout/increment-json.ts';
import { failed, judgedRoute, of, tallyOf } from './judged.ts';

function increment() {
  const tally = tallyOf();
  const route = judgedRoute();
  for (const sketch of [{}, { unit: 'ann', ...failed }, { unit: 'bob', version: 'v2' as const }]) {
    tally.observe(of(route, sketch));
  }
  const [told] = tally.take();
  if (told === undefined) throw new Error('something was counted');
  return told;
}

test('an increment is the same after it went as text', async (t) => {
  const told = increment();
  t.same(readIncrement(JSON.parse(JSON.stringify(incrementJson(told)))), told);
});

for (const { what, change } of [
  { what: 'a row that is none', change: { slices: [200], sliceCounts: [0, 0, 0, 0, 0, 0] } },
  { what: 'a bin beyond the last', change: { bins: [1_664], binCounts: [1] } },
  { what: 'fewer counts than slices', change: { sliceCounts: [1] } },
  { what: 'marks without units', change: { marks: [1, 2, 3, 4] } },
  { what: 'a table that is too short', change: { requests: [1] } },
  { what: 'less than nothing', change: { pairs: [-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] } },
  { what: 'half a request', change: { pairs: [0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] } },
  { what: 'a text for a number', change: { step: '1' } },
  { what: 'no release', change: { release: 7 } },
  { what: 'no list', change: { units: {} } },
] as const) {
  test(`what cannot be one is refused: ${what}`, async (t) => {
    t.throws(() => readIncrement({ ...incrementJson(increment()), ...change }), TypeError);
  });
}
