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

/** The connections to one address, one request at a time on each. */
export class Pool {
  readonly endpoint: Endpoint;
  /** The endpoint's host, or one of the addresses that it stands for. */
  readonly address: string;
  /** Exchanges that use, or wait for, a connection of this pool. */
  inFlight = 0;
  /** Connections open or being opened. */
  connections = 0;
  /** What the next TLS connection resumes; of the context it was begun with. */
  session: { readonly context: SecureContext; readonly bytes: Buffer } | undefined;
  /** No version leads here any more: connections that become idle are closed. */
  #isRetired = false;
  /** Idle since longest first. */
  readonly #idle: Upstream[] = [];

  constructor(endpoint: Endpoint, address: string) {
    this.endpoint = endpoint;
    this.address = address;
  }

  /** What one calls it in a log. */
  get place(): string {
    const { authority, host, protocol } = this.endpoint;
    const found = this.address === host ? '' : ` (${this.address})`;
    return `${protocol}://${authority}${found}`;
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
    removeAt(this.#idle, at);
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
    if (this.#isRetired) {
      upstream.destroy();
      return;
    }
    upstream.idleSince = Math.ceil(now);
    this.#idle.push(upstream);
  }

  /** Takes a connection out that is idle no more because it has ended. */
  forget(upstream: Upstream): void {
    const at = this.#idle.lastIndexOf(upstream);
    if (at >= 0) removeAt(this.#idle, at);
  }

  closeIdle(): void {
    for (const upstream of this.#idle.splice(0)) upstream.destroy();
  }

  /** Closes the connection that has been idle for longest. Returns whether there was one. */
  closeLongestIdle(): boolean {
    const upstream = this.#idle.shift();
    upstream?.destroy();
    return upstream !== undefined;
  }

  retire(): void {
    this.#isRetired = true;
    this.closeIdle();
  }
}

/** Takes an element out of a list: `splice` would make another one for what it has taken. */
function removeAt(list: unknown[], at: number): void {
  for (let i = at + 1; i < list.length; i++) list[i - 1] = list[i];
  list.pop();
}

/**
 * All pools of a process. Versions that lead to one address share its pool; one that nobody
 * claims any more is retired.
 */
export class Pools {
  readonly #claimed = new Map<string, { readonly pool: Pool; claims: number }>();

  /** Returns the pool of an address that an endpoint of the document is, or stands for. */
  claim(endpoint: Endpoint, address: string): Pool {
    const key = poolKey(endpoint, address);
    const claimed = this.#claimed.get(key) ?? { pool: new Pool(endpoint, address), claims: 0 };
    claimed.claims++;
    this.#claimed.set(key, claimed);
    return claimed.pool;
  }

  /** Gives up one claim. */
  release({ endpoint, address }: Pool): void {
    const key = poolKey(endpoint, address);
    const claimed = this.#claimed.get(key);
    if (claimed === undefined || --claimed.claims > 0) return;
    this.#claimed.delete(key);
    claimed.pool.retire();
  }

  closeIdle(): void {
    for (const { pool } of this.#claimed.values()) pool.closeIdle();
  }
}

/** Without TLS it does not matter by which name an address was found. */
function poolKey({ protocol, key, port }: Endpoint, address: string): string {
  return protocol === 'http' ? `${address} ${port}` : `${address} ${key}`;
}
