import { isCharged, isIdempotent, retryReason, retryWhen } from '#core/endpoints/retry';
import { askedPause, retryPause } from '#core/endpoints/retry-pause';
import { type Then, whenUnavailable } from '#core/endpoints/when-unavailable';
import type { Failure } from '#core/exchange/failure';
import type { RetryReason } from '#core/exchange/labels';
import type { Assignment } from '#core/routing/assignment';
import { reassign } from '#core/routing/reassign';
import type { Route, Version } from '#core/routing/route';
import type { Peer } from './client.ts';
import { Discard } from './discard.ts';
import type { Fleet } from './fleet.ts';
import { forbids, type InForce } from './fleets.ts';
import { none } from './line-up.ts';
import type { Member } from './member.ts';
import type { RequestOut } from './request-out.ts';
import type { Shared } from './shared.ts';
import { type Loss, Upstream, type UpstreamUser } from './upstream.ts';
import { AddressWait, Hold, Pause, Queued, type Wait } from './wait.ts';
import type { Waiter } from './waiting.ts';
import { WrittenHead } from './written-head.ts';

export const retryAfter = 'Retry-After: 1\r\n';

/** What attempts need from the exchange they are made for. */
export interface Sender extends UpstreamUser {
  readonly request: RequestOut;
  readonly route: Route | undefined;
  readonly assignment: Assignment;
  readonly method: string;
  /** When it began, by the coarse clock. */
  readonly beganAt: number;
  /** The same by the monotonic clock. */
  readonly startedAt: number;
  /** Where it is counted. */
  readonly row: number;
  retries: number;
  /** See `Observed`. */
  hasStumbled: boolean;
  /** Counts it from now on to another version, which it has fallen back on. */
  moveTo(version: Version): void;
  /** It is one of a later snapshot's route from now on, and of this version of it. */
  moveOn(route: Route, version: Version): void;
  /** Answers with a failure. */
  fail(code: Failure, detail: string, lines?: string): void;
}

/**
 * Gets a request its connection: waits for its turn, chooses an endpoint, takes or opens a
 * connection to it, and goes on from there if that brings no answer. One object per exchange
 * object, used for one request after the other.
 */
export class Attempts implements Waiter {
  /** When what is being done now began, by the coarse clock. */
  triedAt = 0;
  cameAs = 0;
  upstream: Upstream | undefined;
  #isConnected = false;
  #wait: Wait | undefined;
  /** Undefined while the route holds all its requests: then no version is asked. */
  #fleet: Fleet | undefined;
  /** It is one of those that the fleet has let in. */
  #isIn = false;
  #member: Member | undefined;
  #tried: ReadonlySet<Member> = none;
  /** How often it was sent again. */
  #repeats = 0;
  /** Nothing has kept it waiting since its head came. */
  #isPrompt = true;
  /** Only a connection of its own will do. */
  #needsFresh = false;
  /** How the last try failed. */
  #code: Failure = 'connect_failure';
  #detail = '';
  #inForce: InForce | undefined;
  readonly #head: WrittenHead;
  readonly #sender: Sender;
  readonly #shared: Shared;

  constructor(sender: Sender, peer: Peer, shared: Shared) {
    this.#sender = sender;
    this.#head = new WrittenHead(peer, shared);
    this.#shared = shared;
  }

