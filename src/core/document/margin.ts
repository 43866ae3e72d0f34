import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

/** How many times as bad a version may be as the other. */
export function margin(min: number) {
  const error = mustBe('TN2029', `a number from ${min} to 100 such as 1.25`);
  return z.number({ error }).min(min, { error }).max(100, { error });
}

/** Below it a pass would have to be shown of versions that are hardly different. */
export const passMargin = margin(1.1);
