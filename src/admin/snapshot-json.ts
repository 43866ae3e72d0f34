import { troubleOf } from '#core/routing/fault';
import type { Route, Version } from '#core/routing/route';
import type { Snapshot } from '#core/snapshot/snapshot';
import { datedJson } from './dated-json.ts';
import type { OverlayPorts } from './ports.ts';

export interface ShownSnapshot {
  readonly snapshot: Snapshot;
  readonly number: number;
  readonly appliedAt: number | undefined;
  readonly overlays: ReturnType<OverlayPorts['all']>;
}

/** Returns the snapshot in force as the API shows it. */
export function snapshotJson({ snapshot, number, appliedAt, overlays }: ShownSnapshot) {
  const overlayOf = new Map(overlays.map(({ route, overlay }) => [route, overlay]));
  return {
    apiVersion: 'turnout/v1',
    hash: snapshot.hash,
    number,
    ...(appliedAt === undefined ? {} : { appliedAt: new Date(appliedAt).toISOString() }),
    routes: snapshot.routes.map((route) => ({
      ...routeJson(route),
      overlay: datedJson(overlayOf.get(route.name)),
    })),
  } as const;
}

function routeJson(route: Route) {
  return {
    name: route.name,
    versions: route.versions.map((version) => versionJson(route, version)),
    audiences: route.rule.audiences.map(({ name, to }) => ({
      name,
      ...(to.kind === 'version'
        ? { version: to.version }
        : { split: Object.fromEntries(to.weights) }),
    })),
    unit: route.rule.unit === 'request' ? 'request' : route.rule.unit.map((source) => source.text),
    salt: route.rule.salt,
    onUnavailable: route.onUnavailable,
    mirror: mirrorJson(route),
    fault: faultJson(route),
  } as const;
}

/** Undefined where no copy is sent: also where its version takes nobody new. */
function mirrorJson({ mirror }: Route) {
  if (mirror === undefined) return undefined;
  const { version, percent, methods } = mirror;
  return { to: version.name, percent, methods: [...methods] } as const;
}

function faultJson({ rule: { fault } }: Route) {
  return fault && ({ when: fault.when, version: fault.version, ...troubleOf(fault) } as const);
}

function versionJson({ split }: Route, version: Version) {
  const weight = split.weights[split.versions.indexOf(version)] ?? 0;
  return {
    name: version.name,
    /** A rollout puts parts of whole numbers in force. */
    weight: rounded(version.weight),
    /** Of the split in force, 0 to 1: a version that takes nobody new has none. */
    share: weight === 0 ? 0 : rounded(weight / split.totalWeight),
    state: version.state,
    slot: version.slot,
    endpoints: version.endpoints.map((endpoint) => endpoint.key),
    service: version.service,
  } as const;
}

/** Without the last digits, which binary fractions make up: 0.3 and not 0.30000000000000004. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
