import type { AddressInfo } from 'node:net';
import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { acceptConnections, type ReadingBy } from './borrowed-reads.ts';
import { ClientCounts } from './client-counts.ts';
import { Downstream } from './downstream.ts';
import type { Limits, Ports } from './ports.ts';
import { newShared, type Shared } from './shared.ts';
import type { Wire } from './wire.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: Limits;
  readonly reading: ReadingBy;
}

export interface DrainOptions {
  /** Until when connections are still accepted: endpoints leave after the signal. */
  readonly acceptUntil: Promise<unknown>;
  /** When what is left is cut, from the beginning of the drain. */
  readonly timeoutMs: number;
}

/** How long the queue of a port that is about to close may go on filling up. */
const lastAcceptsMs = 1_000;

/** The traffic listener and all connections behind it. */
export class Listener {
  readonly #server: net.Server;
  readonly #shared: Shared;
  readonly #open = new Set<Downstream>();
  readonly #clients: ClientCounts;
  #accepted = 0;
  #emptied: (() => void) | undefined;

  constructor(ports: Ports, options: ListenOptions) {
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
    this.#clients = new ClientCounts(options.limits.maxPerClient);
    this.#shared = newShared(ports, options.limits, options.reading);
  }

  /**
   * Opens the port; tells also how connections are read, which may not be as wished. Rejects
   * as `net.Server` does: EADDRINUSE, EACCES.
   */
  async listen({
    host,
    port,
    reading,
  }: ListenOptions): Promise<AddressInfo & { readonly reading: ReadingBy }> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: 4_096 }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#shared.ports.bug(error));
        resolve();
      });
    });
    const inUse = acceptConnections(server, (wire) => this.#accept(wire), reading);
    // A traffic listener always has a port, never a path.
    return { ...(server.address() as AddressInfo), reading: inUse };
  }

  /** Drops the idle connections of endpoints that are in no route any more. */
  retain(endpointKeys: ReadonlySet<string>): void {
    this.#shared.pools.retain(endpointKeys);
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
    await Promise.race([acceptUntil, cutting.promise]);
    await this.#closePort();
    this.#shared.isClosed = true;
    for (const downstream of this.#open) downstream.drain();
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
    this.#server.close();
  }

  /** Cuts everything at once. Returns how many exchanges were under way. */
  close(): { readonly cut: number } {
    this.#server.close();
    return { cut: this.#cutAll() };
  }

  #cutAll(): number {
    let cut = 0;
    for (const downstream of this.#open) if (downstream.cut()) cut++;
    this.#shared.pools.closeIdle();
    this.#shared.deadlines.close();
    this.#shared.overload.close();
    return cut;
  }

  #whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#open.size === 0) resolve();
      else this.#emptied = resolve;
    });
  }

  #accept(wire: Wire): Downstream | undefined {
    this.#accepted++;
    if (!this.#mayCome(wire.remoteAddress)) {
      // Nothing was read from it: it may try another replica.
      wire.destroy();
      return undefined;
    }
    const downstream = new Downstream(wire, this.#shared, (gone) => this.#gone(gone));
    this.#open.add(downstream);
    this.#shared.ports.connections('downstream', 1);
    return downstream;
  }

  /** Whether a connection is taken; then it counts as one of its client. */
  #mayCome(address: string): boolean {
    const { limits, overload } = this.#shared;
    if (this.#open.size >= limits.maxConnections || overload.sheds('connections')) return false;
    return this.#clients.comes(address);
  }

  #gone(downstream: Downstream): void {
    if (!this.#open.delete(downstream)) return;
    this.#clients.goes(downstream.peer);
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
