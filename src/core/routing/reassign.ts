import type { Assignment } from './assignment.ts';
import { draw, drawByChance } from './rendezvous.ts';
import type { Route, Version } from './route.ts';

type Waiting = Pick<Assignment, 'version' | 'reason' | 'unit'>;

/**
 * Returns the version that a waiting request is for, now that a later snapshot has this route: its
 * own as long as that has people, else where the split sends it. Undefined where nobody takes it.
 */
export function reassign(
  route: Route,
  waiting: Waiting,
  random: () => number,
): Version | undefined {
  const same = route.versions.find(({ name }) => name === waiting.version?.name);
  if (same !== undefined && hasPeople(same, route, waiting)) return same;
  const { split, salt } = route;
  const drawn =
    waiting.unit === '' ? drawByChance(split, random()) : draw(split, salt, waiting.unit);
  return drawn ?? route.fallback;
}

/** A wish, an audience or a memory may have led to a version that has no part of the split. */
function hasPeople(version: Version, { split }: Route, { reason }: Waiting): boolean {
  return version.state !== 'disabled' && (reason !== 'split' || split.versions.includes(version));
}

/** Whether nothing may reach a version any more, now that a later snapshot has its route. */
export function isGone(route: Route, version: Version): boolean {
  const same = route.versions.find(({ name }) => name === version.name);
  return same === undefined || same.state === 'disabled';
}
