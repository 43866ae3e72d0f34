import type { Condition } from '#core/conditions/condition';
import { compileWhen } from '#core/conditions/registry';
import type { When } from '#core/conditions/when';
import type { Split } from '#core/routing/route';

/** Makes equal things one thing. */
export interface Shared {
  readonly text: (text: string) => string;
  readonly condition: (when: When) => Condition;
  /** Of conditions that are shared themselves. */
  readonly conditions: (list: readonly Condition[]) => readonly Condition[];
  /** Of plain data: what is equal as JSON is equal. */
  readonly list: <Value>(list: readonly Value[]) => readonly Value[];
  /** The parts of a split that are not its own versions. */
  readonly split: (split: Split) => Split;
}

/**
 * Returns what lets the routes of a snapshot share their equal parts.
 *
 * Thousands of routes mostly repeat a few audiences, units and weights. Kept once, those stay
 * in the processor's caches (bench/micro/lookup.bench.ts), and the snapshot is half as large.
 */
export function newShared(): Shared {
  const numbers = new Map<Condition, number>();
  const text = sharing((text: string) => text);
  const condition = sharing((when: When) => JSON.stringify(when), compileWhen);
  const conditions = sharing((list: readonly Condition[]) =>
    list.map((one) => numberOf(numbers, one)).join(),
  );
  const lists = sharing((list: readonly unknown[]) => JSON.stringify(list));
  const weights = sharing((list: Float64Array) => list.join());
  const list = <Value>(values: readonly Value[]) => lists(values) as readonly Value[];
  return {
    text,
    condition,
    conditions,
    list,
    split: (split) => ({
      ...split,
      slots: list(split.slots),
      weights: weights(split.weights),
    }),
  };
}

/** Returns a function that makes a value for a key once; without `make`, it is the first asked for. */
function sharing<Asked>(keyOf: (asked: Asked) => string): (asked: Asked) => Asked;
function sharing<Asked, Made>(
  keyOf: (asked: Asked) => string,
  make: (asked: Asked) => Made,
): (asked: Asked) => Made;
function sharing<Asked>(
  keyOf: (asked: Asked) => string,
  make: (asked: Asked) => unknown = (asked) => asked,
): (asked: Asked) => unknown {
  const known = new Map<string, unknown>();
  return (asked) => {
    const key = keyOf(asked);
    if (!known.has(key)) known.set(key, make(asked));
    return known.get(key);
  };
}

function numberOf(numbers: Map<Condition, number>, condition: Condition): number {
  const number = numbers.get(condition) ?? numbers.size;
  numbers.set(condition, number);
  return number;
}
