import { test } from 'tap';
import { Deaths } from '../../src/workers/deaths.ts';

test('one that has served for a while is replaced at once, however many there are', async (t) => {
  const deaths = new Deaths();
  for (let second = 0; second < 60; second++) {
    t.same(deaths.next(second * 1_000, 3_000), { kind: 'replace', inMs: 0 });
  }
});

test('those that die young are replaced more and more slowly, but within a second', async (t) => {
  const deaths = new Deaths();
  const waits = [1, 2, 3, 4, 5].map((second) => deaths.next(second * 1_000, 2_999));
  t.same(
    waits.map((next) => next.kind === 'replace' && next.inMs),
    [0, 100, 200, 400, 800],
  );
});

test('the sixth of a minute is the last', async (t) => {
  const deaths = new Deaths();
  for (const second of [0, 1, 2, 3, 4]) deaths.next(second * 1_000, 0);
  t.same(deaths.next(59_999, 0), {
    kind: 'giveUp',
    reason: '6 workers died young within a minute',
  });
});

test('those of the minute before count no longer', async (t) => {
  const deaths = new Deaths();
  for (const second of [0, 1, 2, 3, 4]) deaths.next(second * 1_000, 0);
  t.same(deaths.next(60_000, 0), { kind: 'replace', inMs: 800 });
  t.match(deaths.next(60_001, 0), { kind: 'giveUp' });
});

test('one that served in between changes nothing', async (t) => {
  const deaths = new Deaths();
  deaths.next(0, 0);
  deaths.next(1_000, 60_000);
  t.same(deaths.next(2_000, 0), { kind: 'replace', inMs: 100 });
});
