import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const unitsMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const isDuration = mustBe('TN2009', 'a duration such as 10s, 500ms or 1m30s; 0s means none');

/** A duration of Gateway API (GEP-2257); comes out in milliseconds. */
export const duration = z
  .string({ error: isDuration })
  .regex(/^(?:\d{1,5}(?:h|m|s|ms)){1,4}$/, { error: isDuration })
  .transform(durationMs);

function durationMs(text: string): number {
  let sum = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)(ms|h|m|s)/g)) {
    sum += Number(count) * (unitsMs[unit] ?? 0);
  }
  return sum;
}