  /** What is being done for a request that has no answer yet. */
  get phase(): Wait['phase'] | 'waiting' {
    if (this.#wait !== undefined) return this.#wait.phase;
    return this.#isConnected ? 'waiting' : 'connecting';
  }

  /** Makes the request ready whose head was scanned last: its bytes are soon gone. */
  prepare(route: Route, version: Version, inForce: InForce): void {
    const { request, method } = this.#sender;
    this.#inForce = inForce;
    this.#tried = none;
    this.#repeats = 0;
    this.#needsFresh = false;
    this.#isPrompt = true;
    this.cameAs = this.#shared.waiting.next();
    this.#head.write(request, route, version);
    request.keepsCopy = !request.isRead && route.retries.attempts > 0 && isIdempotent(method);
  }

  /** Does something with the request that is ready to be sent, after a while. */
  delay(ms: number, act: () => void): void {
    this.#waitFor(new Pause(ms, undefined, () => this.#goOnFromWait(act)));
  }

  /** Sends it to a version: the one it was assigned, or the one it falls back on. */
  go(version: Version): void {
    if (version.invalid !== undefined) {
      this.#sender.fail('invalid_backend', version.invalid);
      return;
    }
    if (this.#sender.route?.isHeld === true) {
      this.#holdAtGate();
      return;
    }
    const fleet = this.#inForce?.fleets[version.index];
    if (fleet === undefined) throw new TypeError(`no fleet for version ${version.name}`);
    this.#fleet = fleet;
    this.#enter(fleet);
  }

  #enter(fleet: Fleet): void {
    if (fleet.admission.enter()) {
      this.#isIn = true;
      this.#attempt(fleet);
      return;
    }
    const { ports } = this.#shared;
    const { row } = this.#sender;
    const queued = new Queued(
      fleet,
      () => this.#admitted(fleet),
      () => ports.waiting(row, -1),
    );
    if (!fleet.admission.queue(queued)) {
      this.#sender.fail('overflow', 'the version has as many requests as it may have', retryAfter);
      return;
    }
    ports.waiting(row, 1);
    this.#waitFor(queued);
  }

