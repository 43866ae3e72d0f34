import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { writtenPercent } from './percent.ts';

const isShare = 'a percentage with its sign, from 0% to 100%, such as 1% or 0.1%';

/**
 * A share as text: `0.1%` comes out as 0.001. The sign has to be there: beside `alpha: 0.01` the
 * number alone could mean either.
 */
export const share = z
  .string({ error: mustBe('TN2023', isShare, 'write the sign: 0.1%') })
  .regex(writtenPercent, { error: mustBe('TN2023', isShare) })
  .transform((text) => Math.round(Number(text.slice(0, -1)) * 1_000) / 100_000);

/** The same, and not nothing. */
export const shareAboveZero = share.refine((part) => part > 0, {
  error: mustBe('TN2023', 'a percentage above 0%'),
});
