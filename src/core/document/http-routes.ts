import * as z from 'zod';
import { covers } from '#core/conditions/covers';
import { nameOfObject } from '#core/httproute/names';
import { comparePrecedence } from '#core/httproute/precedence';
import { type HttpRoute, httpRouteSchema } from '#core/httproute/schema';
import type { Services } from '#core/httproute/services';
import { type RouteParts, type Translated, translate } from '#core/httproute/translate';
import { unusedServices } from '#core/httproute/unused-services';
import type { RouteRule, VersionRule } from '#core/routing/rules';
import { defaultMirror } from './defaults.ts';
import type { WrittenDefaults } from './document-schema.ts';
import type { Finding, Span } from './finding.ts';
import { knownWords } from './known-words.ts';
import type { Lines } from './lines.ts';
import { routeRule } from './normalise.ts';
import { at, nearest, type Path, pathText } from './path-text.ts';
import { type KnownCode, problemCodes } from './problem-codes.ts';
import { schemaFindings } from './schema-findings.ts';
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

const words = knownWords(() => z.toJSONSchema(httpRouteSchema, { io: 'input', target: 'draft-7' }));

/** Returns HTTPRoutes as routes, in the order in which they are asked. */
export function httpRouteRules(
  trees: readonly Tree[],
  { tree: document, routes, services, defaults }: ForHttpRoutes,
  lines: Lines,
  report: (finding: Finding) => void,
): readonly RouteRule[] {
  const first = new Map<string, Tree>();
  const translated: Translated[] = [];
  const objects: HttpRoute[] = [];
  for (const tree of trees) {
    const object = parsed(tree, report);
    if (object === undefined) continue;
    objects.push(object);
    const name = nameOfObject(object);
    const before = first.get(name);
    if (before === undefined) first.set(name, tree);
    else {
      const { line } = lines.placeOf(before.span.start);
      const message = `HTTPRoute ${name} stands twice, first in line ${line}`;
      report({ code: 'TN3001', message, span: spanAt(tree, ['metadata', 'name']) });
      continue;
    }
    const given = services === undefined ? [] : [services];
    const found = translate(object, given, ({ code, severity, path, says, hint }) => {
      const message = `HTTPRoute ${name}: ${pathText(path)} ${says}`;
      report({ code: known(code), severity, message, hint, span: spanAt(tree, path) });
    });
    for (const finding of unreachable(found, routes, tree, name)) report(finding);
    translated.push(...found);
    if (object.services !== undefined) tellUnused(tree, object.services, [object], report);
  }
  // What an object names that cannot be read, nobody knows.
  const isWhole = objects.length === trees.length;
  if (isWhole && document && services) tellUnused(document, services, objects, report);
  return translated.sort(comparePrecedence).map(({ parts }) => ruleOf(parts, defaults));
}

/** A name that no backend has is mostly misspelled: its backend would be looked for in the cluster. */
function tellUnused(
  tree: Tree,
  services: Services,
  objects: readonly HttpRoute[],
  report: (finding: Finding) => void,
): void {
  for (const name of unusedServices(Object.keys(services), objects)) {
    const place = nearest(tree, ['services', name]);
    report({
      code: 'TN3030',
      severity: 'warning',
      message: `services: no HTTPRoute here has a backend "${name}"`,
      hint: 'name, name:port, namespace/name or namespace/name:port, as a backendRef has them',
      span: place.keySpan ?? place.span,
    });
  }
}

/** A rule of which the routes of the document leave nothing is probably a mistake. */
function unreachable(
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
      span: spanAt(tree, first.path),
    };
  });
}

/** More are not compared: no warning is worth that. */
const maxComparisons = 100_000;

function takes(route: RouteRule, { match }: RouteParts, work: { left: number }): boolean {
  work.left -= 1;
  return work.left > 0 && covers(route.match, match);
}

/** Returns an object that its schema takes; what is wrong with it is told with its name. */
function parsed(tree: Tree, report: (finding: Finding) => void): HttpRoute | undefined {
  const result = httpRouteSchema.safeParse(tree.value);
  if (result.success) return result.data;
  const held = { words, whole: 'the object' };
  for (const finding of schemaFindings(result.error.issues, tree, held)) {
    report({ ...finding, message: `${nameFor(tree)}: ${finding.message}` });
  }
  return undefined;
}

function nameFor(tree: Tree): string {
  const name = at(tree, ['metadata', 'name'])?.value;
  const namespace = at(tree, ['metadata', 'namespace'])?.value;
  if (typeof name !== 'string') return 'HTTPRoute';
  const metadata = typeof namespace === 'string' ? { name, namespace } : { name };
  return `HTTPRoute ${nameOfObject({ metadata })}`;
}

/** Of a mapping or list its key, which is easier to see; in a list where it begins. */
function spanAt(tree: Tree, path: Path): Span {
  const { children, keySpan, span } = nearest(tree, path);
  if (children.size === 0) return span;
  return keySpan ?? { start: span.start, end: span.start + 1 };
}

function known(code: string): KnownCode {
  if (code in problemCodes) return code as KnownCode;
  throw new Error(`${code} is no code of a problem`);
}

/**
 * Returns a rule with what holds for all routes filled in. Who writes the weights is the author
 * of the object: a rollout of `defaults` is not about them.
 */
function ruleOf(parts: RouteParts, defaults: WrittenDefaults): RouteRule {
  const { name, mirror, timeouts, retries, headers, versions, ...rest } = parts;
  const held = routeRule({ name }, { ...defaults, rollout: undefined }, []);
  const need = held.onUnavailable;
  const hasFallback = need.kind !== 'fallback' || versions.some((one) => one.name === need.version);
  return {
    ...held,
    ...rest,
    versions: versions.map((version) => withTls(version, defaults)),
    headers: headers ?? held.headers,
    mirror: mirror && { ...mirrorOfAll, ...mirror },
    timeouts: { ...held.timeouts, ...timeouts },
    retries: { ...held.retries, ...retries },
    onUnavailable: hasFallback ? need : { kind: 'fail' },
  };
}

/** Every method is copied, with bodies up to 1 MiB, and the answers are thrown away unseen. */
const mirrorOfAll = {
  ...defaultMirror,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'],
  bodyBytes: 1_048_576,
  compare: undefined,
};

function withTls(version: VersionRule, { tls }: WrittenDefaults): VersionRule {
  return version.urls.some((url) => url.startsWith('https:')) ? { ...version, tls } : version;
}
