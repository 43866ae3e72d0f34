import type { Facts } from '#core/conditions/facts';
import { compileWhen } from '#core/conditions/registry';
import type { PathTest, When } from '#core/conditions/when';
import {
  type Candidate,
  enterPath,
  newPathIndex,
  type PathIndex,
  searchPaths,
} from './path-index.ts';
import type { Route } from './route.ts';

/** Candidates of wildcard hosts by their labels from the right: `com`, `example`. */
interface HostTree {
  children: Map<string, HostTree> | undefined;
  paths: PathIndex | undefined;
}

interface HostIndex {
  readonly exact: Map<string, PathIndex>;
  readonly wildcard: HostTree;
  readonly any: PathIndex;
}

/**
 * Returns a function that finds the first route in document order whose `match` holds, as
 * asking every one of them would, but asks only those whose host and path fit.
 */
export function indexRoutes(routes: readonly Route[]): (facts: Facts) => Route | undefined {
  const index: HostIndex = {
    exact: new Map(),
    wildcard: { children: undefined, paths: undefined },
    any: newPathIndex(),
  };
  for (const route of routes) enter(index, route);
  return (facts) => {
    let best = searchPaths(index.any, facts, undefined);
    const exact = index.exact.get(facts.host);
    if (exact !== undefined) best = searchPaths(exact, facts, best);
    return searchWildcards(index.wildcard, facts, best)?.route;
  };
}

/** A route of many hosts and many paths is entered by host only: their product may be huge. */
const maxEntriesPerRoute = 10_000;

function enter(index: HostIndex, route: Route): void {
  const { host, path, ...rest } = route.rule.match ?? {};
  const hosts = host ?? [undefined];
  const paths = pathsToEnter(hosts.length, path);
  const isPathProved = paths !== undefined || path === undefined;
  const left: When = isPathProved ? rest : { ...rest, path };
  const candidate: Candidate = {
    route,
    index: route.index,
    holds: Object.keys(left).length === 0 ? undefined : compileWhen(left),
  };
  for (const pattern of hosts) {
    const place = placeOf(index, pattern?.toLowerCase());
    for (const test of paths ?? [undefined]) enterPath(place, candidate, test);
  }
}

/** Returns the paths a route is found by; undefined where it has to be asked whatever the path. */
function pathsToEnter(
  hosts: number,
  path: readonly PathTest[] | undefined,
): readonly PathTest[] | undefined {
  if (path === undefined || path.some((test) => test.regex !== undefined)) return undefined;
  return hosts * path.length > maxEntriesPerRoute ? undefined : path;
}

function placeOf(index: HostIndex, pattern: string | undefined): PathIndex {
  if (pattern === undefined) return index.any;
  if (pattern.startsWith('*.')) return wildcardPlace(index.wildcard, pattern.slice(2));
  let place = index.exact.get(pattern);
  if (place === undefined) {
    place = newPathIndex();
    index.exact.set(pattern, place);
  }
  return place;
}

function wildcardPlace(root: HostTree, suffix: string): PathIndex {
  let place = root;
  for (const label of suffix.split('.').reverse()) {
    place.children ??= new Map();
    let child = place.children.get(label);
    if (child === undefined) {
      child = { children: undefined, paths: undefined };
      place.children.set(label, child);
    }
    place = child;
  }
  place.paths ??= newPathIndex();
  return place.paths;
}

/** A wildcard stands for something: a host that is nothing but its suffix is not taken. */
function searchWildcards(
  root: HostTree,
  facts: Facts,
  found: Candidate | undefined,
): Candidate | undefined {
  const { host } = facts;
  let best = found;
  let { children } = root;
  let end = host.length;
  while (children !== undefined) {
    const dot = host.lastIndexOf('.', end - 1);
    if (dot <= 0) return best;
    const place = children.get(host.slice(dot + 1, end));
    if (place === undefined) return best;
    if (place.paths !== undefined) best = searchPaths(place.paths, facts, best);
    children = place.children;
    end = dot;
  }
  return best;
}
