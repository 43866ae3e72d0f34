import type { VersionView } from '#core/endpoints/version-view';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { DrainTimes } from '../cli/ports.ts';
import type { TallyIncrement } from '../rollout/increment.ts';
import type { Cause } from '../telemetry/metrics.ts';
import { noWorkers, type WorkerFacts } from '../telemetry/worker-families.ts';
import type { WorkerStatus } from '../workers/status.ts';
import { tallyHere } from './tally-here.ts';
import { type Traffic, type TrafficParts, trafficHere } from './traffic.ts';

/** How the workers stand; there are none where one process serves alone. */
export interface Workers extends WorkerFacts {
  readonly status: () => readonly WorkerStatus[];
}

/** Who judges: is told what all who carry traffic have counted for that. */
export interface Tallies {
  readonly onIncrement: (increment: TallyIncrement) => void;
  /** A candidate has failed, and what was counted so far has been told. */
  readonly onUrgent: () => void;
}

/** What carries the traffic of a Turnout: its one process, or its workers. */
export interface Carrier extends Pick<Traffic, 'prepare' | 'certificates' | 'close'> {
  /** Puts a snapshot in force for all later exchanges, everywhere at once. */
  readonly swap: (snapshot: Snapshot, cause: Cause) => void | Promise<void>;
  /** Opens the ports. Rejects where one cannot be had, or a certificate is not good. */
  readonly listen: () => ReturnType<Traffic['listen']>;
  /** Whether anybody accepts connections. */
  readonly isListening: () => boolean;
  /** How the versions of a route stand, or of all, over all workers. */
  readonly versions: (route?: string) => Promise<readonly VersionView[]>;
  /** Resolves when the counts are up to date, those for the judge too. */
  readonly collect: () => Promise<void>;
  readonly workers: Workers;
  /** Resolves with the reason where it cannot go on. */
  readonly broken: Promise<string>;
  readonly drain: (times: DrainTimes) => ReturnType<Traffic['drain']>;
}

/** Returns a carrier that is this process. */
export function carrierAlone(parts: TrafficParts, tallies: Tallies): Carrier {
  const tell = () => {
    for (const increment of tally.take()) tallies.onIncrement(increment);
  };
  const tally = tallyHere(() => {
    tell();
    tallies.onUrgent();
  });
  const traffic = trafficHere(parts, tally);
  let isListening = false;
  return {
    ...traffic,
    listen: async () => {
      const addresses = await traffic.listen();
      isListening = true;
      return addresses;
    },
    isListening: () => isListening,
    versions: async (route) => traffic.versions(route),
    collect: async () => tell(),
    workers: { ...noWorkers, status: () => [] },
    broken: new Promise(() => {}),
    drain: ({ delayMs, timeoutMs }) => {
      const acceptUntil = new Promise((resolve) => setTimeout(resolve, delayMs));
      return traffic.drain({ acceptUntil, timeoutMs });
    },
  };
}
