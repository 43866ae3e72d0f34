import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const factors: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1_024,
  MiB: 1_024 ** 2,
  GiB: 1_024 ** 3,
};
const written = /^(\d{1,13})(B|KiB|MiB|GiB)$/;
const isSize = 'a size such as 512B, 64KiB, 10MiB or 1GiB';

/** Returns the bytes of `64KiB`; undefined for anything but a whole number and a unit. */
export function sizeBytes(text: string): number | undefined {
  const [, count, unit] = written.exec(text) ?? [];
  const factor = unit === undefined ? undefined : factors[unit];
  return factor === undefined ? undefined : Number(count) * factor;
}

/** A size as text, or bytes as a number; comes out in bytes. The bounds are written as sizes. */
export function size(least: string, most: string) {
  const [min = 0, max = 0] = [sizeBytes(least), sizeBytes(most)];
  const notWithin = mustBe('TN2024', `a size from ${least} to ${most}`);
  const error = mustBe('TN2024', isSize);
  const text = z.string({ error }).superRefine((value, context) => {
    if (sizeBytes(value) !== undefined) return;
    context.addIssue({ code: 'custom', message: mustBe('TN2024', isSize, hintFor(value)) });
  });
  return z
    .union([z.number({ error }).int({ error }), text.transform((value) => sizeBytes(value) ?? 0)], {
      error,
    })
    .refine((bytes) => bytes >= min && bytes <= max, { error: notWithin });
}

/** A size, or `off`, which comes out as 0. */
export function sizeOrOff(least: string, most: string) {
  return z.union([z.literal('off').transform(() => 0), size(least, most)], {
    error: mustBe('TN2024', `${isSize}, or off`),
  });
}

const units: Readonly<Record<string, string>> = { k: 'KiB', m: 'MiB', g: 'GiB' };

function hintFor(text: string): string | undefined {
  const [, count, letter = ''] = /^(\d+)\s?([kmg])i?b?$/i.exec(text) ?? [];
  const unit = units[letter.toLowerCase()];
  return unit === undefined ? undefined : `did you mean "${count}${unit}"?`;
}
