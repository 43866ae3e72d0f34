import type { Pair } from './measurement.ts';

export function addPairs(a: Pair, b: Pair): Pair {
  return [a[0] + b[0], a[1] + b[1]];
}

export type Three<Value> = readonly [Value, Value, Value];

export function addThreePairs(a: Three<Pair>, b: Three<Pair>): Three<Pair> {
  return [addPairs(a[0], b[0]), addPairs(a[1], b[1]), addPairs(a[2], b[2])];
}

export function addThree(a: Three<number>, b: Three<number>): Three<number> {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

/** Returns parts of a whole; 0 of none. */
export function rates(parts: Pair, wholes: Pair): Pair {
  return [rate(parts[0], wholes[0]), rate(parts[1], wholes[1])];
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
