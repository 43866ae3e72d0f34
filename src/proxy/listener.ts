import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { VersionView } from '#core/endpoints/version-view';
import type { Snapshot } from '#core/snapshot/snapshot';
import { acceptConnections, type ReadingBy } from './borrowed-reads.ts';
import type { Certificates } from './certificates.ts';
import { ClientCounts } from './client-counts.ts';
import { Downstream } from './downstream.ts';
import { Handshake } from './handshake.ts';
import type { Limits, Ports } from './ports.ts';
import { beginSecurely } from './secure-wire.ts';
import { newShared, type Shared } from './shared.ts';
import { SocketWire } from './socket-wire.ts';
import type { Wire } from './wire.ts';

export interface ListenerOptions {
  readonly limits: Limits;
  readonly reading: ReadingBy;
}

export interface ListenAt {
  readonly host: string;
  readonly port: number;
  /** Where another process has bound the port for this one. */
  readonly fd?: number | undefined;
  /** With them this port speaks TLS and nothing else. */
  readonly certificates?: Certificates | undefined;
}

export interface DrainOptions {
  /** Until when connections are still accepted: endpoints leave after the signal. */
  readonly acceptUntil: Promise<unknown>;
  /** When what is left is cut, from the beginning of the drain. */
  readonly timeoutMs: number;
}

/** How long the queue of a port that is about to close may go on filling up. */
const lastAcceptsMs = 1_000;

/** The ports of the traffic and all connections behind them. */
export class Listener {
  readonly #servers: net.Server[] = [];
  readonly #shared: Shared;
  readonly #open = new Set<Downstream | Handshake>();
  readonly #clients: ClientCounts;
  #accepted = 0;
  #emptied: (() => void) | undefined;

  constructor(ports: Ports, options: ListenerOptions) {
    this.#clients = new ClientCounts(options.limits.maxPerClient);
    this.#shared = newShared(ports, options.limits, options.reading);
  }

