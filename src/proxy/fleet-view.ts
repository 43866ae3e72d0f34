import type { EndpointView, VersionView } from '#core/endpoints/version-view';
import type { Fleet } from './fleet.ts';
import type { Member } from './member.ts';

/** Returns how a version stands, as this process sees it. */
export function viewOf(route: string, version: string, fleet: Fleet): VersionView {
  const { admission, lineUp } = fleet;
  return {
    route,
    version,
    inFlight: admission.inUse,
    waiting: admission.waiting,
    panicking: lineUp.isPanicking ? 1 : 0,
    trouble: fleet.trouble(),
    endpoints: lineUp.members.map(endpointView),
  };
}

function endpointView({ pool, state }: Member): EndpointView {
  const { endpoint, address, inFlight, connections } = pool;
  const seen = { healthy: 0, unhealthy: 0, ejected: 0, [state]: 1 };
  return {
    url: `${endpoint.protocol}://${endpoint.authority}`,
    address,
    seen,
    inFlight,
    connections,
  };
}
