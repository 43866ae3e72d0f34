import { type Failure, failures } from '#core/exchange/failure';
import type { Observed } from '#core/exchange/observed';
import { type Refusal, refusals } from '#core/http1/refusal';
import { assign, forget, newAssignment } from '#core/routing/assign';
import type { Route, Version } from '#core/routing/route';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Answer } from './answer.ts';
import { failureAnswer } from './answer.ts';
import { chooseEndpoint, none } from './choose-endpoint.ts';
import type { Client } from './client.ts';
import { KeptHead } from './kept-head.ts';
import { allowed, isForUs, type LocalAnswer, localAnswer } from './local-answer.ts';
import type { NodeBytes } from './node-bytes.ts';
import { type BusyPhase, type Instants, overdue } from './overdue.ts';
import type { Pool } from './pool.ts';
import { rowOf } from './ports.ts';
import { RequestOut } from './request-out.ts';
import { endsConnections, type Shared } from './shared.ts';
import { type Loss, Upstream, type UpstreamUser } from './upstream.ts';
import { whenUnavailable } from './when-unavailable.ts';

const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
/** After this silence of the upstream a client that waits for 100 is told to go on. */
const continueMs = 1_000;

type Phase = 'none' | BusyPhase;

/**
 * One request and its response, with the snapshot's route that it took. One object per
 * client connection, used for one request after the other.
 */
export class Exchange implements Observed, UpstreamUser {
  readonly assignment = newAssignment();
  readonly request = new RequestOut();
  route: Route | undefined;
  method = '';
  status = 0;
  failure: Failure | undefined;
  startedAt = 0;
  respondedAt = 0;
  endedAt = 0;
  bytesIn = 0;
  bytesOut = 0;
  retries = 0;
  isHead = false;
  minorVersion: 0 | 1 = 1;
  /** The connection ends with this exchange. */
  close = false;
  /** The client has been told, or need not be told, to send the body. */
  #hasContinued = true;
  #phase: Phase = 'none';
  #row = 0;
  #upstream: Upstream | undefined;
  #pool: Pool | undefined;
  #tried: ReadonlySet<Pool> = none;
  #isRetried = false;
  #headEnd = 0;
  /** Instants of the coarse clock. */
  #triedAt = 0;
  #activeAt = 0;
  #beganAt = 0;
  #detail = '';
  readonly #client: Client;
  readonly #shared: Shared;
  /** Made for the first request that may have to be written for a second version. */
  #keptHead: KeptHead | undefined;
  #acceptsTrailers = false;

  constructor(client: Client, shared: Shared) {
    this.#client = client;
    this.#shared = shared;
  }

  get isOver(): boolean {
    return this.#phase === 'none';
  }

  /** Answers a request whose head was refused: it has no route, and a method only if one was read. */
  refuse(code: Refusal, method: string): void {
    const { status, message } = refusals[code];
    this.#reset(method, true);
    this.minorVersion = this.#shared.requestHead.minorVersion;
    this.request.refuse();
    this.#begun();
    this.failure = status === 408 ? 'request_timeout' : 'bad_request';
    this.#detail = code;
    this.#shared.ports.refused(code);
    const lines = status === 405 ? allowed : '';
    this.#answer(failureAnswer(status, code, message, lines));
  }

  /** Begins with the head that was scanned last, whose facts have been read. */
  begin(snapshot: Snapshot): void {
    const { requestHead: head, facts } = this.#shared;
    this.#reset(head.method, !head.persistent || endsConnections(this.#shared));
    this.minorVersion = head.minorVersion;
    this.#acceptsTrailers = head.acceptsTrailers;
    this.request.start(0, head.framing, head.contentLength);
    if (isForUs(head)) {
      this.#begun();
      this.#answer({ status: 204, lines: allowed });
      return;
    }
    if (this.#shared.overload.sheds('requests')) {
      this.#begun();
      this.fail('shed', `sheds ${this.#shared.overload.level}`, retryAfter);
      return;
    }
    const route = snapshot.find(facts);
    this.route = route;
    const local = localAnswer(head, facts, this.#client.isHttps, route);
    if (route === undefined || local !== undefined) {
      this.#begun();
      if (local !== undefined) this.#answerLocally(local);
      return;
    }
    assign(route, facts, this.#shared.ports.assign, this.assignment);
    const { version } = this.assignment;
    this.#begun();
    this.#hasContinued = !head.expectsContinue;
    if (version === undefined) this.fail('no_endpoint', 'every version is disabled or drains');
    else this.#start(route, version, snapshot);
  }

  #answerLocally(local: LocalAnswer): void {
    if (local.kind === 'answer') {
      this.#answer(local.answer);
      return;
    }
    // What follows an upgrade may be no HTTP: nothing behind it is read.
    if (local.code === 'upgrade_refused') this.close = true;
    this.fail(local.code, local.detail);
  }

  #reset(method: string, close: boolean): void {
    this.method = method;
    this.isHead = method === 'HEAD';
    this.close = close;
    this.route = undefined;
    this.status = 0;
    this.failure = undefined;
    this.startedAt = this.#shared.ports.now();
    this.respondedAt = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.retries = 0;
    this.#tried = none;
    this.#isRetried = false;
    this.#hasContinued = true;
    this.#detail = '';
    this.#client.out.start();
    forget(this.assignment);
  }

