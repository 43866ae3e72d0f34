import { type Failure, failures } from '#core/exchange/failure';
import { type Refusal, refusals } from '#core/http1/refusal';
import { withoutNames } from '#core/http1/trailers';
import { assign, forget, newAssignment } from '#core/routing/assign';
import { faultFor, strike } from '#core/routing/fault';
import type { Fault, Route, Version } from '#core/routing/route';
import { keyOf } from '#core/websocket/handshake';
import type { Answer } from './answer.ts';
import { failureAnswer } from './answer.ts';
import { Attempts, retryAfter, type Sender } from './attempts.ts';
import type { Client } from './client.ts';
import type { InForce } from './fleets.ts';
import {
  allowed,
  asksForTunnel,
  isForUs,
  type LocalAnswer,
  linesOf,
  localAnswer,
} from './local-answer.ts';
import type { MirrorCopy } from './mirror-copy.ts';
import type { NodeBytes } from './node-bytes.ts';
import { type Instants, overdue } from './overdue.ts';
import { rowOf } from './ports.ts';
import { RequestOut } from './request-out.ts';
import { endsConnections, type Shared } from './shared.ts';
import { Upgrade, type Upgraded } from './upgrade.ts';
import type { Loss, Upstream } from './upstream.ts';

/** After this silence of the upstream a client that waits for 100 is told to go on. */
const continueMs = 1_000;

/** Asking: the request has no answer yet (attempts.ts). */
type Phase = 'none' | 'asking' | 'responding';

/**
 * One request and its response, with the snapshot's route that it took. One object per
 * client connection, used for one request after the other.
 */
export class Exchange implements Sender, Upgraded {
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
  hasStumbled = false;
  row = 0;
  beganAt = 0;
  isHead = false;
  /** The client speaks TLS, to us or to the trusted proxy before us. */
  isHttps = false;
  minorVersion: 0 | 1 = 1;
  /** The connection ends with this exchange. */
  close = false;
  /** The client has been told, or need not be told, to send the body. */
  #hasContinued = true;
  #phase: Phase = 'none';
  /** When a byte came last, by the coarse clock. */
  #activeAt = 0;
  #detail = '';
  readonly #client: Client;
  readonly #shared: Shared;
  readonly #attempts: Attempts;
  #acceptsTrailers = false;
  /** The facts are those of the goal: they are gone when it has an answer. */
  #asksForGoal = false;
  #copy: MirrorCopy | undefined;
  /** Undefined where the request asks for no WebSocket: one that does is the last one. */
  #upgrade: Upgrade | undefined;

  constructor(client: Client, shared: Shared) {
    this.#client = client;
    this.#shared = shared;
    this.#attempts = new Attempts(this, client, shared);
  }

  get isOver(): boolean {
    return this.#phase === 'none';
  }

  get hasReachedGoal(): boolean {
    const goal = this.#asksForGoal ? this.route?.judging?.goal : undefined;
    if (goal === undefined || this.failure !== undefined) return false;
    const [from, to] = goal.statuses;
    return this.status >= from && this.status <= to;
  }

  /** Answers a request whose head was refused: it has no route, and a method only if one was read. */
  refuse(code: Refusal, method: string): void {
    this.#reset(method, true);
    this.minorVersion = this.#shared.requestHead.minorVersion;
    this.request.refuse();
    this.#begun();
    this.#answerRefusal(code);
  }

