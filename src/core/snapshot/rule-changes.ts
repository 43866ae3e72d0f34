import type { Document } from '#core/document/document';
import type { RouteRule } from '#core/routing/rules';

/** Rules that take the place of others, by their position in the document. */
export type RuleChanges = readonly (readonly [index: number, rule: RouteRule])[];

/**
 * Returns what makes one document of another; undefined where their routes are not the same in
 * number. Rules are the same where they are the same objects.
 */
export function ruleChanges(before: Document, after: Document): RuleChanges | undefined {
  if (before.routes.length !== after.routes.length) return undefined;
  return after.routes.flatMap((rule, index) =>
    rule === before.routes[index] ? [] : [[index, rule] as const],
  );
}

export function withChanges(document: Document, changes: RuleChanges): Document {
  const routes = [...document.routes];
  for (const [index, rule] of changes) routes[index] = rule;
  return { ...document, routes };
}
