import { hash } from 'node:crypto';
import type { TunnelEnd } from '#core/exchange/labels';
import type { Observed } from '#core/exchange/observed';
import type { Refusal } from '#core/http1/refusal';
import { switchRefusal } from '#core/websocket/handshake';
import type { Client } from './client.ts';
import type { NodeBytes } from './node-bytes.ts';
import type { Shared } from './shared.ts';
import { Tunnel, type TunnelUser } from './tunnel.ts';
import type { Upstream } from './upstream.ts';

/** The exchange of a request that asks for a WebSocket. */
export interface Upgraded extends Observed {
  endedAt: number;
  /** Where it is counted. */
  readonly row: number;
  /** The head scanned last is on its way to the client. */
  head(upstream: Upstream): void;
  /** Its tunnel has ended, and was counted. */
  tunnelOver(): void;
  bug(error: unknown): void;
}

/** A request's wish for a WebSocket, and what has come of it. */
export class Upgrade implements TunnelUser {
  /** Undefined before the 101, and when all is over. */
  tunnel: Tunnel | undefined;
  readonly #key: string;
  readonly #exchange: Upgraded;
  readonly #client: Client;
  readonly #shared: Shared;

  constructor(key: string, exchange: Upgraded, client: Client, shared: Shared) {
    this.#key = key;
    this.#exchange = exchange;
    this.#client = client;
    this.#shared = shared;
  }

  /**
   * The head scanned last is a 101. Passes it on and opens the tunnel, into which goes what
   * follows in these bytes; or returns why it is refused.
   */
  switched(upstream: Upstream, bytes: NodeBytes, start: number, end: number): Refusal | undefined {
    const exchange = this.#exchange;
    const { deadlines, ports, responseHead, tunnels } = this.#shared;
    const { route, assignment } = exchange;
    const { version } = assignment;
    if (route === undefined || version === undefined) return 'unasked_switch';
    const refusal = switchRefusal(responseHead, this.#key, sha1);
    if (refusal !== undefined) return refusal;
    exchange.head(upstream);
    this.#client.out.flush();
    exchange.endedAt = exchange.respondedAt;
    ports.switched(exchange, exchange.row);
    const { wire, early } = this.#client.handOver();
    const tunnel = new Tunnel(wire, upstream.wire, route.timeouts.idleMs, this, deadlines.now);
    this.tunnel = tunnel;
    tunnels.add(tunnel, { route: route.name, version: version.name }, deadlines.now);
    tunnel.begin(early, bytes, start, end);
    return undefined;
  }

  tunnelled(bytesIn: number, bytesOut: number): void {
    this.#shared.ports.tunnelled(this.#exchange.row, bytesIn, bytesOut);
  }

  tunnelOver(end: TunnelEnd): void {
    if (this.tunnel !== undefined) this.#shared.tunnels.delete(this.tunnel);
    this.tunnel = undefined;
    this.#shared.ports.tunnelEnded(this.#exchange.row, end);
    this.#exchange.tunnelOver();
  }

  bug(error: unknown): void {
    this.#exchange.bug(error);
  }
}

function sha1(text: string): string {
  return hash('sha1', text, 'base64');
}
