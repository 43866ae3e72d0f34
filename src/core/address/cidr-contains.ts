import { beginsAlike } from './cidr-set.ts';
import { parseCidr } from './parse-cidr.ts';

/** Whether every address of one block is in another; false where a text is no block. */
export function cidrContains(outer: string, inner: string): boolean {
  const around = parseCidr(outer);
  const within = parseCidr(inner);
  if (around === undefined || within === undefined) return false;
  if (around.address.length !== within.address.length || around.bits > within.bits) return false;
  return beginsAlike(around.address, within.address, around.bits);
}
