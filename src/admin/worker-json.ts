import type { WorkerStatus } from './ports.ts';

/** Returns a worker as the API shows it. */
export function workerJson({ vitals, servedMs, ...worker }: WorkerStatus) {
  return {
    ...worker,
    servedSeconds: Math.floor(servedMs / 1_000),
    ...(vitals === undefined
      ? {}
      : {
          connections: vitals.connections,
          busyShare: vitals.busyShare,
          residentBytes: vitals.residentBytes,
        }),
  } as const;
}
