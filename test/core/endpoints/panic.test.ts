import { test } from 'tap';
import { isPanic } from '#core/endpoints/panic';

for (const [well, all, panics] of [
  [1, 1, false],
  [0, 1, true],
  [1, 2, false],
  [1, 3, true],
  [2, 4, false],
  [49, 100, true],
] as const) {
  test(`${well} of ${all} endpoints well: ${panics ? 'all' : 'those'} are used`, async (t) => {
    t.equal(isPanic(well, all, false), panics);
  });
}

for (const [well, all, panics] of [
  [1, 3, false],
  [1, 100, false],
  [0, 3, true],
  [0, 0, false],
] as const) {
  test(`${well} of ${all} well where they go on purpose: ${panics ? 'all' : 'those'}`, async (t) => {
    t.equal(isPanic(well, all, true), panics);
  });
}
