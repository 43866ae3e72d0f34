import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

export function wholeNumber(min: number, max: number): z.ZodNumber {
  const error = mustBe('TN2010', `a whole number from ${min} to ${max}`);
  return z.number({ error }).int({ error, abort: true }).min(min, { error }).max(max, { error });
}

/** How much a version weighs beside the others of its split. */
export const weight = wholeNumber(0, 1_000_000);
