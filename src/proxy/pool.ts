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

  /** Returns an idle connection for a request that may not: settled, and not idle for long. */
  takeSettled(now: number): Upstream | undefined {
    const idle = this.#idle;
    for (let at = 0; at < idle.length; at++) {
      const upstream = idle[at];
      if (upstream === undefined || now - upstream.idleSince < settledMs) return undefined;
      if (now - upstream.idleSince > freshMs) continue;
      idle.splice(at, 1);
      return upstream;
    }
    return undefined;
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
