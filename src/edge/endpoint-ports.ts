import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { NameTrouble } from '#core/exchange/labels';
import type { Address } from '../cli/address.ts';
import { Checks } from '../endpoints/checks.ts';
import { Names, systemLookup } from '../endpoints/names.ts';
import type { FleetPorts } from '../proxy/fleet-ports.ts';
import type { UpstreamContexts } from '../proxy/upstream-contexts.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface EndpointParts {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly contexts: UpstreamContexts;
  /** Where the own admin listener is; undefined: nowhere. */
  readonly admin: Address | undefined;
}

/** Returns what fleets get from outside, and what ends it. */
export function endpointPorts(parts: EndpointParts): FleetPorts & { readonly close: () => void } {
  const { metrics, log, contexts, admin } = parts;
  const names = new Names({
    lookup: systemLookup,
    random: Math.random,
    failed: (name, trouble, isNews) => {
      metrics.nameFailed(troubleOf(trouble));
      if (isNews) log.event('warn', 'name_failed', `${name}: ${trouble}`, { name, trouble });
    },
    recovered: (name) => log.event('info', 'name_recovered', `${name} has addresses`, { name }),
  });
  const checks = new Checks({
    random: Math.random,
    contextFor: (endpoint) => contexts.contextFor(endpoint),
    turned: ({ endpoint, address }, isUp, trouble) => {
      const facts = { endpoint: endpoint.key, address };
      if (isUp) log.event('info', 'endpoint_recovered', 'its checks are right again', facts);
      else log.event('warn', 'endpoint_failed', `its checks are wrong: ${trouble}`, facts);
    },
  });
  return {
    followName: (host, changed) => names.follow(host, changed),
    check: (target, changed, passed) => checks.watch(target, changed, passed),
    isAdmin: (address, port) => admin !== undefined && isListener(admin, address, port),
    endpoints: (row, state, change) => metrics.endpoints(row, state, change),
    panicking: (row, change) => metrics.panicking(row, change),
    ejected: (row, trouble, endpoint, forMs) => {
      metrics.ejected(row, trouble);
      const { route, version } = metrics.rows.all()[row] ?? {};
      log.event('warn', 'endpoint_ejected', `left out for ${forMs} ms`, {
        route,
        version,
        endpoint,
        reason: trouble,
      });
    },
    waiting: (row, change) => metrics.waiting(row, change),
    retried: (row, reason) => metrics.retried(row, reason),
    retryDenied: (row) => metrics.retryDenied(row),
    close: () => {
      names.close();
      checks.close();
    },
  };
}

const troubles: Readonly<Record<string, NameTrouble>> = {
  empty: 'empty',
  ENOTFOUND: 'not_found',
  ENODATA: 'not_found',
  EAI_AGAIN: 'unanswered',
  ETIMEOUT: 'unanswered',
};

function troubleOf(code: string): NameTrouble {
  return troubles[code] ?? 'other';
}

const anywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Whether a connection to an address would reach a listener of this process. */
function isListener(listener: Address, address: string, port: number): boolean {
  if (port !== listener.port) return false;
  if (address === listener.host || anywhere.has(address)) return true;
  // A name of a listener leads to some address of this machine.
  return (anywhere.has(listener.host) || isIP(listener.host) === 0) && isOwn(address);
}

function isOwn(address: string): boolean {
  if (/^127\.|^::1$/.test(address)) return true;
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((one) => one.address === address),
  );
}
