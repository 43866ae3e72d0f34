import { quoted } from '#core/conditions/quoted';
import { apiVersions } from '#core/httproute/schema';
import type { Finding } from './finding.ts';
import { at } from './path-text.ts';
import type { Tree } from './tree.ts';

/** The documents of a text by what they are. */
export interface Stream {
  /** `apiVersion: turnout/v1`, or what was meant to be. */
  readonly rules: Tree | undefined;
  readonly httpRoutes: readonly Tree[];
  /** Rules may be left out: HTTPRoutes are there, or a list that may have some. */
  readonly hasObjects: boolean;
}

/** What has a kind is an object of Kubernetes, and everything else a document of rules. */
export function streamOf(trees: readonly Tree[], report: (finding: Finding) => void): Stream {
  const rules: Tree[] = [];
  const objects: Tree[] = [];
  for (const tree of trees) (isObject(tree) ? objects : rules).push(tree);
  for (const { span } of rules.slice(1)) {
    const message = 'more than one document of rules; HTTPRoutes may follow it, nothing else';
    report({ code: 'TN1007', message, span: { start: span.start, end: span.start + 1 } });
  }
  const httpRoutes = objects.flatMap((tree) => httpRoutesIn(tree, report));
  return { rules: rules[0], httpRoutes, hasObjects: objects.length > 0 };
}

function isObject(tree: Tree): boolean {
  const version = at(tree, ['apiVersion'])?.value;
  return tree.children.has('kind') && !(typeof version === 'string' && /^turnout\//.test(version));
}

/** Lists are what `kubectl get -o yaml` prints. */
function httpRoutesIn(tree: Tree, report: (finding: Finding) => void): readonly Tree[] {
  const kind = at(tree, ['kind'])?.value;
  if (kind === 'List' || kind === 'HTTPRouteList') {
    const items = [...(at(tree, ['items'])?.children.values() ?? [])];
    return items.flatMap((item) => httpRoutesIn(item, report));
  }
  if (kind === 'HTTPRoute') return [tree];
  const place = at(tree, ['kind']) ?? tree;
  const name = typeof kind === 'string' ? quoted(kind) : 'an object without a kind';
  report({
    code: 'TN2035',
    message: `${name} is not read here, only HTTPRoute and lists of it`,
    hint: `apiVersion: ${apiVersions[0]}, kind: HTTPRoute`,
    span: place.span,
  });
  return [];
}
