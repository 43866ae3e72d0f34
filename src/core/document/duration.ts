import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const written = /^(\d{1,9})(ms|s|m|h|d)$/;
const maxMs = 365 * 86_400_000;
const isDuration = 'a duration such as 100ms, 5s, 2m or 1h';

/** Returns the milliseconds of `5s`, `100ms`, `2m`, `1h` or `30d`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = written.exec(text) ?? [];
  const factor = unit === undefined ? undefined : unitsMs[unit];
  return factor === undefined ? undefined : Number(count) * factor;
}

/** A duration as text; comes out in milliseconds. */
export const duration = z
  .string({ error: mustBe('TN2009', isDuration) })
  .regex(written, { error: mustBe('TN2009', isDuration), abort: true })
  .transform((text) => durationMs(text) ?? 0)
  .refine((ms) => ms > 0 && ms <= maxMs, {
    error: mustBe('TN2009', 'a duration of at least 1ms and at most 365d'),
  });

/** A duration, or `off`, which comes out as 0. */
export const durationOrOff = z.union([z.literal('off').transform(() => 0), duration], {
  error: mustBe('TN2009', `${isDuration}, or off`),
});
