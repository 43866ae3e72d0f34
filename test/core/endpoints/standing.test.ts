import { test } from 'tap';
import { eject, fails, mayEject, Standing, succeeds } from '#core/endpoints/standing';

const rule = { failures: 3, forMs: 1_000, maxPercent: 10 };

test('so many failures in a row, and not one less', async (t) => {
  const standing = new Standing();
  t.notOk(fails(standing, 'unanswered', rule, 0));
  t.notOk(fails(standing, 'unanswered', rule, 0));
  succeeds(standing);
  t.notOk(fails(standing, 'unanswered', rule, 0), 'a success begins the row anew');
  t.notOk(fails(standing, 'unanswered', rule, 0));
  t.ok(fails(standing, 'unanswered', rule, 0));
});

test('requests without an answer and answers of 5xx are counted apart', async (t) => {
  const standing = new Standing();
  for (const trouble of ['status', 'status', 'unanswered', 'unanswered'] as const) {
    t.notOk(fails(standing, trouble, rule, 0), trouble);
  }
  t.ok(fails(standing, 'status', rule, 0), 'the third error, whatever was in between');
  t.equal(standing.unanswered, 0, 'who errs does answer');
});

test('who did not answer is shaky for a second, longer each time in a row, until it does', async (t) => {
  const standing = new Standing();
  const shaky = Array.from({ length: 12 }, () => {
    fails(standing, 'unanswered', undefined, 5_000);
    return standing.shakyUntil - 5_000;
  });
  t.same(
    shaky,
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10].map((seconds) => seconds * 1_000),
  );
  succeeds(standing);
  t.equal(standing.shakyUntil, 0);
  fails(standing, 'status', undefined, 5_000);
  t.equal(standing.shakyUntil, 0, 'who errs is not busy with nothing');
});

test('without a rule nobody is left out', async (t) => {
  const standing = new Standing();
  for (let n = 0; n < 1_000; n++) t.notOk(fails(standing, 'unanswered', undefined, 0));
});

test('it is out the longer the more often it happens, and no longer than 5 minutes', async (t) => {
  const standing = new Standing();
  let now = 50_000;
  for (const outMs of [1_000, 2_000, 3_000]) {
    eject(standing, rule, now, 0);
    t.equal(standing.outUntil - now, outMs);
    now = standing.outUntil + 10;
  }
  eject(standing, { ...rule, forMs: 200_000 }, now, 0);
  t.equal(standing.outUntil - now, 300_000);
});

test('who has done well for as long as it was out begins anew', async (t) => {
  const standing = new Standing();
  eject(standing, rule, 0, 0);
  eject(standing, rule, 1_500, 0);
  t.equal(standing.outMs, 2_000, 'half a second after it was back');
  eject(standing, rule, standing.outUntil + 2_001, 0);
  t.equal(standing.outMs, 1_000);
});

test('chance brings them back one after the other, never late', async (t) => {
  const standing = new Standing();
  for (const [random, outMs] of [
    [0, 1_000],
    [0.5, 950],
    [0.999, 900.1],
  ] as const) {
    eject(standing, rule, 1_000_000_000, random);
    standing.times = 0;
    t.ok(Math.abs(standing.outUntil - 1_000_000_000 - outMs) < 0.001);
  }
});

test('on trial one request decides', async (t) => {
  const standing = new Standing();
  eject(standing, rule, 0, 0);
  standing.state = 'tried';
  t.ok(fails(standing, 'status', rule, 0), 'one failure is enough');
  standing.state = 'tried';
  t.ok(succeeds(standing));
  t.equal(standing.state, 'in');
  t.notOk(succeeds(standing), 'it is back already');
});

test('a success while it is out changes nothing: its time is not over', async (t) => {
  const standing = new Standing();
  eject(standing, rule, 0, 0);
  t.notOk(succeeds(standing));
  t.equal(standing.state, 'out');
  t.notOk(fails(standing, 'unanswered', { ...rule, failures: 1 }, 0), 'nor is it left out twice');
});

for (const { all, out, used, may, because } of [
  { all: 1, out: 0, used: 1, may: false, because: 'the only one' },
  { all: 2, out: 0, used: 2, may: true, because: 'one may always go' },
  { all: 2, out: 1, used: 1, may: false, because: 'never the last' },
  { all: 3, out: 0, used: 1, may: false, because: 'the last that the checks have left' },
  { all: 19, out: 1, used: 18, may: false, because: '10 % of 19 is one' },
  { all: 20, out: 1, used: 19, may: true, because: '10 % of 20 are two' },
]) {
  test(`${out} of ${all} out and ${used} used: ${may ? 'one more' : 'no more'}, ${because}`, async (t) => {
    t.equal(mayEject(all, out, used, 10), may);
  });
}
