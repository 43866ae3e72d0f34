import { test } from 'tap';
import { keepAliveSeconds } from '#core/http1/keep-alive';

for (const [value, seconds] of [
  [undefined, undefined],
  ['timeout=5', 5],
  ['timeout=5, max=100', 5],
  ['max=100,timeout=75', 75],
  ['Timeout=0', 0],
  ['notimeout=5', undefined],
  ['timeout=', undefined],
  ['timeout=soon', undefined],
  ['', undefined],
] as const) {
  test(`Keep-Alive: ${value} says ${seconds ?? 'nothing'}`, async (t) => {
    t.equal(keepAliveSeconds(value), seconds);
  });
}
