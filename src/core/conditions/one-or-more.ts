import * as z from 'zod';
import { mustBe } from './expectation.ts';

/** Returns the schema of one value or a list of values; what comes out is a list. */
export function oneOrMore<Item>(
  item: z.ZodType<Item>,
  expected: string,
): z.ZodType<readonly Item[]> {
  const list = z.array(item).min(1, { error: mustBe('TN2005', 'a list of at least one value') });
  return z
    .union([list, item], { error: expected })
    .transform((value) => (Array.isArray(value) ? value : [value]));
}
