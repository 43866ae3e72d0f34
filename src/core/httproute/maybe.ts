import type * as z from 'zod';

/** A field that may be absent or null, as Go writes what is not there; it comes out as undefined. */
export function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema
    .nullish()
    .transform((value): z.output<Schema> | undefined => value ?? undefined)
    .optional();
}
