import type { Condition } from '#core/conditions/condition';
import { compileWhen } from '#core/conditions/registry';
import type { When } from '#core/conditions/when';
import type { Split } from '#core/routing/route';

/** Makes equal things one thing. */
export interface Shared {
  readonly condition: (when: When) => Condition;
  readonly text: (text: string) => string;
  readonly list: <Value>(list: readonly Value[]) => readonly Value[];
  /** A split keeps its own versions. */
  readonly split: (split: Split) => Split;
}

/**
 * Returns what lets the routes of a snapshot share their equal parts.
 *
 * Thousands of routes mostly repeat a few audiences, units and slots. Kept once, those stay in
 * the processor's caches: with 5,000 routes an assignment took twice as long without
 * (bench/micro/lookup.bench.ts).
 */
export function newShared(): Shared {
  const conditions = new Map<string, Condition>();
  const texts = new Map<string, string>();
  const lists = new Map<string, readonly unknown[]>();
  const weights = new Map<string, Float64Array>();
  // Equal JSON means an equal list here: the values are plain data of the document.
  const list = <Value>(values: readonly Value[]) =>
    once(lists, JSON.stringify(values), () => values) as readonly Value[];
  return {
    list,
    split: (split) => ({
      ...split,
      slots: list(split.slots),
      weights: once(weights, split.weights.join(), () => split.weights),
    }),
    condition: (when) => once(conditions, JSON.stringify(when), () => compileWhen(when)),
    text: (text) => once(texts, text, () => text),
  };
}

function once<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}
