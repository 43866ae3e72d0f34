import type { Finding } from '#core/conditions/condition';
import type { Facts } from '#core/conditions/facts';
import { explainWhen } from '#core/conditions/registry';
import type { Route } from './route.ts';

/** One route that was tried for a request. */
export interface ExplainedMatch {
  readonly route: string;
  /** Position in the document, counted from 0. */
  readonly index: number;
  readonly holds: boolean;
  /** Empty for a route that takes every request. */
  readonly findings: readonly Finding[];
}

/**
 * Returns the routes in document order up to the one that takes the request, with what each
 * part of their `match` saw. The last one is the route `find` gives, if any holds.
 */
export function explainMatch(
  { routes }: { readonly routes: readonly Route[] },
  facts: Facts,
): readonly ExplainedMatch[] {
  const tried: ExplainedMatch[] = [];
  for (const { name, index, matches, rule } of routes) {
    const holds = matches(facts);
    const findings = rule.match === undefined ? [] : explainWhen(rule.match, facts);
    tried.push({ route: name, index, holds, findings });
    if (holds) break;
  }
  return tried;
}
