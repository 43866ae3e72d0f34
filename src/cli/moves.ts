import { bytesOf } from '#core/conditions/byte-text';
import { draw } from '#core/routing/rendezvous';
import type { Snapshot } from '#core/snapshot/snapshot';

export interface Move {
  readonly unit: string;
  /** Undefined where no version takes anybody by the split. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Which of the listed units another version is drawn for, on one route. */
export interface RouteMoves {
  readonly route: string;
  /** How many were listed. */
  readonly units: number;
  readonly moved: readonly Move[];
}

/**
 * Returns who of the listed units moves, by route, for every route that both snapshots have
 * and that splits by unit. By weights alone, as `difference` counts.
 */
export function routeMoves(
  before: Snapshot,
  after: Snapshot,
  units: readonly string[],
): readonly RouteMoves[] {
  const old = new Map(before.routes.map((route) => [route.name, route]));
  const all: RouteMoves[] = [];
  for (const now of after.routes) {
    const was = old.get(now.name);
    if (was === undefined || now.unit.length === 0) continue;
    const moved: Move[] = [];
    for (const unit of units) {
      const from = draw(was.split, was.salt, bytesOf(unit))?.name;
      const to = draw(now.split, now.salt, bytesOf(unit))?.name;
      if (from !== to) moved.push({ unit, from, to });
    }
    all.push({ route: now.name, units: units.length, moved });
  }
  return all;
}
