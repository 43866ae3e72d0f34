import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { durationMs, writtenDuration } from './duration-ms.ts';

const maxMs = 365 * 86_400_000;
const isDuration = 'a duration such as 100ms, 5s, 2m or 1h';

/** A duration as text; comes out in milliseconds. */
export const duration = z
  .string({ error: mustBe('TN2009', isDuration) })
  .regex(writtenDuration, { error: mustBe('TN2009', isDuration), abort: true })
  .transform((text) => durationMs(text) ?? 0)
  .refine((ms) => ms > 0 && ms <= maxMs, {
    error: mustBe('TN2009', 'a duration of at least 1ms and at most 365d'),
  });

/** A duration, or `off`, which comes out as 0. */
export const durationOrOff = z.union([z.literal('off').transform(() => 0), duration], {
  error: mustBe('TN2009', `${isDuration}, or off`),
});
