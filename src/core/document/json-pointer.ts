import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';

const isPointer = mustBe('TN2025', 'a JSON pointer such as /items/*/id');

/** A JSON pointer (RFC 6901) to a part of a value; comes out as its segments, `*` for any. */
export const jsonPointer = z
  .string({ error: isPointer })
  .superRefine((text, context) => {
    if (/^(?:\/(?:[^/~]|~[01])*)+$/.test(text)) return;
    context.addIssue({
      code: 'custom',
      message: mustBe('TN2025', 'a JSON pointer such as /items/*/id', hintFor(text)),
    });
  })
  .transform((text): readonly string[] => text.split('/').slice(1).map(unescaped));

/** RFC 6901 section 4: `~1` first, so that `~01` is `~1` and not `/`. */
function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

function hintFor(text: string): string | undefined {
  if (/~(?![01])/.test(text)) return '~ itself is written ~0, and / in a name ~1';
  const path = text.replace(/^\$?\.?/, '').replaceAll('.', '/');
  return /^[\w*-]+(?:\/[\w*-]+)*$/.test(path) ? `did you mean "/${path}"?` : undefined;
}