  #begun(): void {
    const { ports, deadlines } = this.#shared;
    this.#phase = 'connecting';
    this.#beganAt = deadlines.now;
    this.#activeAt = deadlines.now;
    this.#row = rowOf(this.route, this.assignment.version);
    ports.began(this.#row);
  }

  #start(route: Route, version: Version, { fieldNames }: Snapshot): void {
    const { requestHead: head, requestWriter } = this.#shared;
    if (route.fallback !== undefined) {
      this.#keptHead ??= new KeptHead();
      this.#keptHead.keep(this.#shared, fieldNames);
    }
    const headEnd = requestWriter.write(this.request, this.#client, route, version);
    this.request.start(headEnd, head.framing, head.contentLength);
    this.#headEnd = headEnd;
    this.#attempt(version);
  }

  /** Takes body bytes; returns the offset of the first byte behind the request. */
  requestBytes(bytes: NodeBytes, start: number, end: number): number {
    const { request } = this;
    if (start === end || request.isRead) return start;
    this.#activeAt = this.#shared.deadlines.now;
    this.#hasContinued = true;
    const next = request.take(bytes, start, end);
    this.bytesIn = request.bodyBytes;
    if (request.refusal !== undefined) {
      this.#refuseBody(request.refusal);
    } else if (request.wantsPause) {
      this.#client.pauseReading();
    }
    return next;
  }

  #refuseBody(code: Refusal): void {
    this.failure = 'bad_request';
    this.#detail = code;
    this.#shared.ports.refused(code);
    if (this.#phase === 'responding') this.#breakOff();
    else this.#answer(failureAnswer(refusals[code].status, code, refusals[code].message));
  }

  /** Sends the request to an endpoint of the version, on a pooled connection or a new one. */
  #attempt(version: Version): void {
    const { deadlines, pools, ports } = this.#shared;
    const now = deadlines.now;
    const pool = chooseEndpoint(version.endpoints, pools, this.#tried, ports.assign.random, now);
    if (pool === undefined) {
      this.#unavailable();
      return;
    }
    this.#enter(pool);
    const isRepeatable = this.request.isWhole && idempotent.has(this.method);
    const pooled = this.#isRetried
      ? undefined
      : isRepeatable
        ? pool.takeLatest()
        : pool.takeSettled(ports.now());
    this.#triedAt = now;
    this.#phase = 'connecting';
    if (pooled === undefined) {
      this.#upstream = new Upstream(pool, this, this.#shared);
      return;
    }
    this.#upstream = pooled;
    pooled.use(this);
    this.connected(pooled);
  }

