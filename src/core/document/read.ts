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
import { Lines, withoutMark } from './lines.ts';
import { routeRule } from './normalise.ts';
import { parseYaml } from './parse-yaml.ts';
import { at } from './path-text.ts';
import type { Problem } from './problem.ts';
import { schemaFindings } from './schema-findings.ts';
import type { Tree } from './tree.ts';

/** A document that may be put in force, or everything that is wrong with it. */
export type Reading =
  | {
      readonly kind: 'document';
      readonly document: Document;
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** Reads a rules document. Any text at all gives a document or problems; none makes it throw. */
export function read(text: string): Reading {
  const source = withoutMark(text);
  const findings: Finding[] = [];
  const lines = new Lines(source);
  const tree = parseYaml(source, lines, (finding) => findings.push(finding));
  const routes = tree === undefined ? [] : readTree(tree, lines, findings);
  const problems = problemsOf(findings, lines);
  return problems.some((problem) => problem.severity === 'error')
    ? { kind: 'problems', problems }
    : { kind: 'document', document: { apiVersion: 'turnout/v1', routes }, warnings: problems };
}

function readTree(tree: Tree, lines: Lines, findings: Finding[]): readonly RouteRule[] {
  const whole = documentSchema.safeParse(tree.value);
  if (!whole.success) {
    for (const finding of schemaFindings(whole.error.issues, tree)) findings.push(finding);
  }
  const rules = whole.success
    ? whole.data.routes.map((route, index) =>
        routeRule(route, whole.data.defaults ?? {}, versionNames(tree, index)),
      )
    : rulesThatAreRight(tree);
  const routes = [...(at(tree, ['routes'])?.children.values() ?? [])].map((route, index) => ({
    index,
    tree: route,
    rule: rules[index],
  }));
  for (const finding of meaningFindings({ tree, routes, lines })) findings.push(finding);
  return rules.filter((rule) => rule !== undefined);
}

/** Where the schema found something, the other routes are checked for meaning all the same. */
function rulesThatAreRight(tree: Tree): readonly (RouteRule | undefined)[] {
  const defaults = defaultsOf(tree);
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
