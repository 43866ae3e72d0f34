import { nameOfObject } from '#core/httproute/names';
import { comparePrecedence } from '#core/httproute/precedence';
import type { HttpRoute } from '#core/httproute/schema';
import type { Services } from '#core/httproute/services';
import { type Translated, translate } from '#core/httproute/translate';
import type { RouteRule } from '#core/routing/rules';
import { unmeantServices, unreachableRules } from './checks/http-routes.ts';
import type { WrittenDefaults } from './document-schema.ts';
import type { Finding } from './finding.ts';
import { httpRouteObject } from './http-route-object.ts';
import { httpRouteRule } from './http-route-rule.ts';
import type { Lines } from './lines.ts';
import { pathText } from './path-text.ts';
import { type KnownCode, problemCodes } from './problem-codes.ts';
import { spanIn } from './span-in.ts';
import type { Tree } from './tree.ts';

/** What a document of rules says for the HTTPRoutes beside it. */
export interface ForHttpRoutes {
  /** The document itself; undefined where there is none. */
  readonly tree: Tree | undefined;
  /** They are asked first. */
  readonly routes: readonly RouteRule[];
  readonly services: Services | undefined;
  readonly defaults: WrittenDefaults;
}

/** An HTTPRoute, read, and where it stands. */
interface ReadObject {
  readonly tree: Tree;
  readonly object: HttpRoute;
}

type Report = (finding: Finding) => void;

/** Returns HTTPRoutes as routes, in the order in which they are asked. */
export function httpRouteRules(
  trees: readonly Tree[],
  beside: ForHttpRoutes,
  lines: Lines,
  report: Report,
): readonly RouteRule[] {
  const objects = trees.flatMap((tree) => {
    const object = httpRouteObject(tree, report);
    return object === undefined ? [] : [{ tree, object }];
  });
  // What an object names that cannot be read, nobody knows.
  if (objects.length === trees.length) tellUnmeant(objects, beside, report);
  return once(objects, lines, report)
    .flatMap((one) => translated(one, beside, report))
    .sort(comparePrecedence)
    .map(({ parts }) => httpRouteRule(parts, beside.defaults));
}

function translated(
  { tree, object }: ReadObject,
  { routes, services }: ForHttpRoutes,
  report: Report,
): readonly Translated[] {
  const name = nameOfObject(object);
  const given = services === undefined ? [] : [services];
  const found = translate(object, given, ({ code, severity, path, says, hint }) => {
    const message = `HTTPRoute ${name}: ${pathText(path)} ${says}`;
    report({ code: known(code), severity, message, hint, span: spanIn(tree, path) });
  });
  for (const finding of unreachableRules(found, routes, tree, name)) report(finding);
  return found;
}

/** Leaves out objects that stand there already. */
function once(objects: readonly ReadObject[], lines: Lines, report: Report): readonly ReadObject[] {
  const first = new Map<string, ReadObject>();
  for (const one of objects) {
    const name = nameOfObject(one.object);
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, one);
      continue;
    }
    const { line } = lines.placeOf(before.tree.span.start);
    const message = `HTTPRoute ${name} stands twice, first in line ${line}`;
    report({ code: 'TN3001', message, span: spanIn(one.tree, ['metadata', 'name']) });
  }
  return [...first.values()];
}

function tellUnmeant(
  objects: readonly ReadObject[],
  { tree: document, services }: ForHttpRoutes,
  report: Report,
): void {
  const all = objects.map(({ object }) => object);
  const findings = objects.flatMap(({ tree, object }) =>
    unmeantServices(tree, object.services ?? {}, [object]),
  );
  if (document !== undefined) findings.push(...unmeantServices(document, services ?? {}, all));
  for (const finding of findings) report(finding);
}

function known(code: string): KnownCode {
  if (code in problemCodes) return code as KnownCode;
  throw new Error(`${code} is no code of a problem`);
}
