import { budgetWindowMs } from '#core/endpoints/retry-budget';
import type { VersionView } from '#core/endpoints/version-view';
import { isGone } from '#core/routing/reassign';
import type { Route, Version } from '#core/routing/route';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Timed } from './deadlines.ts';
import { Fleet, type FleetHouse, fleetRules } from './fleet.ts';
import { viewOf } from './fleet-view.ts';
import type { LineUp } from './line-up.ts';

/** What an exchange takes at its head and keeps: a snapshot, and the fleets of its versions. */
export interface InForce {
  readonly snapshot: Snapshot;
  /** At the index of each version. */
  readonly fleets: readonly Fleet[];
  readonly routes: ReadonlyMap<string, Route>;
}

/** Whether nothing may reach a version of a route, as another one than its own snapshot has it. */
export function forbids({ routes }: InForce, route: Route, version: Version): boolean {
  const now = routes.get(route.name);
  return now !== undefined && isGone(now, version);
}

/** The fleets of all versions, from snapshot to snapshot. */
export class Fleets implements Timed {
  readonly #house: FleetHouse;
  readonly #restless = new Set<LineUp>();
  /** When the window of the retry budgets is over. */
  #turnsAt: number;
  #byName = new Map<string, Map<string, Fleet>>();

  constructor(house: Omit<FleetHouse, 'restless'>) {
    this.#house = { ...house, restless: this.#restless };
    this.#turnsAt = house.deadlines.now + budgetWindowMs;
  }

  /** Returns what the exchanges of a snapshot need, which is in force from now on. */
  swap(snapshot: Snapshot): InForce {
    const before = this.#byName;
    const byName = new Map<string, Map<string, Fleet>>();
    const fleets: Fleet[] = [];
    for (const route of snapshot.routes) {
      const named = new Map<string, Fleet>();
      byName.set(route.name, named);
      const rules = fleetRules(route);
      for (const version of route.versions) {
        const known = before.get(route.name)?.get(version.name);
        const isSame = known?.isFor(rules, version) === true;
        const fleet = isSame ? known : new Fleet(rules, version, this.#house, known);
        named.set(version.name, fleet);
        fleets[version.index] = fleet;
      }
    }
    this.#byName = byName;
    // Only now: what stays must never be unclaimed, unwatched and unchecked in between.
    this.#close(before);
    return { snapshot, fleets, routes: new Map(snapshot.routes.map((r) => [r.name, r])) };
  }

  #close(before: ReadonlyMap<string, ReadonlyMap<string, Fleet>>): void {
    for (const [route, named] of before) {
      for (const [version, fleet] of named) {
        const now = this.#byName.get(route)?.get(version);
        if (now !== fleet) fleet.close(now);
      }
    }
  }

  /** Returns how the versions of a route stand, or of all. */
  view(route?: string): readonly VersionView[] {
    const routes = route === undefined ? [...this.#byName.keys()] : [route];
    return routes.flatMap((name) => {
      const named = this.#byName.get(name) ?? [];
      return Array.from(named, ([version, fleet]) => viewOf(name, version, fleet));
    });
  }

  tick(now: number): void {
    for (const lineUp of this.#restless) lineUp.tick(now);
    if (now < this.#turnsAt) return;
    this.#turnsAt = now + budgetWindowMs;
    for (const named of this.#byName.values()) {
      for (const { budget, admission } of named.values()) budget.turn(admission.requests);
    }
  }

  /** Follows no name, checks nothing, and keeps no idle connection any more. */
  close(): void {
    const before = this.#byName;
    this.#byName = new Map();
    this.#close(before);
  }
}
