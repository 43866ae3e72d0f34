import type { Snapshot } from '#core/snapshot/snapshot';
import type { Address } from '../cli/address.ts';
import type { Keys } from '../cli/keys.ts';
import type { DrainTimes, TrafficAddress } from '../cli/ports.ts';
import type { Settings } from '../cli/settings.ts';
import type { Certificates } from '../proxy/certificates.ts';
import { Listener } from '../proxy/listener.ts';
import { defaultLimits } from '../proxy/ports.ts';
import type { ServedCertificates } from '../proxy/served-certificates.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { CertificateFacts } from '../telemetry/process-families.ts';
import { mostConnections } from './open-files.ts';
import {
  certificateFacts,
  certificatesOf,
  servedCertificates,
  upstreamContexts,
} from './tls-files.ts';
import { trafficPorts } from './traffic-ports.ts';

/** What carries the traffic. */
export interface Traffic {
  /** Reads the files that a snapshot names. Returns what is wrong with them, a sentence each. */
  readonly prepare: (snapshot: Snapshot) => Promise<readonly string[]>;
  /** Puts a snapshot in force for all later exchanges. */
  readonly swap: (snapshot: Snapshot) => void;
  /** Opens the ports. Rejects where one cannot be had, or a certificate is not good. */
  readonly listen: () => Promise<readonly TrafficAddress[]>;
  /** What is known of the certificates of both sides. */
  readonly certificates: () => readonly CertificateFacts[];
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
  /** Files for which a document was refused are good now. */
  readonly mended: () => void;
}

/** Returns what carries the traffic in this process. */
export function trafficHere({ settings, keys, metrics, log, mended }: TrafficParts): Traffic {
  const contexts = upstreamContexts(log, mended);
  const served = servedCertificates(settings, log);
  const proxy = new Listener(trafficPorts(settings, keys, { metrics, log, contexts }), {
    reading: 'borrowed',
    limits: {
      ...defaultLimits,
      ...settings.limits,
      maxConnections: mostConnections(settings.maxConnections, log),
      strain: { ...defaultLimits.strain, maxLoopDelayMs: settings.maxLoopDelayMs },
    },
  });
  const closeFiles = () => {
    contexts.close();
    served?.close();
  };
  return {
    prepare: (snapshot) => contexts.prepare(snapshot),
    swap: (snapshot) => {
      metrics.swapped(snapshot, 'document');
      proxy.retain(endpointKeys(snapshot));
      contexts.retain(snapshot);
    },
    listen: () => listen(proxy, settings, served),
    certificates: () => certificateFacts(served, contexts),
    drain: async ({ delayMs, timeoutMs }) => {
      const acceptUntil = new Promise((resolve) => setTimeout(resolve, delayMs));
      const drained = await proxy.drain({ acceptUntil, timeoutMs });
      closeFiles();
      return drained;
    },
    close: () => {
      proxy.close();
      closeFiles();
    },
  };
}

/** With certificates the one port speaks TLS, unless that has a port of its own. */
async function listen(
  proxy: Listener,
  settings: Settings,
  served: ServedCertificates | undefined,
): Promise<readonly TrafficAddress[]> {
  const certificates = served && (await certificatesOf(served));
  const open = async (at: Address, shown: Certificates | undefined): Promise<TrafficAddress> => {
    const { address, port } = await proxy.listen({ ...at, certificates: shown });
    return { scheme: shown === undefined ? 'http' : 'https', host: address, port };
  };
  const { tlsListen } = settings;
  if (tlsListen === undefined) return [await open(settings.listen, certificates)];
  return [await open(settings.listen, undefined), await open(tlsListen, certificates)];
}

function endpointKeys(snapshot: Snapshot): ReadonlySet<string> {
  const versions = snapshot.routes.flatMap((route) => route.versions);
  return new Set(versions.flatMap(({ endpoints }) => endpoints.map(({ key }) => key)));
}
