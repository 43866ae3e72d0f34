import { servicesSchema } from '#core/httproute/services';
import type { RouteRule } from '#core/routing/rules';
import { meaningFindings } from './checks/meaning.ts';
import type { Document } from './document.ts';
import {
  defaultsSchema,
  documentSchema,
  routeSchema,
  type WrittenDefaults,
} from './document-schema.ts';
import { type Finding, problemsOf } from './finding.ts';
import { type ForHttpRoutes, httpRouteRules } from './http-routes.ts';
import { Lines, withoutMark } from './lines.ts';
import { routeRule } from './normalise.ts';
import { parseYaml } from './parse-yaml.ts';
import { at } from './path-text.ts';
import type { Problem } from './problem.ts';
import { schemaFindings } from './schema-findings.ts';
import { streamOf } from './stream.ts';
import type { Tree } from './tree.ts';

/** A document that may be put in force, or everything that is wrong with it. */
export type Reading =
  | {
      readonly kind: 'document';
      readonly document: Document;
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/**
 * Reads a rules document, HTTPRoutes, or both. Any text at all gives a document or problems; none
 * makes it throw.
 */
export function read(text: string): Reading {
  const source = withoutMark(text);
  const findings: Finding[] = [];
  const report = (finding: Finding) => findings.push(finding);
  const lines = new Lines(source);
  const { rules, httpRoutes, hasObjects } = streamOf(parseYaml(source, lines, report), report);
  const own = rules === undefined ? nothing : readRules(rules, lines, report);
  if (rules !== undefined && !hasObjects) needRoutes(rules, report);
  // The routes of the document come first, so that it has the last word.
  const routes = [...own.routes, ...httpRouteRules(httpRoutes, own, lines, report)];
  const problems = problemsOf(findings, lines);
  return problems.some((problem) => problem.severity === 'error')
    ? { kind: 'problems', problems }
    : { kind: 'document', document: { apiVersion: 'turnout/v1', routes }, warnings: problems };
}

const nothing: ForHttpRoutes = { tree: undefined, routes: [], services: undefined, defaults: {} };

/** Only beside HTTPRoutes may a document say nothing but what holds for them. */
function needRoutes(tree: Tree, report: (finding: Finding) => void): void {
  const isMapping = typeof tree.value === 'object' && !Array.isArray(tree.value);
  if (!isMapping || tree.children.has('routes')) return;
  const message = 'the document needs a key "routes"';
  const { start } = tree.span;
  report({ code: 'TN2002', message, span: { start, end: start + 1 } });
}

function readRules(tree: Tree, lines: Lines, report: (finding: Finding) => void): ForHttpRoutes {
  const whole = documentSchema.safeParse(tree.value);
  if (!whole.success) {
    for (const finding of schemaFindings(whole.error.issues, tree)) report(finding);
  }
  const defaults = whole.success ? (whole.data.defaults ?? {}) : defaultsOf(tree);
  const rules = whole.success
    ? (whole.data.routes ?? []).map((route, index) =>
        routeRule(route, defaults, versionNames(tree, index)),
      )
    : rulesThatAreRight(tree, defaults);
  const routes = [...(at(tree, ['routes'])?.children.values() ?? [])].map((route, index) => ({
    index,
    tree: route,
    rule: rules[index],
  }));
  for (const finding of meaningFindings({ tree, routes, lines })) report(finding);
  const services = servicesSchema.safeParse(at(tree, ['services'])?.value);
  return {
    tree,
    routes: rules.filter((rule) => rule !== undefined),
    services: services.data,
    defaults,
  };
}

/** Where the schema found something, the other routes are checked for meaning all the same. */
function rulesThatAreRight(
  tree: Tree,
  defaults: WrittenDefaults,
): readonly (RouteRule | undefined)[] {
  const routes = [...(at(tree, ['routes'])?.children.values() ?? [])];
  return routes.map((route, index) => {
    const parsed = routeSchema.safeParse(route.value);
    return parsed.success ? routeRule(parsed.data, defaults, versionNames(tree, index)) : undefined;
  });
}

function defaultsOf(tree: Tree): WrittenDefaults {
  const parsed = defaultsSchema.safeParse(at(tree, ['defaults'])?.value);
  return parsed.success ? parsed.data : {};
}

/** Objects put keys that look like numbers first; the document's order is the tree's. */
function versionNames(tree: Tree, index: number): readonly string[] {
  return [...(at(tree, ['routes', index, 'versions'])?.children.keys() ?? [])];
}
