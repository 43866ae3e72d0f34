import type { Failure } from '#core/exchange/failure';
import type { Assignment } from '#core/routing/assignment';
import type { Route, Version } from '#core/routing/route';
import { chooseEndpoint, none } from './choose-endpoint.ts';
import type { Peer } from './client.ts';
import { KeptHead } from './kept-head.ts';
import type { Pool } from './pool.ts';
import type { RequestOut } from './request-out.ts';
import type { Shared } from './shared.ts';
import { type Loss, Upstream, type UpstreamUser } from './upstream.ts';
import { whenUnavailable } from './when-unavailable.ts';

const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
/** How long other endpoints are preferred to one that refused a connection. */
const downMs = 1_000;
export const retryAfter = 'Retry-After: 1\r\n';

/** What attempts need from the exchange they are made for. */
export interface Sender extends UpstreamUser {
  readonly request: RequestOut;
  readonly route: Route | undefined;
  readonly assignment: Assignment;
  readonly method: string;
  /** When it began, by the coarse clock. */
  readonly beganAt: number;
  /** Where it is counted. */
  readonly row: number;
  retries: number;
  /** Counts it from now on to another version, which it has fallen back on. */
  moveTo(version: Version): void;
  /** Answers with a failure. */
  fail(code: Failure, detail: string, lines?: string): void;
}

/**
 * Gets a request its connection: chooses an endpoint, takes or opens a connection to it, and
 * goes on from there if that is lost before anything was answered. One object per exchange
 * object, used for one request after the other.
 */
export class Attempts {
  /** What is being done for a request that has no answer yet. */
  phase: 'connecting' | 'waiting' | 'held' = 'connecting';
  /** The connection in use was asked for, or was opened, by the coarse clock. */
  triedAt = 0;
  upstream: Upstream | undefined;
  #pool: Pool | undefined;
  #tried: ReadonlySet<Pool> = none;
  #isRetried = false;
  #notConnectedAs: Failure = 'connect_failure';
  #detail = '';
  #headEnd = 0;
  /** Made for the first request that may have to be written for a second version. */
  #keptHead: KeptHead | undefined;
  readonly #sender: Sender;
  readonly #peer: Peer;
  readonly #shared: Shared;

  constructor(sender: Sender, peer: Peer, shared: Shared) {
    this.#sender = sender;
    this.#peer = peer;
    this.#shared = shared;
  }

  /** Forgets the request before. */
  reset(): void {
    this.phase = 'connecting';
    this.#tried = none;
    this.#isRetried = false;
  }

  /** Begins with the head that was scanned last. */
  start(route: Route, version: Version, fieldNames: ReadonlySet<string>): void {
    const { requestHead: head, requestWriter } = this.#shared;
    const { request } = this.#sender;
    if (route.fallback !== undefined) {
      this.#keptHead ??= new KeptHead();
      this.#keptHead.keep(this.#shared, fieldNames);
    }
    this.#headEnd = requestWriter.write(request, this.#peer, route, version);
    request.start(this.#headEnd, head.framing, head.contentLength);
    this.#attempt(version);
  }

  /** Sends the request to an endpoint of the version, on a pooled connection or a new one. */
  #attempt(version: Version): void {
    const { deadlines, pools, ports } = this.#shared;
    const sender = this.#sender;
    const now = deadlines.now;
    const pool = chooseEndpoint(version.endpoints, pools, this.#tried, ports.assign.random, now);
    if (pool === undefined) {
      this.#unavailable();
      return;
    }
    this.#enter(pool);
    const isRepeatable = sender.request.isWhole && idempotent.has(sender.method);
    const pooled = this.#isRetried
      ? undefined
      : isRepeatable
        ? pool.takeLatest()
        : pool.takeSettled(ports.now());
    this.triedAt = now;
    this.phase = 'connecting';
    if (pooled === undefined) {
      this.upstream = new Upstream(pool, sender, this.#shared);
      return;
    }
    this.upstream = pooled;
    pooled.use(sender);
    sender.connected(pooled);
  }

  #enter(pool: Pool): void {
    this.#pool = pool;
    pool.inFlight++;
  }

  #leave(): void {
    if (this.#pool !== undefined) this.#pool.inFlight--;
    this.#pool = undefined;
  }

  /** The connection that was asked for is there. */
  connected(): void {
    this.phase = 'waiting';
    this.triedAt = this.#shared.deadlines.now;
  }

  /** The connection is gone, or given back. */
  left(): void {
    this.upstream = undefined;
    this.#leave();
  }

  /** Goes on after a connection was lost before any of the response was passed on. */
  lost(upstream: Upstream, loss: Loss): void {
    const sender = this.#sender;
    const { key } = upstream.pool.endpoint;
    if (loss.during === 'connect') {
      this.#notConnected(upstream.pool, 'connect_failure', `${key}: ${loss.code}`);
    } else if (loss.during === 'handshake') {
      this.#notConnected(upstream.pool, 'tls_failure', `${key}: ${loss.code}`);
    } else if (loss.during === 'message') {
      sender.fail('upstream_malformed', `${key}: ${loss.code}`);
    } else if (this.#mayRepeat(upstream)) {
      this.#isRetried = true;
      sender.retries++;
      this.#again();
    } else {
      // TLS 1.3: the other side may refuse our certificate when we already write.
      const code = loss.code.startsWith('ERR_SSL_') ? 'tls_failure' : 'upstream_reset';
      sender.fail(code, `${key}: ${loss.code} before a response`);
    }
  }

  /** The stale keep-alive race: closed by the other side just as we used it again. */
  #mayRepeat(upstream: Upstream): boolean {
    const { request, method } = this.#sender;
    return (
      upstream.isReused &&
      !upstream.hasResponded &&
      !this.#isRetried &&
      request.isWhole &&
      idempotent.has(method)
    );
  }

