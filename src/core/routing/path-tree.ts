import { comparablePath } from '#core/conditions/comparable-path';
import type { Facts } from '#core/conditions/facts';
import type { PathTest } from '#core/conditions/when';
import type { Route } from './route.ts';

/**
 * Routes by the segments of their paths. A request walks down its own segments, so finding
 * its candidates costs as much as the deepest of them, however many other routes there are.
 */
export interface PathTree {
  readonly children: Map<string, PathTree>;
  /** Candidates for this place and everything below it, in document order. */
  readonly below: Route[];
  /** Candidates for this very place, in document order. */
  readonly here: Route[];
}

export function newPathTree(): PathTree {
  return { children: new Map(), below: [], here: [] };
}

/**
 * Enters a route under one of its path tests, or under every path. Routes come in document
 * order. The place may be wider than the test, never narrower: the route's own condition
 * has the last word.
 */
export function enterPath(tree: PathTree, route: Route, test: PathTest | undefined): void {
  const path = comparablePath(test?.exact ?? test?.prefix ?? '');
  const place = placeOf(tree, path.split('/').filter(isSegment));
  const list = test?.exact === undefined ? place.below : place.here;
  if (list.at(-1) !== route) list.push(route);
}

/** Slash runs count as one, and a slash at the end as none. */
function isSegment(part: string): boolean {
  return part !== '';
}

/** Returns the first route in document order that takes the request: `best` or one before it. */
export function searchPaths(
  tree: PathTree,
  facts: Facts,
  best: Route | undefined,
): Route | undefined {
  const { path } = facts;
  let first = firstOf(tree.below, facts, best);
  let place: PathTree | undefined = tree;
  let start = segmentStart(path, 0);
  while (start < path.length) {
    const slash = path.indexOf('/', start);
    const end = slash === -1 ? path.length : slash;
    place = place.children.get(path.slice(start, end));
    if (place === undefined) return first;
    first = firstOf(place.below, facts, first);
    start = segmentStart(path, end);
  }
  return firstOf(place.here, facts, first);
}

function placeOf(tree: PathTree, segments: readonly string[]): PathTree {
  let place = tree;
  for (const segment of segments) {
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
  candidates: readonly Route[],
  facts: Facts,
  best: Route | undefined,
): Route | undefined {
  const limit = best === undefined ? Number.POSITIVE_INFINITY : best.index;
  for (const route of candidates) {
    if (route.index >= limit) return best;
    if (route.matches(facts)) return route;
  }
  return best;
}

/** Slash runs count as one. */
function segmentStart(path: string, from: number): number {
  let start = from;
  while (path.charCodeAt(start) === slashByte) start += 1;
  return start;
}

const slashByte = 0x2f;