  /**
   * Opens a port; tells also how connections are read, which may not be as wished. Rejects
   * as `net.Server` does: EADDRINUSE, EACCES.
   */
  async listen({
    host,
    port,
    fd,
    certificates,
  }: ListenAt): Promise<AddressInfo & { readonly reading: ReadingBy }> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      const at = fd === undefined ? { host, port } : { fd };
      server.listen({ ...at, backlog: 4_096 }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#shared.ports.bug(error));
        resolve();
      });
    });
    const inUse = this.#take(server, certificates);
    // A traffic listener always has a port, never a path.
    return { ...(server.address() as AddressInfo), reading: inUse };
  }

  #take(server: net.Server, certificates: Certificates | undefined): ReadingBy {
    const { reading } = this.#shared;
    if (certificates === undefined) {
      return acceptConnections(server, (wire) => this.#accept(wire), reading);
    }
    server.on('connection', (socket) => this.#shakeHands(socket, certificates));
    return reading;
  }

  /** Puts a snapshot in force for all later exchanges; the first one before the port is opened. */
  swap(snapshot: Snapshot): void {
    this.#shared.inForce = this.#shared.fleets.swap(snapshot);
    this.#shared.waiting.swapped();
    this.#shared.tunnels.leave(snapshot, this.#shared.deadlines.now);
  }

  /** So many connections end with their next answer, the oldest first: their clients come anew. */
  letGo(connections: number): void {
    let left = connections;
    for (const downstream of this.#open) {
      if (left === 0) break;
      if (downstream.letGo()) left--;
    }
  }

  /** Returns how the versions of a route stand, or of all. */
  versions(route?: string): readonly VersionView[] {
    return this.#shared.fleets.view(route);
  }

  /**
   * Ends well: every answer from now on ends its connection, but connections are accepted
   * until `acceptUntil`; then what waits for a version is told to go, and what is left at
   * `timeoutMs` is cut. Returns how many exchanges were cut. A connection that is idle stays
   * until it is used once more: closing it could cross with a request that is on its way.
   */
  async drain({ acceptUntil, timeoutMs }: DrainOptions): Promise<{ readonly cut: number }> {
    this.#shared.isDraining = true;
    const cutting = after(timeoutMs);
    const { now } = this.#shared.ports;
    const cutAt = now() + timeoutMs;
    await Promise.race([acceptUntil, cutting.promise]);
    await this.#closePort();
    this.#shared.isClosed = true;
    for (const downstream of this.#open) downstream.drain();
    this.#shared.tunnels.drain(now(), cutAt);
    await Promise.race([this.#whenEmpty(), cutting.promise]);
    cutting.cancel();
    return { cut: this.#cutAll() };
  }

  /**
   * Closes the port when nobody waits at it: the kernel resets whoever is in the queue of a
   * port that closes, with a request perhaps already sent. A turn of the loop accepts one
   * connection, if there is one; the first of two may have looked before we began to.
   */
  async #closePort(): Promise<void> {
    const { now } = this.#shared.ports;
    const until = now() + lastAcceptsMs;
    let before: number;
    do {
      before = this.#accepted;
      await turn();
      await turn();
    } while (this.#accepted > before && now() < until);
    this.#stopAccepting();
  }

  /** Cuts everything at once. Returns how many exchanges were under way. */
  close(): { readonly cut: number } {
    this.#stopAccepting();
    return { cut: this.#cutAll() };
  }

  #stopAccepting(): void {
    for (const server of this.#servers) server.close();
  }

  #cutAll(): number {
    let cut = 0;
    for (const downstream of this.#open) if (downstream.cut()) cut++;
    this.#shared.fleets.close();
    this.#shared.pools.closeIdle();
    this.#shared.deadlines.close();
    this.#shared.overload.close();
    this.#shared.mirrors.close();
    return cut;
  }

  #whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#open.size === 0) resolve();
      else this.#emptied = resolve;
    });
  }

  #accept(wire: Wire): Downstream | undefined {
    if (!this.#mayCome(wire.remoteAddress)) {
      // Nothing was read from it: it may try another replica.
      wire.destroy();
      return undefined;
    }
    const downstream = this.#downstream(wire);
    this.#enter(downstream);
    return downstream;
  }

  #shakeHands(socket: net.Socket, certificates: Certificates): void {
    if (this.#mayCome(socket.remoteAddress ?? '')) {
      this.#enter(new Handshake(socket, certificates, this.#shared, this.#shakenHands));
    } else socket.destroy();
  }

  readonly #shakenHands = (handshake: Handshake, secure: TLSSocket | undefined): void => {
    if (secure === undefined) {
      this.#gone(handshake);
      return;
    }
    const wire = new SocketWire(secure, handshake.peer);
    const downstream = this.#downstream(wire);
    this.#open.delete(handshake);
    this.#open.add(downstream);
    beginSecurely(wire, secure, downstream, this.#shared.reading === 'borrowed');
  };

  /** Whether a connection is taken; then it counts as one of its client. */
  #mayCome(address: string): boolean {
    this.#accepted++;
    const { limits, overload } = this.#shared;
    if (this.#open.size >= limits.maxConnections || overload.sheds('connections')) return false;
    return this.#clients.comes(address);
  }

  #downstream(wire: Wire): Downstream {
    return new Downstream(wire, this.#shared, (gone) => this.#gone(gone));
  }

  #enter(opened: Downstream | Handshake): void {
    this.#open.add(opened);
    this.#shared.ports.connections('downstream', 1);
  }

  #gone(ended: Downstream | Handshake): void {
    if (!this.#open.delete(ended)) return;
    this.#clients.goes(ended.peer);
    this.#shared.ports.connections('downstream', -1);
    if (this.#open.size === 0) this.#emptied?.();
  }
}

function after(ms: number): { readonly promise: Promise<void>; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}
