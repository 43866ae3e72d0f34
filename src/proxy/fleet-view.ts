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
    processes: 1,
    reachable: fleet.mayBeReachable ? 1 : 0,
    terminating: fleet.isTerminating ? 1 : 0,
    trouble: fleet.trouble(),
    endpoints: lineUp.members.map((member) => endpointView(member, fleet)),
  };
}

function endpointView({ pool, state, hasPassed }: Member, { rules }: Fleet): EndpointView {
  const { endpoint, address, inFlight, connections } = pool;
  const seen = { healthy: 0, unhealthy: 0, ejected: 0, [state]: 1 };
  return {
    url: `${endpoint.protocol}://${endpoint.authority}`,
    address,
    seen,
    proven: hasPassed || rules.health === undefined ? 1 : 0,
    inFlight,
    connections,
  };
}
