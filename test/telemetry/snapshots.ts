import type { Observed } from '#core/exchange/observed';
import type { Assignment } from '#core/routing/assignment';
import type { Audience, Route, Split, Version } from '#core/routing/route';
import type { VersionState } from '#core/routing/rules';
import type { Snapshot } from '#core/snapshot/snapshot';

export interface RouteSketch {
  readonly name: string;
  /** Weight by version, or weight and state. */
  readonly versions: Readonly<Record<string, number | readonly [number, VersionState]>>;
  /** Version by audience. */
  readonly audiences?: Readonly<Record<string, string>>;
  /** As the document says it: `header:x-user-id`, `issue`; empty for `unit: request`. */
  readonly unit?: readonly string[];
}

type RowOf = (route: string, version: string) => number;

function versionOf(route: string, name: string, weight: number, state: VersionState, rowOf: RowOf) {
  const host = `${route}-${name}`;
  const endpoint = { key: `http://${host}:8080`, host, port: 8080, authority: `${host}:8080` };
  return {
    name,
    slot: name,
    slotBytes: name,
    stickySlot: name,
    weight,
    state,
    endpoints: [endpoint],
    row: rowOf(route, name),
    requestHeaders: undefined,
    responseHeaders: undefined,
  } satisfies Version;
}

function splitOf(versions: readonly Version[]): Split {
  const active = versions.filter((v) => v.state === 'active' && v.weight > 0);
  const weights = Float64Array.from(active, (v) => v.weight);
  return {
    versions: active,
    weights,
    slots: active.map((v) => v.slot),
    totalWeight: weights.reduce((sum, weight) => sum + weight, 0),
  };
}

function routeOf(sketch: RouteSketch, index: number, rowOf: RowOf): Route {
  const { name } = sketch;
  const versions = Object.entries(sketch.versions).map(([version, written]) => {
    const [weight, state] = typeof written === 'number' ? [written, 'active' as const] : written;
    return versionOf(name, version, weight, state, rowOf);
  });
  const audiences = Object.entries(sketch.audiences ?? {}).map(([audience, to], at): Audience => {
    const split = splitOf(versions.filter((v) => v.name === to));
    return { name: audience, index: at, holds: () => true, split };
  });
  const unit = (sketch.unit ?? ['issue']).map((text) => {
    const [kind = '', source = ''] = text.split(':');
    return kind === 'header'
      ? ({ kind: 'header', name: source, text } as const)
      : ({ kind: 'issue', text: 'issue' } as const);
  });
  const timeouts = { connectMs: 2_000, firstByteMs: 30_000, idleMs: 300_000, totalMs: 0 };
  return {
    name,
    index,
    row: rowOf(name, ''),
    matches: () => true,
    issueSource: unit.findIndex((source) => source.kind === 'issue'),
    trusts: () => false,
    rule: {
      name,
      match: undefined,
      versions: versions.map((v) => ({
        name: v.name,
        slot: v.slot,
        urls: v.endpoints.map((e) => e.key),
        weight: v.weight,
        state: v.state,
        headers: undefined,
      })),
      unit: unit.length === 0 ? 'request' : unit,
      salt: name,
      audiences: Object.entries(sketch.audiences ?? {}).map(([audience, version]) => ({
        name: audience,
        when: {},
        to: { kind: 'version', version },
      })),
      sticky: undefined,
      override: undefined,
      onUnavailable: { kind: 'fail' },
      timeouts,
      headers: undefined,
      rewrite: undefined,
      redirect: undefined,
    },
    versions,
    split: splitOf(versions),
    audiences,
    unit,
    salt: name,
    sticky: undefined,
    override: undefined,
    onUnavailable: { kind: 'fail' },
    fallback: undefined,
    timeouts,
    redirect: undefined,
  };
}

/** Returns a snapshot of these routes, without a document behind it. */
export function snapshotOf(
  routes: readonly RouteSketch[],
  rowOf: RowOf,
  hash = 'a1b2c3d4e5f6',
): Snapshot {
  const compiled = routes.map((route, index) => routeOf(route, index, rowOf));
  return {
    hash,
    document: { apiVersion: 'turnout/v1', routes: compiled.map((route) => route.rule) },
    routes: compiled,
    fieldNames: new Set(),
    find: () => compiled[0],
  };
}

/** Returns an assignment to a version of a route, by split and with the first unit. */
export function assignmentTo(
  route: Route,
  version: string,
  more: Partial<Assignment> = {},
): Assignment {
  const found = route.versions.find((v) => v.name === version);
  return {
    version: found,
    assigned: found,
    reason: 'split',
    audience: undefined,
    unit: 'u',
    unitSource: 0,
    minted: false,
    remember: false,
    ...more,
  };
}

export const nothingAssigned: Assignment = {
  version: undefined,
  assigned: undefined,
  reason: 'none',
  audience: undefined,
  unit: '',
  unitSource: -1,
  minted: false,
  remember: false,
};

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
    ...more,
  };
}
