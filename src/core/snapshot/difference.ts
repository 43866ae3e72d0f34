import type { Route } from '#core/routing/route';
import { type Change, changesOfRoute } from './changes.ts';
import { type Movement, madeUpUnits, movement } from './movement.ts';
import type { Snapshot } from './snapshot.ts';

/** What changes when one snapshot takes the place of another. */
export interface Difference {
  readonly before: string;
  readonly after: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Routes that are in both come in another order, which decides who matches first. */
  readonly reordered: boolean;
  /** Routes in both that changed, in the order of the new document. */
  readonly changed: readonly RouteDifference[];
}

export interface RouteDifference {
  readonly route: string;
  readonly changes: readonly Change[];
  readonly movement: Movement;
}

export interface DifferenceOptions {
  /** How many made-up units are drawn to see who moves. */
  readonly units?: number;
}

const defaultUnits = 20_000;

/**
 * Returns what changes from one snapshot to another, and how many of the users of each route
 * change version. Routes are the same when their names are.
 */
export function difference(
  before: Snapshot,
  after: Snapshot,
  { units = defaultUnits }: DifferenceOptions = {},
): Difference {
  const old = byName(before.routes);
  const now = byName(after.routes);
  const changed: RouteDifference[] = [];
  const drawn = madeUpUnits(units);
  for (const route of after.routes) {
    const was = old.get(route.name);
    if (was === undefined) continue;
    const changes = changesOfRoute(was, route);
    if (changes.length === 0) continue;
    changed.push({ route: route.name, changes, movement: movement(was, route, drawn) });
  }
  const kept = namesIn(before.routes, now);
  return {
    before: before.hash,
    after: after.hash,
    added: after.routes.map(({ name }) => name).filter((name) => !old.has(name)),
    removed: before.routes.map(({ name }) => name).filter((name) => !now.has(name)),
    reordered: kept.join('\n') !== namesIn(after.routes, old).join('\n'),
    changed,
  };
}

function byName(routes: readonly Route[]): ReadonlyMap<string, Route> {
  return new Map(routes.map((route) => [route.name, route]));
}

function namesIn(routes: readonly Route[], others: ReadonlyMap<string, Route>): string[] {
  return routes.map(({ name }) => name).filter((name) => others.has(name));
}
