import type { SecureContext } from 'node:tls';
import type { HandshakeFailure } from '#core/exchange/handshake-failure';
import type { FaultKind, TunnelEnd } from '#core/exchange/labels';
import type { Observed } from '#core/exchange/observed';
import { type RequestLimits, requestLimits } from '#core/http1/request-head';
import type { ShedLevel } from '#core/overload/shed-level';
import type { AssignPorts } from '#core/routing/assign';
import type { Endpoint, Route, Version } from '#core/routing/route';
import type { FleetPorts } from './fleet-ports.ts';
import type { Mirrored } from './mirror-copy.ts';
import type { OverloadLimits } from './overload.ts';
import type { StrainGauge } from './strain.ts';

/** What the proxy needs from the rest of the process. */
export interface Ports extends FleetPorts {
  /** An exchange has begun on the row of its version, or of its route. */
  readonly began: (row: number) => void;
  /** An exchange under way is served by another version than it was assigned. */
  readonly moved: (from: number, to: number) => void;
  /** A connection was given a request, or a copy of one, at this instant. */
  readonly sent: (row: number, at: number) => void;
  /** An exchange waits for its version (+1), or does no longer (-1). */
  readonly held: (row: number, change: 1 | -1) => void;
  /** An exchange has ended. The object is reused: copy what is to stay. */
  readonly ended: (observed: Observed, row: number) => void;
  /** An exchange has become a tunnel: it is counted now, and stays in flight. Copy what is to stay. */
  readonly switched: (observed: Observed, row: number) => void;
  /** Bytes that a tunnel has passed, from the client and to it, since this was last said of it. */
  readonly tunnelled: (row: number, bytesIn: number, bytesOut: number) => void;
  /** A tunnel has ended, and its exchange is in flight no more. */
  readonly tunnelEnded: (row: number, end: TunnelEnd) => void;
  /** Bytes that were refused, by the code of the refusal. */
  readonly refused: (code: string) => void;
  /** A client and we did not agree on TLS. */
  readonly handshakeFailed: (reason: HandshakeFailure) => void;
  readonly connections: (side: 'downstream' | 'upstream', change: 1 | -1) => void;
  /** A fault of the proxy itself, caught on the way of a request. */
  readonly bug: (error: unknown) => void;
  /** Why an exchange failed, with the addresses that the client is not told. */
  readonly failed: (observed: Observed, detail: string) => void;
  /** What an https endpoint is spoken to with. */
  readonly contextFor: (endpoint: Endpoint) => SecureContext;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly assign: AssignPorts;
  /** How hard this process is at work. */
  readonly strain: StrainGauge;
  /** Trouble was made on purpose for an exchange. */
  readonly faulted: (row: number, kind: FaultKind) => void;
  /** The copy of a request is over. */
  readonly mirrored: (copy: Mirrored) => void;
  /** What is shed from now on has changed. */
  readonly shedding: (level: ShedLevel) => void;
  /** Whether an address is that of a trusted proxy. */
  readonly trusts: (address: string) => boolean;
}

export interface Limits {
  /** Sizes of a request's head. */
  readonly head: RequestLimits;
  /** Downstream connections; more are not accepted. */
  readonly maxConnections: number;
  /** So many processes share what the document limits. */
  readonly processes: number;
  /** Of one address; 0 for no limit. */
  readonly maxPerClient: number;
  readonly maxHeld: number;
  /** Requests on one downstream connection. */
  readonly maxRequests: number;
  /** Age at which a downstream connection ends with its next answer, give or take a tenth; 0: none. */
  readonly maxAgeMs: number;
  /** For TLS to be agreed. */
  readonly handshakeMs: number;
  readonly headMs: number;
  readonly bodyMs: number;
  readonly writeMs: number;
  readonly keepAliveMs: number;
  readonly lingerMs: number;
  readonly strain: OverloadLimits;
}

export const defaultLimits: Limits = {
  head: requestLimits,
  maxConnections: 10_000,
  processes: 1,
  maxPerClient: 0,
  maxHeld: 1_000,
  maxRequests: 10_000,
  maxAgeMs: 3_600_000,
  handshakeMs: 5_000,
  headMs: 10_000,
  bodyMs: 30_000,
  writeMs: 60_000,
  keepAliveMs: 75_000,
  lingerMs: 2_000,
  strain: { lookMs: 1_000, maxLoopDelayMs: 100, maxMemoryShare: 0.9 },
};

/** Row of the counters of exchanges that no route took. */
export function rowOf(route: Route | undefined, version: Version | undefined): number {
  return version?.row ?? route?.row ?? 0;
}
