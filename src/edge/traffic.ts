import type { Snapshot } from '#core/snapshot/snapshot';
import type { Address } from '../cli/address.ts';
import type { Keys } from '../cli/keys.ts';
import type { TrafficAddress } from '../cli/ports.ts';
import type { Settings } from '../cli/settings.ts';
import type { Certificates } from '../proxy/certificates.ts';
import { Listener } from '../proxy/listener.ts';
import { defaultLimits, type Limits } from '../proxy/ports.ts';
import type { ServedCertificates } from '../proxy/served-certificates.ts';
import type { Tally } from '../rollout/tally.ts';
import type { Log } from '../telemetry/log.ts';
import type { Cause, Metrics } from '../telemetry/metrics.ts';
import type { CertificateFacts } from '../telemetry/process-families.ts';
import { endpointPorts } from './endpoint-ports.ts';
import { mostConnections, warnOfFewer } from './open-files.ts';
import {
  certificateFacts,
  certificatesOf,
  servedCertificates,
  type TlsFiles,
  upstreamContexts,
} from './tls-files.ts';
import { trafficPorts } from './traffic-ports.ts';

export interface TrafficParts {
  readonly settings: Settings;
  readonly keys: Keys;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly tlsFiles: TlsFiles;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** What carries traffic in this process. */
export interface Traffic {
  /** Reads the files that a snapshot names. Returns what is wrong with them, a sentence each. */
  readonly prepare: (snapshot: Snapshot) => Promise<readonly string[]>;
  /** Puts a snapshot in force for all later exchanges. */
  readonly swap: (snapshot: Snapshot, cause: Cause) => void;
  /**
   * Opens the ports, or those that another process has bound, in the order of `portsOf`. Rejects
   * where one cannot be had, or a certificate is not good.
   */
  readonly listen: (fds?: readonly number[]) => Promise<readonly TrafficAddress[]>;
  /** What is known of the certificates of both sides. */
  readonly certificates: () => readonly CertificateFacts[];
  /** How the versions of a route stand, or of all. */
  readonly versions: Listener['versions'];
  /** Ends so many connections with their next answer. */
  readonly letGo: (connections: number) => void;
  /** Finishes what is begun; returns how many exchanges had to be cut. */
  readonly drain: Listener['drain'];
  /** Cuts everything at once. */
  readonly close: () => void;
}

/** Returns what carries traffic in this process. `tally`: counts it for the judge. */
export function trafficHere(parts: TrafficParts, tally: Tally): Traffic {
  const { settings, metrics, log, tlsFiles } = parts;
  const wished = share(settings, settings.maxConnections);
  const contexts = upstreamContexts(log, tlsFiles);
  const served = servedCertificates(settings, log, tlsFiles);
  const endpoints = endpointPorts({ metrics, log, contexts, admin: settings.admin });
  const limits = { ...limitsOf(settings), maxConnections: mostConnections(wished) };
  const proxy = new Listener(trafficPorts(parts, contexts, endpoints, tally), {
    reading: 'borrowed',
    limits,
  });
  const closeOthers = () => {
    endpoints.close();
    contexts.close();
    served?.close();
  };
  return {
    prepare: (snapshot) => contexts.prepare(snapshot),
    swap: (snapshot, cause) => {
      metrics.swapped(snapshot, cause);
      tally.swapped(snapshot);
      proxy.swap(snapshot);
      contexts.retain(snapshot);
    },
    listen: (fds) => {
      warnOfFewer(log, wished, limits.maxConnections);
      return listen(proxy, settings, served, fds);
    },
    certificates: () => certificateFacts(served, contexts),
    versions: (route) => proxy.versions(route),
    letGo: (connections) => proxy.letGo(connections),
    drain: async (times) => {
      const drained = await proxy.drain(times);
      closeOthers();
      return drained;
    },
    close: () => {
      proxy.close();
      closeOthers();
    },
  };
}

export interface Port {
  readonly at: Address;
  readonly scheme: TrafficAddress['scheme'];
}

/** With certificates the one port speaks TLS, unless that has a port of its own. */
export function portsOf({ listen, tlsListen, tlsCertFiles }: Settings): readonly Port[] {
  if (tlsListen === undefined) {
    return [{ at: listen, scheme: tlsCertFiles.length === 0 ? 'http' : 'https' }];
  }
  return [
    { at: listen, scheme: 'http' },
    { at: tlsListen, scheme: 'https' },
  ];
}

async function listen(
  proxy: Listener,
  settings: Settings,
  served: ServedCertificates | undefined,
  fds: readonly number[] = [],
): Promise<readonly TrafficAddress[]> {
  const certificates: Certificates | undefined = served && (await certificatesOf(served));
  const opened: TrafficAddress[] = [];
  for (const [index, { at, scheme }] of portsOf(settings).entries()) {
    const shown = scheme === 'https' ? certificates : undefined;
    const { address, port } = await proxy.listen({ ...at, fd: fds[index], certificates: shown });
    opened.push({ scheme, host: address, port });
  }
  return opened;
}

/** What limits all workers together is divided among them. */
function share({ workers }: Settings, most: number): number {
  return Math.ceil(most / workers);
}

function limitsOf(settings: Settings): Limits {
  return {
    ...defaultLimits,
    ...settings.limits,
    processes: settings.workers,
    maxHeld: share(settings, defaultLimits.maxHeld),
    strain: { ...defaultLimits.strain, maxLoopDelayMs: settings.maxLoopDelayMs },
  };
}
