import type { Leaving, RouteStatus, VersionStatus } from './status.ts';

/** How a route stands on one replica. */
export interface StatusOn {
  readonly status: RouteStatus;
  /** It moves the rollouts, and so knows what the judge says. */
  readonly isLeader: boolean;
}

/**
 * Returns how a route stands on all replicas together, in the words of the first. `of`: how many there
 * are, answered or not. Counts add up; what the judge says is the leader's.
 */
export function mergeStatus(first: StatusOn, others: readonly StatusOn[], of: number): RouteStatus {
  const all = [first, ...others];
  const leader = all.find(({ isLeader }) => isLeader);
  const own = first.status.rollout;
  const leaders = leader?.status.rollout;
  const rollout = own !== undefined && leaders?.release === own.release ? leaders : own;
  const versions = first.status.versions.map((version) => {
    const elsewhere = others.flatMap(({ status }) =>
      status.versions.filter((one) => one.version === version.version),
    );
    return mergeVersion(version, elsewhere, of);
  });
  return { ...first.status, rollout, versions };
}

function mergeVersion(
  first: VersionStatus,
  others: readonly VersionStatus[],
  of: number,
): VersionStatus {
  const all = [first, ...others];
  const sum = (part: (version: VersionStatus) => number) =>
    all.reduce((total, version) => total + part(version), 0);
  return {
    ...first,
    requests: sum(({ requests }) => requests),
    failures: sum(({ failures }) => failures),
    inFlight: sum(({ inFlight }) => inFlight),
    leaving: first.leaving && mergeLeaving(first.leaving, all, of),
  };
}

/** A replica that knows of no departure may still send something. */
function mergeLeaving(first: Leaving, all: readonly VersionStatus[], of: number): Leaving {
  const leaving = all.flatMap((version) => version.leaving ?? []);
  const inFlight = all.reduce((sum, version) => sum + version.inFlight, 0);
  const ended = latest(leaving.map(({ lastEndedAt }) => lastEndedAt));
  return {
    decidedAt: Math.min(...leaving.map(({ decidedAt }) => decidedAt)),
    inForceAt: Math.max(...leaving.map(({ inForceAt }) => inForceAt)),
    lastSentAt: latest(leaving.map(({ lastSentAt }) => lastSentAt)),
    lastEndedAt: inFlight > 0 ? undefined : (ended ?? first.lastEndedAt),
    inFlight,
    sentSince: leaving.reduce((sum, { sentSince }) => sum + sentSince, 0),
    replicas: { inForce: leaving.length, heard: all.length, of },
  };
}

function latest(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
