import type { EndpointState } from '#core/exchange/labels';

/** How an address of a version stands, for who wants to look. */
export interface EndpointView {
  /** As the document names it, without what its TLS settings are. */
  readonly url: string;
  /** What that is, or stands for. */
  readonly address: string;
  /** How many processes see it so: one, or some of the workers. */
  readonly seen: Readonly<Record<EndpointState, number>>;
  /** In how many processes a check has passed, or nothing checks it. */
  readonly proven: number;
  /** Requests that are with it, of whatever version. */
  readonly inFlight: number;
  /** Open connections to it. */
  readonly connections: number;
}

/** How a version stands. */
export interface VersionView {
  readonly route: string;
  readonly version: string;
  /** Requests that are with it, and that wait for a connection. */
  readonly inFlight: number;
  readonly waiting: number;
  /** So few endpoints are well that all are used: in how many processes. */
  readonly panicking: number;
  /** How many processes see it, and in how many nothing says that no connection can be made. */
  readonly processes: number;
  readonly reachable: number;
  /** All endpoints of its service are terminating: in how many processes. */
  readonly terminating: number;
  /** Why there are fewer endpoints than the document names; '' if there is no reason. */
  readonly trouble: string;
  readonly endpoints: readonly EndpointView[];
}

/** Returns what several processes see, as one: everything is added up. */
export function addUp(views: readonly (readonly VersionView[])[]): readonly VersionView[] {
  const versions = new Map<string, VersionView>();
  for (const view of views.flat()) {
    const key = JSON.stringify([view.route, view.version]);
    const before = versions.get(key);
    versions.set(key, before === undefined ? view : sumOf(before, view));
  }
  return [...versions.values()];
}

function sumOf(one: VersionView, other: VersionView): VersionView {
  const endpoints = new Map<string, EndpointView>();
  for (const endpoint of [...one.endpoints, ...other.endpoints]) {
    const key = JSON.stringify([endpoint.url, endpoint.address]);
    const before = endpoints.get(key);
    endpoints.set(key, before === undefined ? endpoint : sumOfEndpoints(before, endpoint));
  }
  return {
    ...one,
    inFlight: one.inFlight + other.inFlight,
    waiting: one.waiting + other.waiting,
    panicking: one.panicking + other.panicking,
    processes: one.processes + other.processes,
    reachable: one.reachable + other.reachable,
    terminating: one.terminating + other.terminating,
    trouble: one.trouble || other.trouble,
    endpoints: [...endpoints.values()],
  };
}

function sumOfEndpoints(one: EndpointView, other: EndpointView): EndpointView {
  return {
    ...one,
    seen: {
      healthy: one.seen.healthy + other.seen.healthy,
      unhealthy: one.seen.unhealthy + other.seen.unhealthy,
      ejected: one.seen.ejected + other.seen.ejected,
    },
    proven: one.proven + other.proven,
    inFlight: one.inFlight + other.inFlight,
    connections: one.connections + other.connections,
  };
}
