import type * as z from 'zod';
import type { Condition, Finding } from './condition.ts';
import type { Facts } from './facts.ts';

/** One key of a condition: how it is written, what it asks, and what it saw. */
export interface Part<Value> {
  /** Takes what an author may write; gives what `compile` and `explain` take. */
  readonly schema: z.ZodType<Value>;
  readonly compile: (value: Value) => Condition;
  readonly explain: (value: Value, facts: Facts) => readonly Finding[];
}