  #answerRefusal(code: Refusal): void {
    const { status, message } = refusals[code];
    this.#noteRefusal(code);
    this.close = true;
    this.#answer(failureAnswer(status, code, message, linesOf(code)));
  }

  #noteRefusal(code: Refusal): void {
    this.failure = refusals[code].status === 408 ? 'request_timeout' : 'bad_request';
    this.#detail = code;
    this.#shared.ports.refused(code);
  }

  /**
   * Begins with the head that was scanned last, whose facts have been read. `hasMore`: bytes
   * behind it have been read, and come next.
   */
  begin(inForce: InForce, hasMore: boolean): void {
    const { requestHead: head, facts } = this.#shared;
    this.#reset(head.method, !head.persistent || endsConnections(this.#shared));
    this.minorVersion = head.minorVersion;
    this.#acceptsTrailers = head.acceptsTrailers;
    this.request.fieldNames = inForce.snapshot.fieldNames;
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
    const route = inForce.snapshot.find(facts);
    this.route = route;
    this.isHttps = facts.scheme === 'https';
    const local = localAnswer(head, facts, route);
    if (route === undefined || local !== undefined) {
      this.#begun();
      if (local !== undefined) this.#answerLocally(local);
      return;
    }
    assign(route, facts, this.#shared.ports.assign, this.assignment);
    const { version } = this.assignment;
    this.#asksForGoal = route.judging?.goal?.holds(facts) === true;
    this.#begun();
    this.#hasContinued = !head.expectsContinue;
    if (asksForTunnel(head, route)) {
      this.close = true;
      this.#upgrade = new Upgrade(keyOf(head), this, this.#client, this.#shared);
    }
    if (version === undefined) this.fail('no_endpoint', 'every version is disabled or drains');
    else if (isTooLong(head.contentLength, route)) this.#tooLong(route);
    else this.#start(route, version, inForce, hasMore);
  }

  #start(route: Route, version: Version, inForce: InForce, hasMore: boolean): void {
    const { request } = this;
    request.bodyMost = route.limits.bodyBytes;
    this.#attempts.prepare(route, version, inForce);
    request.holdsBack = hasMore && !request.isRead;
    const isStruck = route.fault !== undefined && this.#isStruck(route, version);
    if (!isStruck) this.#attempts.go(version);
    if (route.mirror !== undefined && !this.isOver) this.#mirror(route, inForce);
  }

  /** Returns whether the route's fault has the request, now or after a while. */
  #isStruck(route: Route, version: Version): boolean {
    const { facts, ports } = this.#shared;
    const fault = faultFor(route, facts, version);
    if (fault === undefined) return false;
    const { delayMs, aborts } = strike(fault, ports.assign.random);
    if (delayMs > 0) {
      ports.faulted(this.row, 'delay');
      const then = () => (aborts ? this.#abort(fault) : this.#attempts.go(version));
      this.#attempts.delay(delayMs, then);
    } else if (aborts) this.#abort(fault);
    return delayMs > 0 || aborts;
  }

  #abort({ abortStatus }: Fault): void {
    this.#shared.ports.faulted(this.row, 'abort');
    this.failure = 'fault';
    this.#detail = 'as the fault of the route says';
    if (abortStatus === 0) this.#breakOff();
    else this.#answer(failureAnswer(abortStatus, 'fault', failures.fault.message));
  }

  #mirror(route: Route, inForce: InForce): void {
    const { request } = this;
    this.#copy = this.#shared.mirrors.begin(route, this, this.#client, inForce);
    request.tee = this.#copy;
    if (request.isRead) this.#copy?.requestWhole();
  }

  #answerLocally(local: LocalAnswer): void {
    if (local.kind === 'answer') {
      this.#answer(local.answer);
      return;
    }
    if (local.kind === 'refusal') {
      this.#answerRefusal(local.code);
      return;
    }
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
    this.hasStumbled = false;
    this.#asksForGoal = false;
    this.#hasContinued = true;
    this.#detail = '';
    this.#client.out.start();
    forget(this.assignment);
  }

  #begun(): void {
    const { ports, deadlines } = this.#shared;
    this.#phase = 'asking';
    this.beganAt = deadlines.now;
    this.#activeAt = deadlines.now;
    this.row = rowOf(this.route, this.assignment.version);
    ports.began(this.row);
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
    } else if (request.isTooLong && this.route !== undefined) {
      this.#tooLong(this.route);
    } else {
      if (request.holdsBack) request.holdNoLonger();
      if (request.wantsPause) this.#client.pauseReading();
    }
    return next;
  }

  #refuseBody(code: Refusal): void {
    if (this.#phase !== 'responding') {
      this.#answerRefusal(code);
      return;
    }
    this.#noteRefusal(code);
    this.#breakOff();
  }

  #tooLong(route: Route): void {
    this.#failOrBreakOff('body_too_large', `more than ${route.limits.bodyBytes} bytes`);
  }

  connected(upstream: Upstream): void {
    if (!this.#attempts.connected()) return;
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

  head(upstream: Upstream): void {
    if (this.#attempts.answered(upstream)) return;
    const { responseHead, responseWriter } = this.#shared;
    this.#phase = 'responding';
    this.respondedAt = upstream.readAt;
    this.status = responseHead.status;
    if (endsConnections(this.#shared) || !this.request.isRead) this.close = true;
    responseWriter.write(this, responseHead, this.#client);
  }

  switched(upstream: Upstream, bytes: NodeBytes, start: number, end: number): Refusal | undefined {
    if (this.#upgrade === undefined) return 'unasked_switch';
    return this.#upgrade.switched(upstream, bytes, start, end);
  }

  tunnelOver(): void {
    this.#letGo();
    this.#client.ended(true);
  }

  body(_upstream: Upstream, bytes: NodeBytes, start: number, end: number): void {
    this.#client.out.body(bytes, start, end);
    this.#copy?.originalData(bytes, start, end);
    this.#activeAt = this.#shared.deadlines.now;
  }

  ended(upstream: Upstream, trailers: string, isClean: boolean): void {
    const { out } = this.#client;
    out.end(this.#acceptsTrailers ? withoutNames(trailers, this.request.fieldNames) : '');
    out.flush();
    this.#attempts.left();
    const isReusable =
      isClean && this.request.isRead && upstream.isPersistent && upstream.wire.unsentBytes === 0;
    const { readAt } = upstream;
    if (isReusable) upstream.release(readAt);
    else upstream.destroy();
    if (!this.request.isRead) this.close = true;
    this.#finish(readAt);
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
    this.#attempts.upstream?.wire.resume();
  }

  /** The client has gone, or has sent its FIN in the middle of an exchange. */
  clientGone(): void {
    if (this.#upgrade?.tunnel !== undefined) {
      this.#upgrade.tunnel.cut(this.#shared.isClosed ? 'cut' : 'client_lost');
      return;
    }
    this.failure = 'client_disconnect';
    this.close = true;
    this.#finish();
  }

  lost(upstream: Upstream, loss: Loss): void {
    if (loss.during === 'message') this.#shared.ports.refused(loss.code);
    if (this.#phase !== 'responding') {
      this.#attempts.lost(upstream, loss);
      return;
    }
    this.#attempts.left();
    this.#failOrBreakOff(
      loss.during === 'message' ? 'upstream_malformed' : 'upstream_reset',
      `${upstream.pool.place}: ${loss.code} in the middle of a response`,
    );
  }

  moveTo(version: Version): void {
    this.assignment.version = version;
    this.assignment.reason = 'fallback';
    this.#shared.ports.moved(this.row, version.row);
    this.row = version.row;
  }

  moveOn(route: Route, version: Version): void {
    const { assignment } = this;
    if (!sameSources(route, this.route)) {
      assignment.unitSource = -1;
      assignment.minted = false;
    }
    if (version.name !== assignment.version?.name) {
      assignment.reason = version === route.fallback ? 'fallback' : 'split';
    }
    assignment.version = version;
    assignment.assigned = version;
    // How long it took, and what became of it before, is nothing to judge the version by.
    assignment.assignedBy = 'none';
    this.hasStumbled = false;
    this.#asksForGoal = false;
    this.route = route;
    if (this.row !== version.row) this.#shared.ports.moved(this.row, version.row);
    this.row = version.row;
  }

  tick(now: number): void {
    if (this.#upgrade?.tunnel !== undefined) {
      this.#upgrade.tunnel.tick(now);
      return;
    }
    const timeouts = this.route?.timeouts;
    if (this.#phase === 'none' || timeouts === undefined) return;
    const attempts = this.#attempts;
    const phase = this.#phase === 'responding' ? this.#phase : attempts.phase;
    const late = overdue(phase, now, this.#instants(), this.request.isRead, timeouts);
    if (late?.code === 'connect_timeout') attempts.timedOut();
    else if (late !== undefined) this.#timedOut(late.code, late.detail);
    else if (phase === 'waiting') this.#continueAfter(now - attempts.triedAt);
    else if (phase !== 'responding') attempts.tick(now);
  }

  #continueAfter(waitedMs: number): void {
    if (this.#hasContinued || waitedMs <= continueMs) return;
    this.#hasContinued = true;
    this.#client.sayContinue();
  }

  #instants(): Instants {
    return { beganAt: this.beganAt, triedAt: this.#attempts.triedAt, activeAt: this.#activeAt };
  }

  #timedOut(code: Failure, detail: string): void {
    const { place } = this.#attempts;
    if (code === 'response_timeout') this.#attempts.unanswered();
    this.#failOrBreakOff(code, `${place}: ${detail}`);
  }

  /** The port is closed: a request that waits for a version is told so. */
  drain(): void {
    if (this.#phase === 'asking' && this.#attempts.phase === 'held')
      this.fail('hold_timeout', 'the process ends', retryAfter);
  }

  #failOrBreakOff(code: Failure, detail: string): void {
    if (this.#phase !== 'responding') {
      this.fail(code, detail);
      return;
    }
    this.failure = code;
    this.#detail = detail;
    this.#breakOff();
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
    this.#failOrBreakOff('request_timeout', 'the body stopped');
  }

  /** A fault of our own: ends what there is without asking anything further. */
  abandon(): void {
    if (this.#upgrade?.tunnel !== undefined) {
      this.#upgrade.tunnel.cut('cut');
      return;
    }
    this.failure = 'internal';
    this.close = true;
    this.#finish();
  }

  #letGo(): void {
    this.#attempts.end();
    this.#phase = 'none';
  }

  #finish(now = this.#shared.ports.now()): void {
    this.#letGo();
    const { ports } = this.#shared;
    this.endedAt = now;
    if (this.#client.out.hasHead) this.bytesOut = this.#client.out.bodyBytes;
    if (this.failure !== undefined) ports.failed(this, this.#detail);
    ports.ended(this, this.row);
    const copy = this.#copy;
    this.#copy = undefined;
    copy?.originalEnded(this);
    this.request.over();
    this.#client.ended(this.close);
  }
}

/** Whether the index of a source says the same in both. */
function sameSources({ unit }: Route, before: Route | undefined): boolean {
  if (unit.length !== before?.unit.length) return false;
  return unit.every(({ text }, at) => text === before.unit[at]?.text);
}

function isTooLong(contentLength: number, { limits }: Route): boolean {
  return limits.bodyBytes > 0 && contentLength > limits.bodyBytes;
}
