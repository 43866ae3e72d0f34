import type { Route } from './route.ts';

/**
 * Whether a route refuses this path, as rules compare it: `%2F` and `%5C` are data within a
 * segment to Turnout, but some servers decode them before they split the path.
 */
export function refusesPath(
  { allowsEncodedSlash }: Pick<Route, 'allowsEncodedSlash'>,
  path: string,
): boolean {
  return !allowsEncodedSlash && /%(?:2F|5C)/.test(path);
}
