import { field } from './field-id.ts';
import type { RequestHead } from './request-head.ts';
import { singleValue } from './single-value.ts';

export type Scheme = 'http' | 'https';

/**
 * Returns how the client speaks: as a trusted proxy tells it, else as we saw it. To be asked
 * when what an untrusted client may not say has been taken out.
 */
export function clientScheme(head: RequestHead, seen: Scheme): Scheme {
  const told = singleValue(head, field.xForwardedProto, /^https?$/i);
  if (told === undefined) return seen;
  return told.length === 'https'.length ? 'https' : 'http';
}
