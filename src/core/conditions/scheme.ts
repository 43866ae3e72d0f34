import { oneOf } from './one-of.ts';
import { schemes } from './when.ts';

/** How the client speaks to us, or to the trusted proxy before us. */
export const scheme = oneOf('scheme', schemes, (facts) => facts.scheme);
