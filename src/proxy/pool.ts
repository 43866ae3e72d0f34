import type { SecureContext } from 'node:tls';
import type { Endpoint } from '#core/routing/route';
import type { Upstream } from './upstream.ts';

/**
 * A request that must not be repeated may be sent on a pooled connection only if that
 * has been idle for this long: by then the FIN of an upstream that closes after an
 * answer has been read, and the connection has left the pool.
 */
const settledMs = 3;
/** Beyond this an upstream may be about to close the connection for being idle. */
const freshMs = 1_000;

/** The connections to one endpoint, one request at a time on each. */
export class Pool {
  readonly endpoint: Endpoint;
  /** Exchanges that use, or wait for, a connection of this pool. */
  inFlight = 0;
  /** Connections open or being opened. */
  connections = 0;
  /** After a connection failed, other endpoints are preferred until this instant. */
  downUntil = 0;
  /** What the next TLS connection resumes; of the context it was begun with. */
  session: { readonly context: SecureContext; readonly bytes: Buffer } | undefined;
  /** No route names the endpoint any more: connections that become idle are closed. */
  retired = false;
  /** Idle since longest first. */
  readonly #idle: Upstream[] = [];

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  /** Returns an idle connection for a request that may be sent again: the one used last. */
  takeLatest(): Upstream | undefined {
    return this.#idle.pop();
  }

  /**
   * Returns an idle connection for a request that may not: of those that are settled, the one
   * used last. The longer a connection has been idle, the likelier is its end.
   */
  takeSettled(now: number): Upstream | undefined {
    const at = this.#settledBefore(now - settledMs) - 1;
    const upstream = this.#idle[at];
    if (upstream === undefined || now - upstream.idleSince > freshMs) return undefined;
    this.#idle.splice(at, 1);
    return upstream;
  }

  /** Returns how many have been idle since `instant` or longer: they stand in that order. */
  #settledBefore(instant: number): number {
    let low = 0;
    let high = this.#idle.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#idle[middle]?.idleSince ?? 0) <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  keep(upstream: Upstream, now: number): void {
    if (this.retired) {
      upstream.destroy();
      return;
    }
    upstream.idleSince = now;
    this.#idle.push(upstream);
  }

  /** Takes a connection out that is idle no more because it has ended. */
  forget(upstream: Upstream): void {
    const at = this.#idle.lastIndexOf(upstream);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  closeIdle(): void {
    for (const upstream of this.#idle.splice(0)) upstream.destroy();
  }
}

/** All pools of a process, by the key of their endpoint. */
export class Pools {
  readonly #pools = new Map<string, Pool>();

  of(endpoint: Endpoint): Pool {
    let pool = this.#pools.get(endpoint.key);
    if (pool === undefined) {
      pool = new Pool(endpoint);
      this.#pools.set(endpoint.key, pool);
    }
    return pool;
  }

  /** Closes the idle connections of endpoints that no route names any more. */
  retain(keys: ReadonlySet<string>): void {
    for (const [key, pool] of this.#pools) {
      if (keys.has(key)) continue;
      pool.retired = true;
      pool.closeIdle();
      this.#pools.delete(key);
    }
  }

  closeIdle(): void {
    for (const pool of this.#pools.values()) pool.closeIdle();
  }
}
