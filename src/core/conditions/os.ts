import { osOf } from './client-hints.ts';
import { osFamilies } from './families.ts';
import { oneOf } from './one-of.ts';

/** The family of the operating system. */
export const os = oneOf('os', osFamilies, osOf);
