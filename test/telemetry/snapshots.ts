import type { Document } from '#core/document/document';
import type { Observed } from '#core/exchange/observed';
import { newAssignment } from '#core/routing/assign';
import type { Assignment } from '#core/routing/assignment';
import type { Route } from '#core/routing/route';
import type { RouteRule, VersionState } from '#core/routing/rules';
import { compile } from '#core/snapshot/compile';
import type { Snapshot } from '#core/snapshot/snapshot';
import { rule, source, version } from '../core/routing/made-up.ts';

export interface RouteSketch {
  readonly name: string;
  /** Weight by version, or weight and state. */
  readonly versions: Readonly<Record<string, number | readonly [number, VersionState]>>;
  /** Version by audience. */
  readonly audiences?: Readonly<Record<string, string>>;
  /** As the document says it: `header:x-user-id`, `issue`; `request` for none. */
  readonly unit?: 'request' | readonly string[];
}

function ruleOf({ name, unit = ['issue'], versions, audiences = {} }: RouteSketch): RouteRule {
  return rule({
    name,
    versions: Object.entries(versions).map(([versionName, written]) => {
      const [weight, state] = typeof written === 'number' ? [written, 'active' as const] : written;
      const urls = [`http://${name}-${versionName}:8080`];
      return version(versionName, { urls, weight, state });
    }),
    unit: unit === 'request' ? unit : unit.map(source),
    audiences: Object.entries(audiences).map(([audience, to]) => ({
      name: audience,
      when: { method: ['GET'] },
      to: { kind: 'version', version: to },
    })),
  });
}

/** Returns a document of these routes, as the reader would. */
export function documentOf(routes: readonly RouteSketch[]): Document {
  return { apiVersion: 'turnout/v1', routes: routes.map(ruleOf) };
}

export function snapshotOf(
  routes: readonly RouteSketch[],
  rowOf: (route: string, version: string) => number,
  hash = 'a1b2c3d4e5f6',
): Snapshot {
  return compile(documentOf(routes), { hash, rowOf });
}

/** Returns the route of this name. */
export function routeIn(snapshot: Snapshot, name: string): Route {
  const found = snapshot.routes.find((route) => route.name === name);
  if (found === undefined) throw new Error(`no route ${name}`);
  return found;
}

/** Returns an assignment to a version of a route, by split and with the first unit. */
export function assignmentTo(
  route: Route,
  version: string,
  more: Partial<Assignment> = {},
): Assignment {
  const found = route.versions.find((one) => one.name === version);
  return {
    version: found,
    assigned: found,
    reason: 'split',
    assignedBy: 'split',
    audience: undefined,
    unit: 'u',
    unitSource: 0,
    minted: false,
    remember: false,
    link: '',
    ...more,
  };
}

export const nothingAssigned: Assignment = newAssignment();

/** Returns a GET that was answered 200 after 12 ms. */
export function exchange(more: Partial<Observed> = {}): Observed {
  return {
    route: undefined,
    assignment: nothingAssigned,
    method: 'GET',
    status: 200,
    failure: undefined,
    startedAt: 1_000,
    respondedAt: 1_011,
    endedAt: 1_012,
    bytesIn: 0,
    bytesOut: 1_024,
    retries: 0,
    hasStumbled: false,
    hasReachedGoal: false,
    ...more,
  };
}
