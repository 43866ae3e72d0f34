import {
  beforeTheChoice,
  codeClasses,
  decisionReasons,
  endpointStates,
  foreseenCodes,
  retryReasons,
  troubles,
  tunnelEnds,
} from '#core/exchange/labels';
import { outcomes } from '#core/exchange/outcome';
import type { Version } from '#core/routing/route';
import { codeColumns, directions, errorReasons, methods } from './columns.ts';
import type { Family, Sample } from './family.ts';
import type { Metrics } from './metrics.ts';
import { always, pairs, Series } from './series.ts';
import type { ShownRow, ShownRows } from './shown-rows.ts';

const routeAndVersion = ['route', 'version'];

function foreseenError(row: ShownRow, reason: string): boolean {
  if (row.kind === 'no_route') return reason === 'no_route';
  return row.kind === 'pair' && !beforeTheChoice.has(reason);
}

/** Returns the metrics of what is counted at the end of an exchange, by route and version. */
export function exchangeFamilies(metrics: Metrics, shown: ShownRows): readonly Family[] {
  const { columns } = metrics;
  const series = new Series(shown, metrics.boundsMs);
  return [
    {
      name: 'turnout_requests_total',
      help: 'Requests that have ended, by the status the client was sent (0: none).',
      type: 'counter',
      labels: [...routeAndVersion, 'method', 'code'],
      read: () => requests(metrics, shown),
    },
    {
      name: 'turnout_request_duration_seconds',
      help: 'Time from the start of a request to the end of its response, as the client sees it.',
      type: 'histogram',
      labels: [...routeAndVersion, 'code_class'],
      read: series.histograms(
        'turnout_request_duration_seconds',
        columns.durations,
        'code_class',
        codeClasses,
        pairs,
      ),
    },
    {
      name: 'turnout_upstream_duration_seconds',
      help: "Time from the start of a request to the upstream's response head.",
      type: 'histogram',
      labels: routeAndVersion,
      read: series.histogram('turnout_upstream_duration_seconds', columns.upstream, pairs),
    },
    {
      name: 'turnout_outcomes_total',
      help: 'What exchanges say about their version: a fault of the client is ignored.',
      type: 'counter',
      labels: [...routeAndVersion, 'outcome'],
      read: series.listed(columns.outcomes, outcomes, (outcome) => ({ outcome }), pairs),
    },
    {
      name: 'turnout_errors_total',
      help: "Exchanges that ended without the upstream's whole answer, by reason.",
      type: 'counter',
      labels: [...routeAndVersion, 'reason'],
      read: series.listed(columns.errors, errorReasons, (reason) => ({ reason }), foreseenError),
    },
    {
      name: 'turnout_decisions_total',
      help: 'Why exchanges were given their version, by stage and audience.',
      type: 'counter',
      labels: [...routeAndVersion, 'reason', 'audience'],
      read: decisions(metrics, series),
    },
    {
      name: 'turnout_unit_source_total',
      help: 'Where the unit of a request was found, as the document says it.',
      type: 'counter',
      labels: ['route', 'source'],
      read: () => unitSources(metrics, series),
    },
    {
      name: 'turnout_bytes_total',
      help: 'Bytes of the bodies, from the client (in) and to it (out).',
      type: 'counter',
      labels: [...routeAndVersion, 'direction'],
      read: series.listed(columns.bytes, directions, (direction) => ({ direction }), pairs),
    },
    {
      name: 'turnout_version_requests_sent_total',
      help: 'Requests that a connection to a version was given: those sent again too, and copies.',
      type: 'counter',
      labels: routeAndVersion,
      read: series.single(columns.sent, pairs),
    },
    {
      name: 'turnout_retries_total',
      help: 'How often a request was sent again, by what had become of it before.',
      type: 'counter',
      labels: [...routeAndVersion, 'reason'],
      read: series.listed(columns.retries, retryReasons, (reason) => ({ reason }), pairs),
    },
    {
      name: 'turnout_retries_denied_total',
      help: 'How often a request was not sent again because the budget of its version was empty.',
      type: 'counter',
      labels: routeAndVersion,
      read: series.single(columns.retriesDenied, pairs),
    },
    {
      name: 'turnout_tunnel_bytes_total',
      help: 'Bytes that WebSockets have passed, from the client (in) and to it (out).',
      type: 'counter',
      labels: [...routeAndVersion, 'direction'],
      read: series.listed(columns.tunnelBytes, directions, (direction) => ({ direction }), pairs),
    },
    {
      name: 'turnout_tunnels_ended_total',
      help: 'WebSockets that have ended, by why.',
      type: 'counter',
      labels: [...routeAndVersion, 'reason'],
      read: series.listed(columns.tunnelEnds, tunnelEnds, (reason) => ({ reason }), pairs),
    },
  ];
}