  #again(): void {
    const { version } = this.#sender.assignment;
    if (version !== undefined) this.#attempt(version);
  }

  /** Nothing was sent: whatever the method, another endpoint may have it. */
  #notConnected(pool: Pool, code: Failure, detail: string): void {
    pool.downUntil = this.#shared.deadlines.now + downMs;
    this.#tried = new Set(this.#tried).add(pool);
    this.#notConnectedAs = code;
    this.#detail = detail;
    const { version } = this.#sender.assignment;
    if (version !== undefined && this.#tried.size < version.endpoints.length) {
      this.#sender.retries++;
    }
    this.#again();
  }

  /** The connection that was asked for has not come in time. */
  timedOut(): void {
    const { upstream } = this;
    if (upstream === undefined) return;
    this.left();
    upstream.destroy();
    const { pool } = upstream;
    this.#notConnected(pool, 'connect_timeout', `${pool.endpoint.key}: no connection in time`);
  }

  /** No endpoint of the version can be reached: the route says what then. */
  #unavailable(): void {
    const sender = this.#sender;
    const { route, assignment } = sender;
    const { deadlines, held, isClosed, limits, ports } = this.#shared;
    if (route === undefined) return;
    this.#tried = none;
    const heldMs = isClosed ? Number.POSITIVE_INFINITY : deadlines.now - sender.beganAt;
    const mayHold = held < limits.maxHeld;
    const then = whenUnavailable(route, assignment.version, heldMs, mayHold);
    if (then.kind === 'fallback') this.#fallBack(route, then.version);
    else if (then.kind === 'hold') {
      this.phase = 'held';
      this.#shared.held++;
      ports.held(sender.row, 1);
    } else if (then.code === undefined) sender.fail(this.#notConnectedAs, this.#detail);
    else sender.fail(then.code, this.#detail, retryAfter);
  }

  #fallBack(route: Route, version: Version): void {
    const { requestWriter } = this.#shared;
    const { request } = this.#sender;
    this.#sender.moveTo(version);
    this.#keptHead?.read(this.#shared, this.#peer);
    this.#headEnd = requestWriter.rewrite(request, this.#peer, route, version, this.#headEnd);
    this.#attempt(version);
  }

  /** Looks whether a request that is held can be served now. */
  tick(): void {
    if (this.phase !== 'held') return;
    this.#unhold();
    this.#again();
  }

  #unhold(): void {
    this.phase = 'connecting';
    this.#shared.held--;
    this.#shared.ports.held(this.#sender.row, -1);
  }

  /** Where the request is, for who reads the log. */
  get place(): string {
    return this.#pool?.endpoint.key ?? 'no endpoint';
  }

  /** The exchange is over: ends what there is for it. */
  end(): void {
    const { upstream } = this;
    this.left();
    upstream?.destroy();
    if (this.phase === 'held') this.#unhold();
  }
}
