import type { Snapshot } from '#core/snapshot/snapshot';
import type { Keys } from '../cli/keys.ts';
import type { DrainTimes } from '../cli/ports.ts';
import type { Settings } from '../cli/settings.ts';
import { Listener } from '../proxy/listener.ts';
import { defaultLimits } from '../proxy/ports.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { mostConnections } from './open-files.ts';
import { trafficPorts } from './traffic-ports.ts';

/** Where traffic comes in. */
export interface TrafficAddress {
  readonly address: string;
  readonly port: number;
}

/** What carries the traffic. */
export interface Traffic {
  /** Puts a snapshot in force for all later exchanges. */
  readonly swap: (snapshot: Snapshot) => void;
  /** Opens the port. Rejects where it cannot be had. */
  readonly listen: () => Promise<TrafficAddress>;
  /** Finishes what is begun; returns how many exchanges had to be cut. */
  readonly drain: (times: DrainTimes) => Promise<{ readonly cut: number }>;
  /** Cuts everything at once. */
  readonly close: () => void;
}

export interface TrafficParts {
  readonly settings: Settings;
  readonly keys: Keys;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Returns what carries the traffic in this process. */
export function trafficHere({ settings, keys, metrics, log }: TrafficParts): Traffic {
  const listen = {
    ...settings.listen,
    reading: 'borrowed',
    limits: {
      ...defaultLimits,
      ...settings.limits,
      maxConnections: mostConnections(settings.maxConnections, log),
      strain: { ...defaultLimits.strain, maxLoopDelayMs: settings.maxLoopDelayMs },
    },
  } as const;
  const proxy = new Listener(trafficPorts(settings, keys, { metrics, log }), listen);
  return {
    swap: (snapshot) => {
      metrics.swapped(snapshot, 'document');
      proxy.retain(endpointKeys(snapshot));
    },
    listen: () => proxy.listen(listen),
    drain: ({ delayMs, timeoutMs }) => {
      const acceptUntil = new Promise((resolve) => setTimeout(resolve, delayMs));
      return proxy.drain({ acceptUntil, timeoutMs });
    },
    close: () => proxy.close(),
  };
}

function endpointKeys(snapshot: Snapshot): ReadonlySet<string> {
  const versions = snapshot.routes.flatMap((route) => route.versions);
  return new Set(versions.flatMap(({ endpoints }) => endpoints.map(({ key }) => key)));
}
