import type * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const isLongEnough = mustBe(
  'TN2032',
  'at least as long as for',
  'for is how long it takes at least, atMost when onUndecided acts',
);

/** A refinement: the longest time is not shorter than the shortest, in milliseconds. */
export function atMostBehind(
  rule: { readonly for?: number | undefined; readonly atMost?: number | undefined },
  context: z.core.$RefinementCtx,
  shortestMs = rule.for,
): void {
  if (rule.atMost === undefined || shortestMs === undefined || rule.atMost >= shortestMs) return;
  context.addIssue({ code: 'custom', path: ['atMost'], message: isLongEnough });
}

/** How many times as long as at least a step may take where nothing is said. */
export const timesAsLong = 4;
