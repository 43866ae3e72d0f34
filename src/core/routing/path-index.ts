import { comparablePath } from '#core/conditions/comparable-path';
import type { Condition } from '#core/conditions/condition';
import type { Facts } from '#core/conditions/facts';
import type { PathTest } from '#core/conditions/when';
import type { Route } from './route.ts';

/** A route, and what of its `match` its place in the index does not prove already. */
export interface Candidate {
  readonly route: Route;
  /** The route's, kept here so that a later one is passed by without being looked at. */
  readonly index: number;
  /** Undefined where the place proves all of it. */
  readonly holds: Condition | undefined;
}

/** Candidates of one host by path. All lists are in document order. */
export interface PathIndex {
  /** Whatever the path. */
  readonly any: Candidate[];
  readonly exact: Map<string, Candidate[]>;
  readonly prefixes: PathTree;
}

/**
 * Candidates by the segments of their prefixes. A request walks down its own segments, so
 * finding its candidates costs as much as the deepest of them, however many others there are.
 */
interface PathTree {
  children: Map<string, PathTree> | undefined;
  readonly candidates: Candidate[];
}

export function newPathIndex(): PathIndex {
  return { any: [], exact: new Map(), prefixes: newPathTree() };
}

/** Enters a candidate under a path test, or under every path. They come in document order. */
export function enterPath(
  index: PathIndex,
  candidate: Candidate,
  test: PathTest | undefined,
): void {
  const list = listOf(index, test);
  if (list.at(-1)?.route !== candidate.route) list.push(candidate);
}

function listOf(index: PathIndex, test: PathTest | undefined): Candidate[] {
  if (test?.exact !== undefined) {
    const path = comparablePath(test.exact);
    const list = index.exact.get(path) ?? [];
    index.exact.set(path, list);
    return list;
  }
  if (test?.prefix === undefined) return index.any;
  const segments = comparablePath(test.prefix).split('/');
  return placeOf(
    index.prefixes,
    segments.filter((segment) => segment !== ''),
  ).candidates;
}

/** Returns the first candidate in document order that takes the request: `best` or one before it. */
export function searchPaths(
  index: PathIndex,
  facts: Facts,
  best: Candidate | undefined,
): Candidate | undefined {
  const { path } = facts;
  let first = firstOf(index.any, facts, best);
  if (index.exact.size > 0) {
    const exact = index.exact.get(path);
    if (exact !== undefined) first = firstOf(exact, facts, first);
  }
  // A path without a slash is that of `OPTIONS *`: no prefix holds for it.
  return path.charCodeAt(0) === slash ? searchPrefixes(index.prefixes, facts, first) : first;
}

function searchPrefixes(
  tree: PathTree,
  facts: Facts,
  best: Candidate | undefined,
): Candidate | undefined {
  const { path } = facts;
  let first = firstOf(tree.candidates, facts, best);
  let { children } = tree;
  let start = 1;
  while (children !== undefined && start < path.length) {
    const next = path.indexOf('/', start);
    const end = next === -1 ? path.length : next;
    const place = children.get(path.slice(start, end));
    if (place === undefined) return first;
    first = firstOf(place.candidates, facts, first);
    children = place.children;
    start = end + 1;
  }
  return first;
}

function newPathTree(): PathTree {
  return { children: undefined, candidates: [] };
}

function placeOf(tree: PathTree, segments: readonly string[]): PathTree {
  let place = tree;
  for (const segment of segments) {
    place.children ??= new Map();
    let child = place.children.get(segment);
    if (child === undefined) {
      child = newPathTree();
      place.children.set(segment, child);
    }
    place = child;
  }
  return place;
}

function firstOf(
  candidates: readonly Candidate[],
  facts: Facts,
  best: Candidate | undefined,
): Candidate | undefined {
  for (const candidate of candidates) {
    if (best !== undefined && candidate.index >= best.index) return best;
    if (candidate.holds === undefined || candidate.holds(facts)) return candidate;
  }
  return best;
}

const slash = 0x2f;
