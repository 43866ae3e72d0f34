import type { VersionView } from './version-view.ts';

/**
 * Returns how many endpoints of a version are ready for traffic: all processes have them, find them
 * well and have seen a check pass where there are checks. None is where all processes that carry
 * traffic have lately failed to connect to any, or where all that its service has left terminates.
 */
export function readyEndpoints({ endpoints, ...version }: VersionView): number {
  const { processes, reachable, terminating } = version;
  if (reachable === 0 || terminating > 0) return 0;
  const isReady = ({ seen, proven }: VersionView['endpoints'][number]) =>
    seen.healthy >= processes && proven >= processes;
  return endpoints.filter(isReady).length;
}
