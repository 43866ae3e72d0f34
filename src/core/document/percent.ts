import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const isPercent = mustBe(
  'TN2023',
  'a percentage from 0% to 100% such as 10% or 0.5%, with at most 3 decimals',
);
/** A percentage with its sign, from 0% to 100%. */
export const writtenPercent = /^(?:100(?:\.0{1,3})?|\d{1,2}(?:\.\d{1,3})?)%$/;

/** A percentage: `10%`, `0.5%`, or the number alone, which it comes out as. */
export const percent = z.union(
  [
    z
      .number({ error: isPercent })
      .min(0, { error: isPercent })
      .max(100, { error: isPercent })
      .refine((number) => Math.round(number * 1_000) / 1_000 === number, { error: isPercent }),
    z
      .string({ error: isPercent })
      .regex(writtenPercent, { error: isPercent })
      .transform((text) => Number(text.slice(0, -1))),
  ],
  { error: isPercent },
);
