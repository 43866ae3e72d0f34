import { marks } from './marks.ts';

/** Adds in place. The caller's index is inside by construction: typed arrays have no holes. */
export function addTo(values: Float64Array, at: number, amount: number): void {
  values[at] = (values[at] as number) + amount;
}

/** Counts what was done: failures, slow over each of three limits, and, if there is any, goals. */
export function addDone(values: Float64Array, at: number, done: number): void {
  if (done === 0) return;
  if ((done & marks.failed) !== 0) addTo(values, at, 1);
  if ((done & marks.slow[0]) !== 0) addTo(values, at + 1, 1);
  if ((done & marks.slow[1]) !== 0) addTo(values, at + 2, 1);
  if ((done & marks.slow[2]) !== 0) addTo(values, at + 3, 1);
  if ((done & marks.goal) !== 0) addTo(values, at + 4, 1);
}

/** Counts one and what it has done. */
export function countDone(values: Float64Array, at: number, done: number): void {
  addTo(values, at, 1);
  addDone(values, at + 1, done);
}
