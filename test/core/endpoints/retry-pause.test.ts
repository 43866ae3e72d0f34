import { test } from 'tap';
import { askedPause, retryPause } from '#core/endpoints/retry-pause';

test('chance chooses from 25 to 250 ms', async (t) => {
  t.equal(retryPause(0), 25);
  t.equal(retryPause(0.5), 137.5);
  t.equal(retryPause(1), 250);
});

for (const { asked, pauseMs, because } of [
  { asked: undefined, pauseMs: 25, because: 'nothing is asked' },
  { asked: '0', pauseMs: 25, because: 'at once would be too soon' },
  { asked: '1', pauseMs: 1_000, because: 'seconds, not milliseconds' },
  { asked: '3', pauseMs: 3_000, because: 'the longest' },
  { asked: '4', pauseMs: undefined, because: 'no client is made to wait as long' },
  { asked: '120', pauseMs: undefined, because: 'nor two minutes' },
  { asked: '1.5', pauseMs: undefined, because: 'no whole number' },
  { asked: '1, 2', pauseMs: undefined, because: 'said twice' },
  { asked: 'Fri, 31 Dec 1999 23:59:59 GMT', pauseMs: undefined, because: 'a time of day' },
]) {
  test(`Retry-After ${asked}: ${pauseMs ?? 'not repeated'}, ${because}`, async (t) => {
    t.equal(askedPause(asked, 0), pauseMs);
  });
}
