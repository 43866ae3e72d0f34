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

/** Candidates of one host by path. Lists are in document order, and made when needed. */
export interface PathIndex {
  readonly any: PathTree;
  exact: Map<string, Candidate[]> | undefined;
}

/**
 * Candidates by the segments of their prefixes. A request walks down its own segments, so
 * finding its candidates costs as much as the deepest of them, however many others there are.
 */
interface PathTree {
  candidates: Candidate[] | undefined;
  children: Map<string, PathTree> | undefined;
}

export function newPathIndex(): PathIndex {
  return { any: newPathTree(), exact: undefined };
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
    index.exact ??= new Map();
    const list = index.exact.get(path) ?? [];
    index.exact.set(path, list);
    return list;
  }
  const segments = comparablePath(test?.prefix ?? '/').split('/');
  const place = placeOf(
    index,
    segments.filter((segment) => segment !== ''),
  );
  place.candidates ??= [];
  return place.candidates;
}

/** The prefix of no segments is every path, that of `OPTIONS *` too. */
function placeOf(index: PathIndex, segments: readonly string[]): PathTree {
  let place = index.any;
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

function newPathTree(): PathTree {
  return { candidates: undefined, children: undefined };
}

/** Returns the first candidate in document order that takes the request: `best` or one before it. */
export function searchPaths(
  index: PathIndex,
  facts: Facts,
  best: Candidate | undefined,
): Candidate | undefined {
  const { any, exact } = index;
  let first = firstOf(any.candidates, facts, best);
  if (exact !== undefined) first = firstOf(exact.get(facts.path), facts, first);
  return any.children === undefined ? first : searchPrefixes(any.children, facts, first);
}

function searchPrefixes(
  top: Map<string, PathTree>,
  facts: Facts,
  best: Candidate | undefined,
): Candidate | undefined {
  const { path } = facts;
  if (path.charCodeAt(0) !== slash) return best;
  let first = best;
  let children: Map<string, PathTree> | undefined = top;
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

function firstOf(
  candidates: readonly Candidate[] | undefined,
  facts: Facts,
  best: Candidate | undefined,
): Candidate | undefined {
  if (candidates === undefined) return best;
  for (const candidate of candidates) {
    if (best !== undefined && candidate.index >= best.index) return best;
    if (candidate.holds === undefined || candidate.holds(facts)) return candidate;
  }
  return best;
}

const slash = 0x2f;
