import { isDeepStrictEqual } from 'node:util';
import type { CanonicalRequest } from './canonical-request.ts';

/** What Turnout adds to a request, behind the client's fields. */
const ours =
  /^(?:(?:Max-Forwards \d+ )?(?:TE trailers Connection TE )?X-Forwarded-For [\d.]+ X-Forwarded-Proto http (?:X-Forwarded-Host \S+ )?X-Forwarded-Port \d+ Via 1\.[01] turnout)$/;

/** Whether a request is the expected one, with what we add behind it. */
export function says(read: CanonicalRequest, expected: CanonicalRequest): boolean {
  const { fields } = expected;
  return (
    isDeepStrictEqual({ ...read, fields }, expected) &&
    isDeepStrictEqual(read.fields.slice(0, fields.length), fields) &&
    ours.test(read.fields.slice(fields.length).join(' '))
  );
}
