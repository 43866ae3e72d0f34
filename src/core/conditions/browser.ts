import { browserOf } from './client-hints.ts';
import { browserFamilies } from './families.ts';
import { oneOf } from './one-of.ts';

/** The family of the browser. */
export const browser = oneOf('browser', browserFamilies, browserOf);