  #enter(pool: Pool): void {
    this.#pool = pool;
    pool.inFlight++;
  }

  #leave(): void {
    if (this.#pool !== undefined) this.#pool.inFlight--;
    this.#pool = undefined;
  }

  connected(upstream: Upstream): void {
    this.#phase = 'waiting';
    this.#triedAt = this.#shared.deadlines.now;
    const goesOn = this.request.sendTo(upstream);
    if (!this.request.isRead) {
      if (goesOn) this.#client.resumeReading();
      else this.#client.pauseReading();
    }
  }

  interim(): void {
    const { responseHead, responseWriter } = this.#shared;
    if (responseHead.status === 100) {
      if (!this.#hasContinued) this.#client.sayContinue();
      this.#hasContinued = true;
    } else if (this.minorVersion === 1) {
      const { out } = this.#client;
      out.interim(responseWriter.interim(out.at, responseHead));
      out.flush();
    }
  }

  head(): void {
    const { ports, responseHead, responseWriter } = this.#shared;
    this.#phase = 'responding';
    this.respondedAt = ports.now();
    this.status = responseHead.status;
    if (endsConnections(this.#shared) || !this.request.isRead) this.close = true;
    responseWriter.write(this, responseHead, this.#client);
  }

  body(_upstream: Upstream, bytes: NodeBytes, start: number, end: number): void {
    this.#client.out.body(bytes, start, end);
    this.#activeAt = this.#shared.deadlines.now;
  }

  ended(upstream: Upstream, trailers: string, isClean: boolean): void {
    const { out } = this.#client;
    out.end(this.#acceptsTrailers ? trailers : '');
    out.flush();
    this.#upstream = undefined;
    const isReusable =
      isClean && this.request.isRead && upstream.isPersistent && upstream.wire.unsentBytes === 0;
    if (isReusable) upstream.release(this.#shared.ports.now());
    else upstream.destroy();
    if (!this.request.isRead) this.close = true;
    this.#finish();
  }

  flush(): boolean {
    return this.#client.out.flush();
  }

  drained(): void {
    if (!this.request.isRead) this.#client.resumeReading();
  }

  bug(error: unknown): void {
    this.#client.bug(error);
  }

  /** The client's socket has taken what was written to it. */
  clientDrained(): void {
    this.#upstream?.wire.resume();
  }

  /** The client has gone, or has sent its FIN in the middle of an exchange. */
  clientGone(): void {
    this.failure = 'client_disconnect';
    this.close = true;
    this.#finish();
  }

  lost(upstream: Upstream, loss: Loss): void {
    this.#upstream = undefined;
    this.#leave();
    if (loss.during === 'message') this.#shared.ports.refused(loss.code);
    const { key } = upstream.pool.endpoint;
    if (this.#phase === 'responding') {
      this.failure = loss.during === 'message' ? 'upstream_malformed' : 'upstream_reset';
      this.#detail = `${key}: ${loss.code} in the middle of a response`;
      this.#breakOff();
    } else if (loss.during === 'connect') {
      this.#notConnected(upstream.pool, 'connect_failure', `${key}: ${loss.code}`);
    } else if (loss.during === 'message') {
      this.fail('upstream_malformed', `${key}: ${loss.code}`);
    } else if (this.#mayRepeat(upstream)) {
      this.#isRetried = true;
      this.retries++;
      this.#again();
    } else {
      this.fail('upstream_reset', `${key}: ${loss.code} before a response`);
    }
  }

  /** The stale keep-alive race: closed by the other side just as we used it again. */
  #mayRepeat(upstream: Upstream): boolean {
    return (
      upstream.isReused &&
      !upstream.hasResponded &&
      !this.#isRetried &&
      this.request.isWhole &&
      idempotent.has(this.method)
    );
  }

  #again(): void {
    const { version } = this.assignment;
    if (version !== undefined) this.#attempt(version);
  }

  /** Nothing was sent: whatever the method, another endpoint may have it. */
  #notConnected(pool: Pool, code: Failure, detail: string): void {
    pool.downUntil = this.#shared.deadlines.now + downMs;
    this.#tried = new Set(this.#tried).add(pool);
    this.#notConnectedAs = code;
    this.#detail = detail;
    const version = this.assignment.version;
    if (version !== undefined && this.#tried.size < version.endpoints.length) this.retries++;
    this.#again();
  }

  #notConnectedAs: Failure = 'connect_failure';

  /** No endpoint of the version can be reached: the route says what then. */
  #unavailable(): void {
    const { route, assignment } = this;
    const { deadlines, held, isClosed, limits, ports } = this.#shared;
    if (route === undefined) return;
    this.#tried = none;
    const heldMs = isClosed ? Number.POSITIVE_INFINITY : deadlines.now - this.#beganAt;
    const mayHold = held < limits.maxHeld;
    const then = whenUnavailable(route, assignment.version, heldMs, mayHold);
    if (then.kind === 'fallback') this.#fallBack(route, then.version);
    else if (then.kind === 'hold') {
      this.#phase = 'held';
      this.#shared.held++;
      ports.held(this.#row, 1);
    } else if (then.code === undefined) this.fail(this.#notConnectedAs, this.#detail);
    else this.fail(then.code, this.#detail, retryAfter);
  }

  #fallBack(route: Route, version: Version): void {
    const { ports } = this.#shared;
    this.assignment.version = version;
    this.assignment.reason = 'fallback';
    ports.moved(this.#row, version.row);
    this.#row = version.row;
    this.#keptHead?.read(this.#shared, this.#client);
    const { requestWriter } = this.#shared;
    this.#headEnd = requestWriter.rewrite(
      this.request,
      this.#client,
      route,
      version,
      this.#headEnd,
    );
    this.#attempt(version);
  }

  tick(now: number): void {
    const timeouts = this.route?.timeouts;
    if (this.#phase === 'none' || timeouts === undefined) return;
    const late = overdue(this.#phase, now, this.#instants(), this.request.isRead, timeouts);
    if (late?.code === 'connect_timeout') this.#connectTimedOut();
    else if (late !== undefined) this.#timedOut(late.code, late.detail);
    else if (this.#phase === 'held') {
      this.#unhold();
      this.#again();
    } else if (
      this.#phase === 'waiting' &&
      !this.#hasContinued &&
      now - this.#triedAt > continueMs
    ) {
      this.#hasContinued = true;
      this.#client.sayContinue();
    }
  }

  #instants(): Instants {
    const [beganAt, triedAt, activeAt] = [this.#beganAt, this.#triedAt, this.#activeAt];
    return { beganAt, triedAt, activeAt };
  }

  #unhold(): void {
    this.#phase = 'connecting';
    this.#shared.held--;
    this.#shared.ports.held(this.#row, -1);
  }

  #connectTimedOut(): void {
    const upstream = this.#upstream;
    if (upstream === undefined) return;
    this.#upstream = undefined;
    this.#leave();
    upstream.destroy();
    const { pool } = upstream;
    this.#notConnected(pool, 'connect_timeout', `${pool.endpoint.key}: no connection in time`);
  }

  #timedOut(code: Failure, detail: string): void {
    const key = this.#pool?.endpoint.key ?? 'no endpoint';
    if (this.#phase !== 'responding') {
      this.fail(code, `${key}: ${detail}`);
      return;
    }
    this.failure = code;
    this.#detail = `${key}: ${detail}`;
    this.#breakOff();
  }

  /** The port is closed: a request that waits for a version is told so. */
  drain(): void {
    if (this.#phase === 'held') this.fail('hold_timeout', 'the process ends', retryAfter);
  }

  /** A response has begun and cannot be finished: the client must see that. */
  #breakOff(): void {
    this.close = true;
    this.#client.reset();
    this.#finish();
  }

  /** Answers with a failure. Only before a response has begun. */
  fail(code: Failure, detail: string, lines = ''): void {
    this.failure = code;
    this.#detail = detail;
    const { status, message } = failures[code];
    this.#answer(failureAnswer(status, code, message, lines));
  }

  /** Gives an answer of our own. A body that was not read to its end goes with the connection. */
  #answer(answer: Answer): void {
    this.status = answer.status;
    if (endsConnections(this.#shared) || !this.request.isRead) this.close = true;
    this.bytesOut = this.isHead ? 0 : (answer.body?.length ?? 0);
    this.#client.answer(answer, this.close);
    this.#finish();
  }

  /** The client has begun a body and then sent nothing for too long. */
  bodyLate(): void {
    if (this.#phase === 'responding') {
      this.failure = 'request_timeout';
      this.#breakOff();
    } else {
      this.fail('request_timeout', 'the body stopped');
    }
  }

  /** A fault of our own: ends what there is without asking anything further. */
  abandon(): void {
    this.failure = 'internal';
    this.close = true;
    this.#finish();
  }

  #finish(): void {
    const upstream = this.#upstream;
    this.#upstream = undefined;
    upstream?.destroy();
    this.#leave();
    if (this.#phase === 'held') this.#unhold();
    this.#phase = 'none';
    const { ports } = this.#shared;
    this.endedAt = ports.now();
    if (this.#client.out.hasHead) this.bytesOut = this.#client.out.bodyBytes;
    if (this.failure !== undefined) ports.failed(this, this.#detail);
    ports.ended(this, this.#row);
    this.#client.ended(this.close);
  }
}

/** How long other endpoints are preferred to one that refused a connection. */
const downMs = 1_000;
const retryAfter = 'Retry-After: 1\r\n';
