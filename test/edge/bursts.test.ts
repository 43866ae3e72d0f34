import { test } from 'tap';
import { Bursts } from '../../src/edge/bursts.ts';
import { eventually } from '../support/eventually.ts';

const soon = { restMs: 1, retryMs: 1 };
const never = { restMs: 600_000, retryMs: 600_000 };

test('what is asked for is done at once', async (t) => {
  let done = 0;
  const act = async () => {
    done += 1;
  };
  const bursts = new Bursts({ act, failed: t.error, now: () => 0 }, never);
  t.teardown(() => bursts.close());
  bursts.ask();
  t.equal(done, 1);
  bursts.ask();
  t.equal(done, 1, 'and then not before the rest is over');
});

test('what is asked for meanwhile is done once, with what is there then', async (t) => {
  let state = 0;
  const seen: number[] = [];
  let atOnce = 0;
  const act = async () => {
    atOnce += 1;
    t.equal(atOnce, 1, 'never two at once');
    seen.push(state);
    await new Promise(setImmediate);
    atOnce -= 1;
  };
  const bursts = new Bursts({ act, failed: t.error, now: () => 0 }, soon);
  t.teardown(() => bursts.close());
  for (state = 1; state < 50; state += 1) bursts.ask();
  await eventually(() => seen.length > 1, 'it is done again');
  t.same(seen, [1, 50]);
});

test('it rests four times as long as it took', async (t) => {
  let now = 0;
  const begun: number[] = [];
  const act = async () => {
    begun.push(performance.now());
    now += 20;
  };
  const bursts = new Bursts({ act, failed: t.error, now: () => now }, soon);
  t.teardown(() => bursts.close());
  bursts.ask();
  bursts.ask();
  await eventually(() => begun.length === 2, 'it is done again');
  const [first = 0, second = 0] = begun;
  // Timers are of whole milliseconds.
  t.ok(second - first >= 79, `${second - first} ms`);
});

test('what fails is told, and done again', async (t) => {
  const errors: unknown[] = [];
  let done = 0;
  const act = async () => {
    done += 1;
    if (done === 1) throw new Error('a worker has died');
  };
  const ports = { act, failed: (error: unknown) => errors.push(error), now: () => 0 };
  const bursts = new Bursts(ports, soon);
  t.teardown(() => bursts.close());
  bursts.ask();
  await eventually(() => done === 2, 'it is done again');
  t.match(errors, [{ message: 'a worker has died' }]);
});
