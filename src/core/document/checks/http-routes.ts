import { covers } from '#core/conditions/covers';
import type { HttpRoute } from '#core/httproute/schema';
import type { Services } from '#core/httproute/services';
import type { RouteParts, Translated } from '#core/httproute/translate';
import { unusedServices } from '#core/httproute/unused-services';
import type { RouteRule } from '#core/routing/rules';
import type { Finding } from '../finding.ts';
import { nearest, pathText } from '../path-text.ts';
import { spanIn } from '../span-in.ts';
import type { Tree } from '../tree.ts';

/** A name that no backend has is mostly misspelled: its backend would be looked for in the cluster. */
export function unmeantServices(
  tree: Tree,
  services: Services,
  objects: readonly HttpRoute[],
): readonly Finding[] {
  return unusedServices(Object.keys(services), objects).map((name) => {
    const place = nearest(tree, ['services', name]);
    return {
      code: 'TN3030',
      severity: 'warning',
      message: `services: no HTTPRoute here has a backend "${name}"`,
      hint: 'name, name:port, namespace/name or namespace/name:port, as a backendRef has them',
      span: place.keySpan ?? place.span,
    };
  });
}

/** A rule of which the routes of the document leave nothing is probably a mistake. */
export function unreachableRules(
  translated: readonly Translated[],
  routes: readonly RouteRule[],
  tree: Tree,
  name: string,
): readonly Finding[] {
  const work = { left: maxComparisons };
  const takerOf = ({ parts }: Translated) => routes.find((one) => takes(one, parts, work))?.name;
  return [...Map.groupBy(translated, ({ origin }) => origin.rule).values()].flatMap((entries) => {
    const takers = entries.map(takerOf);
    const [first] = entries;
    if (first === undefined || takers.includes(undefined)) return [];
    const names = [...new Set(takers)].map((taker) => JSON.stringify(taker)).join(', ');
    return {
      code: 'TN3004',
      severity: 'warning',
      message: `HTTPRoute ${name}: no request can reach ${pathText(first.path)}: routes of the document take them all (${names})`,
      hint: 'routes of the document are asked before HTTPRoutes',
      span: spanIn(tree, first.path),
    };
  });
}

/** More are not compared: no warning is worth that. */
const maxComparisons = 100_000;

function takes(route: RouteRule, { match }: RouteParts, work: { left: number }): boolean {
  work.left -= 1;
  return work.left > 0 && covers(route.match, match);
}