  #admitted(fleet: Fleet): void {
    this.#isIn = true;
    this.#goOnFromWait(() => this.#attempt(fleet));
  }

  #waitFor(wait: Wait): void {
    this.#wait = wait;
    this.#isPrompt = false;
    this.#shared.waiting.add(this);
    this.triedAt = this.#shared.deadlines.now;
  }

  /** What is thrown outside of any connection's way ends this exchange only. */
  #goOnFromWait(act: () => void): void {
    try {
      this.#endWait();
      act();
    } catch (error) {
      this.#sender.bug(error);
    }
  }

  #endWait(): void {
    const wait = this.#wait;
    if (wait === undefined) return;
    this.#wait = undefined;
    this.#shared.waiting.delete(this);
    wait.end();
  }

  /** Sends the request to an endpoint of the version, on a pooled connection or a new one. */
  #attempt(fleet: Fleet): void {
    if (this.#isForbidden) {
      this.#moveOn();
      return;
    }
    const { deadlines, ports } = this.#shared;
    const sender = this.#sender;
    const { lineUp } = fleet;
    const isGivenUp = lineUp.isDown && this.#hasWayOut;
    const member = isGivenUp ? undefined : lineUp.choose(this.#tried, ports.assign.random);
    if (member === undefined) {
      this.#nobody(fleet);
      return;
    }
    const { pool } = member;
    this.#member = member;
    this.triedAt = deadlines.now;
    pool.inFlight++;
    const pooled = this.#needsFresh
      ? undefined
      : sender.request.isWhole && isIdempotent(sender.method)
        ? pool.takeLatest()
        : pool.takeSettled(ports.now());
    if (pooled === undefined) {
      fleet.makeRoom();
      this.#isPrompt = false;
      this.upstream = new Upstream(pool, sender, this.#shared);
      return;
    }
    this.upstream = pooled;
    pooled.use(sender);
    sender.connected(pooled);
  }

  /** There is nobody who could be asked: not yet, or not any more. */
  #nobody(fleet: Fleet): void {
    if (fleet.isAwaited) {
      const again = () => this.#attempt(fleet);
      this.#waitFor(new AddressWait(fleet, () => this.#goOnFromWait(again)));
      return;
    }
    if (this.#tried === none) {
      this.#code = 'connect_failure';
      this.#detail = fleet.trouble() || 'no endpoint is up';
    }
    this.#unavailable(fleet);
  }

  /** The connection that was asked for is there. Returns whether it is to have the request. */
  connected(): boolean {
    const { deadlines, ports } = this.#shared;
    if (this.#isForbidden) {
      const { upstream } = this;
      this.left();
      upstream?.destroy();
      this.#moveOn();
      return false;
    }
    this.#isConnected = true;
    this.triedAt = deadlines.now;
    // The clock has just been read for a request that came a moment ago.
    ports.sent(this.#sender.row, this.#isPrompt ? this.#sender.startedAt : ports.now());
    const fleet = this.#fleet;
    if (fleet !== undefined && !fleet.isReachable) {
      fleet.isReachable = true;
      fleet.prober = undefined;
    }
    return true;
  }

  /** The connection is gone, or given back. */
  left(): void {
    this.upstream = undefined;
    this.#isConnected = false;
    const member = this.#member;
    if (member === undefined) return;
    this.#member = undefined;
    member.pool.inFlight--;
    if (member.isTried) this.#fleet?.lineUp.undecided(member);
  }

  /** Goes on after a connection was lost before any of the response was passed on. */
  lost(upstream: Upstream, { during, code }: Loss): void {
    const { request, method } = this.#sender;
    const lost = {
      wasSent: during === 'use' || during === 'message',
      onUsed: upstream.isReused,
      hasAnswered: upstream.hasResponded,
      isRepeatable: request.isKept && isIdempotent(method),
    };
    const when = during === 'use' ? ' before a response' : '';
    this.#code = failureOf(during, code);
    this.#detail = `${upstream.pool.place}: ${code}${when}`;
    // A connection that was closed as it was used again says nothing of the endpoint.
    this.#triedInVain(lost.wasSent && lost.onUsed && !lost.hasAnswered);
    const reason = retryReason(lost);
    if (reason === undefined) this.#sender.fail(this.#code, this.#detail);
    else this.#goOn(reason);
  }

  /** What was asked for, a connection or an address, has not come in time. */
  timedOut(): void {
    const { upstream } = this;
    const fleet = this.#fleet;
    if (fleet === undefined) return;
    this.#code = 'connect_timeout';
    this.#detail = `${upstream?.pool.place ?? 'no address'}: no connection in time`;
    this.#endWait();
    this.#triedInVain(false);
    upstream?.destroy();
    if (upstream === undefined) this.#unavailable(fleet);
    else this.#goOn('connect');
  }

  #triedInVain(isStale: boolean): void {
    const member = this.#member;
    if (!isStale) this.unanswered();
    this.left();
    this.#sender.request.detach();
    if (member !== undefined) this.#tried = new Set(this.#tried).add(member);
  }

  /** The endpoint has given no answer. */
  unanswered(): void {
    if (this.#member !== undefined) this.#fleet?.lineUp.failed(this.#member, 'unanswered');
  }

  /** Sends the request again, if that may be. */
  #goOn(reason: RetryReason): void {
    const fleet = this.#fleet;
    if (fleet === undefined) return;
    const when = this.#retryWhen(reason, fleet);
    const isFree = when !== undefined && !isCharged(reason, when);
    if (when === undefined || (!isFree && !this.#pays(fleet))) {
      if (reason === 'connect') this.#unavailable(fleet);
      else this.#sender.fail(this.#code, this.#detail);
      return;
    }
    this.#counts(reason);
    this.#needsFresh = reason !== 'connect';
    // Nothing was sent: to ask another one is not to send again.
    if (reason !== 'connect' || when === 'after-pause') this.#repeats++;
    if (when === 'at-once') this.#again(fleet);
    else this.#pause(retryPause(this.#shared.ports.assign.random()), fleet);
  }

  #retryWhen(reason: RetryReason, fleet: Fleet) {
    return retryWhen(reason, {
      attempts: fleet.rules.retries.attempts,
      repeats: this.#repeats,
      hasOther: fleet.lineUp.hasOther(this.#tried),
      mayPause: !this.#hasWayOut && this.#code !== 'tls_failure',
    });
  }

  get #hasWayOut(): boolean {
    const { route } = this.#sender;
    return route?.fallback !== undefined || route?.onUnavailable.kind === 'hold';
  }

  /** Returns whether the budget has as much as a retry costs. */
  #pays(fleet: Fleet): boolean {
    const hasPaid = fleet.budget.withdraw(fleet.admission.requests);
    if (!hasPaid) this.#shared.ports.retryDenied(this.#sender.row);
    return hasPaid;
  }

  #counts(reason: RetryReason): void {
    this.#isPrompt = false;
    this.#sender.retries++;
    if (reason !== 'stale') this.#stumbles();
    this.#shared.ports.retried(this.#sender.row, reason);
  }

  #pause(ms: number, fleet: Fleet, discard?: Discard): void {
    const over = () => this.#goOnFromWait(() => this.#again(fleet));
    this.#waitFor(new Pause(ms, discard, over));
  }

  /** Asks another one; where each was asked, each may be asked again. */
  #again(fleet: Fleet): void {
    if (!fleet.lineUp.hasOther(this.#tried)) this.#tried = none;
    this.#attempt(fleet);
  }

  /**
   * The head scanned last is the answer. Returns whether nobody is to be given it, because the
   * request is sent again.
   */
  answered(upstream: Upstream): boolean {
    const { status } = this.#shared.responseHead;
    const fleet = this.#fleet;
    const member = this.#member;
    if (fleet === undefined || member === undefined) return false;
    fleet.lineUp.answered(member, status);
    const { statuses } = fleet;
    return statuses?.includes(status) === true && this.#asksAgain(upstream, fleet);
  }

  #asksAgain(upstream: Upstream, fleet: Fleet): boolean {
    const { ports, responseHead } = this.#shared;
    const { request, method, isHead } = this.#sender;
    if (!request.isWhole || !isIdempotent(method)) return false;
    const pauseMs = askedPause(responseHead.fieldText('retry-after'), ports.assign.random());
    if (pauseMs === undefined || this.#retryWhen('status', fleet) === undefined) return false;
    if (!this.#pays(fleet)) return false;
    this.#counts('status');
    this.#repeats++;
    this.#needsFresh = false;
    const member = this.#member;
    this.left();
    request.detach();
    if (member !== undefined) this.#tried = new Set(this.#tried).add(member);
    this.#pause(pauseMs, fleet, new Discard(upstream, isHead, this.#shared));
    return true;
  }

  /** An attempt has failed, and not because a connection was closed as it was used again. */
  #stumbles(): void {
    const sender = this.#sender;
    const { version, assigned } = sender.assignment;
    if (version === assigned) sender.hasStumbled = true;
  }

  /** No endpoint of the version can be reached: the route says what then. */
  #unavailable(fleet: Fleet): void {
    const sender = this.#sender;
    const { route } = sender;
    if (route === undefined) return;
    this.#stumbles();
    fleet.unreachable();
    this.#leaveFleet(fleet);
    if (this.#isForbidden) {
      this.#moveOn();
      return;
    }
    const then = this.#then(route);
    if (then.kind === 'fallback') this.#fallBack(route, then.version);
    else if (then.kind === 'hold') {
      this.#tried = none;
      this.#hold();
    } else if (then.code === undefined) sender.fail(this.#code, this.#detail);
    else sender.fail(then.code, this.#detail, retryAfter);
  }

  #then(route: Route): Then {
    const { assignment, beganAt } = this.#sender;
    const { deadlines, held, isClosed, limits } = this.#shared;
    const heldMs = isClosed ? Number.POSITIVE_INFINITY : deadlines.now - beganAt;
    return whenUnavailable(route, assignment.version, heldMs, held < limits.maxHeld);
  }

  #fallBack(route: Route, version: Version): void {
    this.#sender.moveTo(version);
    if (this.#inForce !== undefined) {
      this.#head.rewrite(this.#sender.request, route, version, this.#inForce);
    }
    this.#tried = none;
    this.go(version);
  }

  /** The snapshot in force is a later one, and does not let its version have it any more. */
  get #isForbidden(): boolean {
    const { inForce } = this.#shared;
    if (inForce === this.#inForce || inForce === undefined) return false;
    const { route, assignment } = this.#sender;
    const { version } = assignment;
    return route !== undefined && version !== undefined && forbids(inForce, route, version);
  }

  swapped(): void {
    if (this.#wait === undefined) return;
    try {
      if (this.#isForbidden || this.#isAwaitedElsewhere) this.#moveOn();
    } catch (error) {
      this.#sender.bug(error);
    }
  }

  /**
   * It is held, and the route in force holds nothing, or has given its people to another version,
   * or other endpoints to its own.
   */
  get #isAwaitedElsewhere(): boolean {
    const { route, assignment } = this.#sender;
    if (this.phase !== 'held' || route === undefined) return false;
    const now = this.#shared.inForce?.routes.get(route.name);
    if (this.#fleet === undefined) return now?.isHeld !== true;
    if (now === undefined) return false;
    if (this.#fleet.isClosed) return true;
    return reassign(now, assignment, () => 0)?.name !== assignment.version?.name;
  }

  /** Goes where the snapshot in force sends it. All that was read of it is still here. */
  #moveOn(): void {
    const { inForce, ports } = this.#shared;
    const sender = this.#sender;
    const route = inForce?.routes.get(sender.route?.name ?? '');
    const version = route && reassign(route, sender.assignment, ports.assign.random);
    this.#endWait();
    if (this.#fleet !== undefined) this.#leaveFleet(this.#fleet);
    this.#fleet = undefined;
    const isGone = inForce === undefined || route === undefined || version === undefined;
    if (isGone || !sender.request.isKept) {
      sender.fail('no_endpoint', 'its version has been disabled, and no other one takes it');
      return;
    }
    this.#inForce = inForce;
    this.#tried = none;
    sender.moveOn(route, version);
    this.#head.rewrite(sender.request, route, version, inForce);
    this.go(version);
  }

  /** The route holds all requests, whatever can be reached. */
  #holdAtGate(): void {
    const { held, limits } = this.#shared;
    if (held >= limits.maxHeld) {
      this.#sender.fail('overflow', `${held} requests are held already`, retryAfter);
      return;
    }
    if (this.#hold()) this.#lookAtGate();
  }

  /** Returns whether it is held: what it would wait for may have come before it began to. */
  #hold(): boolean {
    const wait = new Hold(this.#sender.row, this.#shared);
    this.#waitFor(wait);
    if (this.#inForce !== this.#shared.inForce) this.swapped();
    return this.#wait === wait;
  }

  #lookAtGate(): void {
    const { route, beganAt } = this.#sender;
    const { deadlines, isClosed } = this.#shared;
    const { onUnavailable } = route ?? {};
    const holdMs = onUnavailable?.kind === 'hold' ? onUnavailable.holdMs : 0;
    if (!isClosed && deadlines.now - beganAt < holdMs) return;
    this.#sender.fail('hold_timeout', `the route was not opened for ${holdMs} ms`, retryAfter);
  }

  /** Looks whether a request that waits has waited for too long, or need not wait any more. */
  tick(now: number): void {
    const fleet = this.#fleet;
    const { phase } = this;
    if (fleet === undefined) {
      if (phase === 'held') this.#lookAtGate();
      return;
    }
    if (phase === 'held') this.#heldOn(fleet);
    if (phase !== 'queued') return;
    const { waitMs } = fleet.limits;
    if (now - this.triedAt <= waitMs) return;
    this.#sender.fail('overflow', `no connection for ${waitMs} ms`, retryAfter);
  }

  /** One of those that are held asks for all of them, until it is heard. */
  #heldOn(fleet: Fleet): void {
    const { route } = this.#sender;
    if (route === undefined) return;
    const then = this.#then(route);
    if (then.kind === 'fail' && then.code === 'hold_timeout') {
      this.#sender.fail('hold_timeout', this.#detail, retryAfter);
    } else if (fleet.isReachable || fleet.prober === undefined) {
      if (!fleet.isReachable) fleet.prober = this;
      this.#endWait();
      this.#enter(fleet);
    }
  }

  /** Where the request is, for who reads the log. */
  get place(): string {
    return this.#member?.pool.place ?? 'no endpoint';
  }

  #leaveFleet(fleet: Fleet): void {
    if (fleet.prober === this) fleet.prober = undefined;
    if (!this.#isIn) return;
    this.#isIn = false;
    fleet.admission.leave();
  }

  /** The exchange is over: ends what there is for it. */
  end(): void {
    const { upstream } = this;
    this.left();
    upstream?.destroy();
    this.#endWait();
    if (this.#fleet !== undefined) this.#leaveFleet(this.#fleet);
    this.#fleet = undefined;
  }
}

function failureOf(during: Loss['during'], code: string): Failure {
  if (during === 'connect') return 'connect_failure';
  if (during === 'handshake') return 'tls_failure';
  if (during === 'message') return 'upstream_malformed';
  // TLS 1.3: the other side may refuse our certificate when we already write.
  return code.startsWith('ERR_SSL_') ? 'tls_failure' : 'upstream_reset';
}
