import type { RouteRule } from '#core/routing/rules';
import { compile } from '#core/snapshot/compile';
import { difference } from '#core/snapshot/difference';
import { differenceText } from '#core/snapshot/difference-text';

/** Fewer than for a document: an overlay ends by itself, on the thread that carries traffic. */
const units = 4_000;

/** Returns what changes where one rule of a route takes the place of another, and who moves, a line each. */
export function routeChanges(before: RouteRule, after: RouteRule): readonly string[] {
  return differenceText(difference(alone(before), alone(after), { units }));
}

/** Nothing is counted by it. */
function alone(rule: RouteRule) {
  return compile({ apiVersion: 'turnout/v1', routes: [rule] }, { hash: '', rowOf: () => 0 });
}
