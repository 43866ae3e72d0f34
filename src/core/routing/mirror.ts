import type { Mirror, Route, Version } from './route.ts';

/**
 * Returns the mirror that may copy a request, given the version that serves it; undefined where
 * none does. Which of these requests it copies is for chance and `percent` to say.
 *
 * What the mirror's own version serves is not sent to it twice.
 */
export function mirrorFor({ mirror }: Route, method: string, version: Version): Mirror | undefined {
  if (mirror === undefined || mirror.version === version) return undefined;
  return mirror.methods.has(method) ? mirror : undefined;
}
