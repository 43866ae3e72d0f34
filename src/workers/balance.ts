/** What is looked at of a worker. */
export interface Load {
  /** Share of the time in which its event loop is busy, 0 to 1. */
  readonly busyShare: number;
  readonly connections: number;
}

/** Below this a worker has time for whatever comes. */
const busyFrom = 0.3;
/** How much busier than the mean is no accident. */
const busierBy = 1.25;

/**
 * Returns how many connections each worker should let go, so that their clients come again to
 * whoever has time.
 *
 * The kernel gives a new connection to the worker that is first to take it, and connections that
 * are kept stay where they are: a burst may leave one worker with all the work. Half of what is
 * too much goes at a time, because what it does is seen only a second later.
 */
export function tooMany(loads: readonly Load[]): readonly number[] {
  const mean = loads.reduce((sum, { busyShare }) => sum + busyShare, 0) / loads.length;
  return loads.map(({ busyShare, connections }) => {
    if (busyShare < busyFrom || busyShare < mean * busierBy) return 0;
    return Math.ceil((connections * (1 - mean / busyShare)) / 2);
  });
}
