import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import type { When } from '#core/conditions/when';
import { maybe } from './maybe.ts';
import { everyPath, type PathMatch, pathMatch, pathTest } from './path-match.ts';
import { headerMatch, namedTests, queryMatch } from './value-match.ts';

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
] as const;

export const matchSchema = z.strictObject(
  {
    path: maybe(pathMatch),
    headers: maybe(z.array(headerMatch, { error: mustBe('TN2001', 'a list of header matches') })),
    queryParams: maybe(
      z.array(queryMatch, { error: mustBe('TN2001', 'a list of query parameter matches') }),
    ),
    method: maybe(z.enum(methods, { error: mustBe('TN2021', `one of ${methods.join(', ')}`) })),
  },
  { error: mustBe('TN2001', 'a mapping of path, headers, queryParams, method') },
);
export type Match = z.output<typeof matchSchema>;

/** A match as a condition, and what of it decides who comes first. */
export interface MeantMatch {
  /** Empty where every request matches. */
  readonly when: When;
  readonly path: PathMatch;
  readonly hasMethod: boolean;
  readonly headers: number;
  readonly queryParams: number;
}

/** Returns what a match means. One that says nothing takes every request. */
export function meantMatch({ path = everyPath, headers, queryParams, method }: Match): MeantMatch {
  const test = pathTest(path);
  const header = namedTests(headers ?? []);
  const query = namedTests(queryParams ?? []);
  return {
    when: {
      ...(test && { path: [test] }),
      ...(method && { method: [method] }),
      ...(header && { header }),
      ...(query && { query }),
    },
    path,
    hasMethod: method !== undefined,
    headers: Object.keys(header ?? {}).length,
    queryParams: Object.keys(query ?? {}).length,
  };
}
