import type { Vitals } from './messages.ts';

/** Returns what tells how it goes with this process, at each call since the last one. */
export function vitalsOf(connections: () => number): () => Vitals {
  let before = performance.eventLoopUtilization();
  return () => {
    const { utilization } = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    const { user, system } = process.cpuUsage();
    return {
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
      busyShare: utilization,
      connections: connections(),
    };
  };
}
