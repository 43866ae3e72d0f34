import { createHmac, randomFillSync } from 'node:crypto';
import { cidrSet } from '#core/address/cidr-set';
import type { Keys } from '../cli/keys.ts';
import type { Settings } from '../cli/settings.ts';
import type { FleetPorts } from '../proxy/fleet-ports.ts';
import type { Ports } from '../proxy/ports.ts';
import { watchStrain } from '../proxy/strain.ts';
import type { UpstreamContexts } from '../proxy/upstream-contexts.ts';
import type { Tally } from '../rollout/tally.ts';
import { countMirrored } from './count-mirrored.ts';
import { messageOf, stackOf } from './errors.ts';
import type { TrafficParts } from './traffic.ts';

/** Returns what the proxy needs from the rest of a process that carries traffic. */
export function trafficPorts(
  { settings, keys, metrics, log, now }: TrafficParts,
  contexts: UpstreamContexts,
  endpoints: FleetPorts,
  tally: Tally,
): Ports {
  const [signing] = keys.keys();
  return {
    ...endpoints,
    began: (row) => metrics.inFlight(row, 1),
    moved: (from, to) => {
      metrics.inFlight(from, -1);
      metrics.inFlight(to, 1);
    },
    sent: (row, at) => metrics.sent(row, at),
    held: (row, change) => metrics.held(row, change),
    ended: (observed, row) => {
      metrics.inFlight(row, -1);
      metrics.observe(observed);
      tally.observe(observed);
    },
    switched: (observed, row) => {
      metrics.observe(observed);
      tally.observe(observed);
      metrics.tunnelOpened(row);
    },
    tunnelled: (row, bytesIn, bytesOut) => metrics.tunnelled(row, bytesIn, bytesOut),
    tunnelEnded: (row, end) => {
      metrics.inFlight(row, -1);
      metrics.tunnelEnded(row, end, now());
    },
    refused: (code) => metrics.refused(code),
    contextFor: (endpoint) => contexts.contextFor(endpoint),
    handshakeFailed: (reason) => metrics.handshakeFailed(reason),
    connections: (side, change) => metrics.connection(side, change),
    bug: (error) => {
      metrics.bug();
      log.event('error', 'bug_caught', messageOf(error), { stack: stackOf(error) });
    },
    failed: ({ route, assignment, failure, status }, detail) =>
      log.event('debug', 'exchange_failed', detail, {
        failure,
        status,
        route: route?.name,
        version: assignment.version?.name,
      }),
    faulted: (row, kind) => metrics.faultInjected(row, kind),
    mirrored: (copy) => countMirrored(metrics, tally, copy),
    strain: watchStrain(sharers(settings)),
    shedding: (level) => {
      metrics.shedding(level);
      log.event('warn', 'load_shed', `sheds ${level}`, { level });
    },
    now,
    trusts: cidrSet(settings.trustedProxies),
    assign: {
      random: Math.random,
      epochMs: Date.now,
      newUnit: unitIds(),
      mac: (id, text) => macOf(keys, id, text),
      ...(signing === undefined ? {} : { stickyKeyId: signing }),
    },
  };
}

/** How many processes live of the same memory: workers have a primary. */
function sharers({ workers }: Settings): number {
  return workers === 1 ? 1 : workers + 1;
}

function macOf(keys: Keys, id: string, text: string): string | undefined {
  const key = keys.get(id);
  return key && createHmac('sha256', key).update(text).digest('base64url');
}

/** Returns 128 random bits as hex digits at each call: from a pool, which is ten times as fast. */
function unitIds(): () => string {
  const pool = Buffer.alloc(4_096);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    at += 16;
    return pool.toString('hex', at - 16, at);
  };
}