/** Returns the metrics of how the versions stand now. */
export function versionFamilies(
  metrics: Metrics,
  shown: ShownRows,
  toWallSeconds: (monotonicMs: number) => number,
): readonly Family[] {
  const { columns } = metrics;
  const series = new Series(shown, metrics.boundsMs);
  return [
    {
      name: 'turnout_in_flight_requests',
      help: 'Requests that have begun and not ended.',
      type: 'gauge',
      labels: routeAndVersion,
      read: series.single(columns.inFlight, always),
    },
    {
      name: 'turnout_held_requests',
      help: 'Requests that wait until their version can serve.',
      type: 'gauge',
      labels: routeAndVersion,
      read: series.single(columns.held, always),
    },
    {
      name: 'turnout_waiting_requests',
      help: 'Requests that wait for a connection, because their version has as many as it may have.',
      type: 'gauge',
      labels: routeAndVersion,
      read: series.single(columns.waiting, always),
    },
    {
      name: 'turnout_tunnels',
      help: 'WebSockets that are open.',
      type: 'gauge',
      labels: routeAndVersion,
      read: series.single(columns.tunnels, always),
    },
    ...endpointFamilies(metrics, series),
    {
      name: 'turnout_version_last_sent_timestamp_seconds',
      help: 'When a version was last sent a request; no series before the first.',
      type: 'gauge',
      labels: routeAndVersion,
      read: () => instants(shown, columns.lastSentAt, toWallSeconds),
    },
    {
      name: 'turnout_version_last_request_timestamp_seconds',
      help: 'When the last request to a version ended; no series before the first.',
      type: 'gauge',
      labels: routeAndVersion,
      read: () => instants(shown, columns.lastEndedAt, toWallSeconds),
    },
    {
      name: 'turnout_version_weight_ratio',
      help: 'Share of the split that is in force for a version, 0 to 1.',
      type: 'gauge',
      labels: routeAndVersion,
      read: () => ofVersions(metrics, (version, share) => [{ value: share(version) }]),
    },
    {
      name: 'turnout_version_state',
      help: '1 for the state a version is in, 0 for the others.',
      type: 'gauge',
      labels: [...routeAndVersion, 'state'],
      read: () =>
        ofVersions(metrics, (version) =>
          states.map((state) => ({ value: state === version.state ? 1 : 0, labels: { state } })),
        ),
    },
  ];
}

function* instants(
  shown: ShownRows,
  column: number,
  toWallSeconds: (monotonicMs: number) => number,
): Iterable<readonly Sample[]> {
  for (const row of shown.all()) {
    const instant = shown.greatest(row, column);
    const isVersion = row.kind === 'pair' || row.kind === 'overflow';
    if (isVersion && instant > 0) {
      yield [{ value: toWallSeconds(instant), sharedLabels: row.labels }];
    }
  }
}

/** Returns the metrics of how the endpoints of the versions stand. */
function endpointFamilies({ columns }: Metrics, series: Series): readonly Family[] {
  return [
    {
      name: 'turnout_endpoints',
      help: 'Endpoints of a version: chosen, down by their checks, or left out for their failures.',
      type: 'gauge',
      labels: [...routeAndVersion, 'state'],
      read: series.listed(columns.endpoints, endpointStates, (state) => ({ state }), pairs),
    },
    {
      name: 'turnout_ejections_total',
      help: 'How often an endpoint was left out for its failures, by their kind.',
      type: 'counter',
      labels: [...routeAndVersion, 'reason'],
      read: series.listed(columns.ejections, troubles, (reason) => ({ reason }), pairs),
    },
    {
      name: 'turnout_version_panicking',
      help: '1 while all endpoints of a version are used because less than half of them are well.',
      type: 'gauge',
      labels: routeAndVersion,
      read: series.flag(columns.panicking, pairs),
    },
  ];
}

const states = ['active', 'drain', 'disabled'] as const;

function* requests(metrics: Metrics, shown: ShownRows): Iterable<readonly Sample[]> {
  const codes = [...metrics.codes.entries(), [codeColumns - 1, 'other'] as const];
  for (const row of shown.all()) {
    const samples: Sample[] = [];
    for (const [at, method] of methods.entries()) {
      for (const [column, code] of codes) {
        const value = shown.read(row, metrics.columns.requests + at * codeColumns + column);
        const foreseen = at === 0 && row.kind === 'pair' && foreseenLabels.has(code);
        if (value === 0 && !foreseen) continue;
        samples.push({ value, labels: { method, code }, sharedLabels: row.labels });
      }
    }
    yield samples;
  }
}

const foreseenLabels: ReadonlySet<string> = new Set(foreseenCodes.map(String));

function decisions(metrics: Metrics, series: Series): Family['read'] {
  const plain = series.listed(
    metrics.columns.decisions,
    decisionReasons,
    (reason) => ({ reason, audience: '' }),
    pairs,
  );
  const byAudience = series.named(metrics.audiences, (audience) => ({
    reason: 'audience',
    audience,
  }));
  return function* () {
    yield* plain();
    yield* byAudience();
  };
}

/** The version is not asked for: a route's units are looked for before one is chosen. */
function* unitSources(metrics: Metrics, series: Series): Iterable<readonly Sample[]> {
  for (const samples of series.named(metrics.unitSources, (source) => ({ source }))()) {
    yield samples.map(({ value, labels, sharedLabels }) => ({
      value,
      labels: { route: sharedLabels?.route ?? '', ...labels },
    }));
  }
}

type Share = (version: Version) => number;

function* ofVersions(
  metrics: Metrics,
  samplesOf: (version: Version, share: Share) => readonly Sample[],
): Iterable<readonly Sample[]> {
  const rows = metrics.rows.all();
  const told = new Set<number>();
  for (const route of metrics.inForce().snapshot?.routes ?? []) {
    const { split } = route;
    const share: Share = (version) => {
      const weight = split.weights[split.versions.indexOf(version)] ?? 0;
      return weight === 0 ? 0 : weight / split.totalWeight;
    };
    for (const version of route.versions) {
      const row = rows[version.row];
      // Routes that are counted as one split alike: one of them speaks for all.
      if (row?.named !== true || told.has(version.row)) continue;
      told.add(version.row);
      const names = { route: row.route, version: row.version };
      yield samplesOf(version, share).map((s) => ({ ...s, labels: { ...names, ...s.labels } }));
    }
  }
}
