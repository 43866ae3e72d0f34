import type { Facts } from '#core/conditions/facts';
import { enterPath, newPathTree, type PathTree, searchPaths } from './path-tree.ts';
import type { Route } from './route.ts';

/** Routes of wildcard hosts by their labels from the right: `com`, `example`. */
interface HostTree {
  readonly children: Map<string, HostTree>;
  paths: PathTree | undefined;
}

interface HostIndex {
  readonly exact: Map<string, PathTree>;
  readonly wildcard: HostTree;
  readonly any: PathTree;
}

/**
 * Returns a function that finds the first route in document order whose `match` holds, as a
 * walk over all of them would, but asks only those whose host and path may fit.
 */
export function indexRoutes(routes: readonly Route[]): (facts: Facts) => Route | undefined {
  const index: HostIndex = {
    exact: new Map(),
    wildcard: { children: new Map(), paths: undefined },
    any: newPathTree(),
  };
  for (const route of routes) enter(index, route);
  return (facts) => {
    let best = searchPaths(index.any, facts, undefined);
    const exact = index.exact.get(facts.host);
    if (exact !== undefined) best = searchPaths(exact, facts, best);
    return searchWildcards(index.wildcard, facts, best);
  };
}

/** A route of many hosts and many paths is entered by host only: their product may be huge. */
const maxEntriesPerRoute = 10_000;

function enter(index: HostIndex, route: Route): void {
  const { host, path } = route.rule.match ?? {};
  const hosts = host ?? [undefined];
  const paths = path ?? [undefined];
  const entered = hosts.length * paths.length > maxEntriesPerRoute ? [undefined] : paths;
  for (const pattern of hosts) {
    const tree = treeOf(index, pattern?.toLowerCase());
    for (const test of entered) enterPath(tree, route, test);
  }
}

function treeOf(index: HostIndex, pattern: string | undefined): PathTree {
  if (pattern === undefined) return index.any;
  if (pattern.startsWith('*.')) return wildcardTree(index.wildcard, pattern.slice(2));
  let tree = index.exact.get(pattern);
  if (tree === undefined) {
    tree = newPathTree();
    index.exact.set(pattern, tree);
  }
  return tree;
}

function wildcardTree(root: HostTree, suffix: string): PathTree {
  let place = root;
  for (const label of suffix.split('.').reverse()) {
    let child = place.children.get(label);
    if (child === undefined) {
      child = { children: new Map(), paths: undefined };
      place.children.set(label, child);
    }
    place = child;
  }
  place.paths ??= newPathTree();
  return place.paths;
}

function searchWildcards(
  root: HostTree,
  facts: Facts,
  found: Route | undefined,
): Route | undefined {
  const { host } = facts;
  let best = found;
  let place: HostTree | undefined = root;
  let end = host.length;
  while (end > 0 && place.children.size > 0) {
    const dot = host.lastIndexOf('.', end - 1);
    place = place.children.get(host.slice(dot + 1, end));
    if (place === undefined) return best;
    if (place.paths !== undefined) best = searchPaths(place.paths, facts, best);
    end = dot;
  }
  return best;
}
