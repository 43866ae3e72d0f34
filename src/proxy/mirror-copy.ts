import type { MirrorResult } from '#core/exchange/labels';
import type { Observed } from '#core/exchange/observed';
import { type Outcome, outcomeOf } from '#core/exchange/outcome';
import { type Compared, compareAnswers } from '#core/mirror/compare-answers';
import type { Mirror, Route } from '#core/routing/route';
import type { Timed } from './deadlines.ts';
import type { Fleet } from './fleet.ts';
import { forbids, type InForce } from './fleets.ts';
import { KeptBody } from './kept-body.ts';
import { none } from './line-up.ts';
import type { NodeBytes } from './node-bytes.ts';
import { overdue } from './overdue.ts';
import type { Pool } from './pool.ts';
import type { Shared } from './shared.ts';
import { Upstream, type UpstreamUser } from './upstream.ts';

/** A copy that is over, and what is known of its original by then. */
export interface Mirrored {
  readonly route: Route;
  readonly mirror: Mirror;
  readonly result: MirrorResult;
  readonly method: string;
  readonly path: string;
  /** '' where the request has none. */
  readonly unit: string;
  readonly original: Half;
  readonly copy: Half;
  /** To the head of each answer, in milliseconds; undefined where one has none. */
  readonly originalMs: number | undefined;
  readonly copyMs: number | undefined;
  /** Undefined where there was nothing to compare. */
  readonly compared: Compared | undefined;
}

/** What one of the two says of its version. */
export interface Half {
  readonly outcome: Outcome;
  /** To the head of its answer, or to its end without one, in milliseconds. */
  readonly ms: number;
}

/** What a copy is made of. */
export interface CopyPlan {
  readonly route: Route;
  readonly mirror: Mirror;
  readonly inForce: InForce;
  readonly fleet: Fleet;
  readonly method: string;
  /** As it is forwarded, without its query. */
  readonly path: string;
  readonly isHead: boolean;
  readonly unit: string;
  /** The head as the version is sent it. */
  readonly head: NodeBytes;
  readonly isChunked: boolean;
}

/** What became of the original. */
interface Original {
  readonly status: number;
  readonly ms: number | undefined;
  readonly hasFailed: boolean;
  readonly half: Half;
}

export const ignored: Half = { outcome: 'ignored', ms: 0 };

/**
 * The copy of one request, sent to another version: its answer is looked at and thrown away.
 *
 * It is sent once the original has been read to its end, so that an upload that was broken
 * off is not copied, and it never waits for anything that the original needs: no connection,
 * no turn, no memory beyond its limits. It is over when both have ended.
 */
export class MirrorCopy implements UpstreamUser, Timed {
  readonly isHead: boolean;
  readonly #plan: CopyPlan;
  readonly #shared: Shared;
  readonly #over: (copy: MirrorCopy, mirrored: Mirrored) => void;
  readonly #requestBody: KeptBody;
  /** Bodies of the answers, where they are compared. */
  readonly #originalBody: KeptBody | undefined;
  readonly #copyBody: KeptBody | undefined;
  #phase: 'reading' | 'connecting' | 'waiting' | 'responding' | 'ended' = 'reading';
  #result: MirrorResult = 'failed';
  #upstream: Upstream | undefined;
  #pool: Pool | undefined;
  #original: Original | undefined;
  #status = 0;
  #startedAt = 0;
  #respondedAt = 0;
  #endedAt = 0;
  #beganAt = 0;
  #triedAt = 0;
  #activeAt = 0;

  constructor(
    plan: CopyPlan,
    shared: Shared,
    over: (copy: MirrorCopy, mirrored: Mirrored) => void,
  ) {
    this.#plan = plan;
    this.#shared = shared;
    this.#over = over;
    this.isHead = plan.isHead;
    this.#requestBody = new KeptBody(plan.mirror.bodyBytes);
    const { compare } = plan.mirror;
    const isCompared = compare !== undefined && compare.body !== 'off';
    this.#originalBody = isCompared ? new KeptBody(compare.bodyBytes) : undefined;
    this.#copyBody = isCompared ? new KeptBody(compare.bodyBytes) : undefined;
  }

  /** Bytes of the request's body. */
  requestData(bytes: NodeBytes, start: number, end: number): void {
    this.#requestBody.add(bytes, start, end);
  }

  /** The request has been read to its end: the copy goes. */
  requestWhole(): void {
    this.#startedAt = this.#shared.ports.now();
    if (this.#requestBody.isTooLong) {
      this.#end('too_large');
      return;
    }
    if (this.#isForbidden) {
      this.#end('aborted');
      return;
    }
    const { fleet } = this.#plan;
    if (!fleet.admission.enter()) {
      this.#end('too_many');
      return;
    }
    const member = fleet.lineUp.choose(none, this.#shared.ports.assign.random);
    if (member === undefined) {
      fleet.admission.leave();
      this.#end('no_endpoint');
      return;
    }
    this.#send(member.pool);
  }

  #send(pool: Pool): void {
    const { deadlines, ports } = this.#shared;
    this.#phase = 'connecting';
    this.#pool = pool;
    this.#beganAt = deadlines.now;
    this.#triedAt = deadlines.now;
    deadlines.add(this);
    pool.inFlight++;
    const pooled = pool.takeSettled(ports.now());
    if (pooled === undefined) {
      this.#plan.fleet.makeRoom();
      this.#upstream = new Upstream(pool, this, this.#shared);
      return;
    }
    this.#upstream = pooled;
    pooled.use(this);
    this.connected(pooled);
  }

  /** The snapshot in force is a later one, and does not let its version have anything any more. */
  get #isForbidden(): boolean {
    const { route, mirror, inForce: taken } = this.#plan;
    const { inForce } = this.#shared;
    if (inForce === taken || inForce === undefined) return false;
    return forbids(inForce, route, mirror.version);
  }

  connected(upstream: Upstream): void {
    if (this.#isForbidden) {
      this.#end('aborted');
      return;
    }
    const { deadlines, ports } = this.#shared;
    this.#phase = 'waiting';
    this.#triedAt = deadlines.now;
    ports.sent(this.#plan.mirror.version.row, ports.now());
    upstream.wire.write(this.#message());
  }

  #message(): NodeBytes {
    const { head, isChunked } = this.#plan;
    const body = this.#requestBody.bytes ?? Buffer.alloc(0);
    if (!isChunked) return Buffer.concat([head, body]) as NodeBytes;
    const size = body.length === 0 ? '' : `${body.length.toString(16)}\r\n`;
    const end = body.length === 0 ? '0\r\n\r\n' : '\r\n0\r\n\r\n';
    return Buffer.concat([head, Buffer.from(size), body, Buffer.from(end)]) as NodeBytes;
  }

  head(): void {
    this.#phase = 'responding';
    this.#respondedAt = this.#shared.ports.now();
    this.#status = this.#shared.responseHead.status;
    this.#activeAt = this.#shared.deadlines.now;
  }

  body(_upstream: Upstream, bytes: NodeBytes, start: number, end: number): void {
    this.#activeAt = this.#shared.deadlines.now;
    this.#copyBody?.add(bytes, start, end);
  }

  ended(upstream: Upstream, _trailers: string, isClean: boolean): void {
    this.#upstream = undefined;
    if (isClean && upstream.isPersistent && upstream.wire.unsentBytes === 0) {
      upstream.release(this.#shared.ports.now());
    } else upstream.destroy();
    this.#end('answered');
  }

  lost(): void {
    this.#upstream = undefined;
    this.#end('failed');
  }

  /** Bytes of the answer that the client is given. */
  originalData(bytes: NodeBytes, start: number, end: number): void {
    this.#originalBody?.add(bytes, start, end);
  }

  /** The client has its answer, or none. The object is reused: what is needed of it is taken. */
  originalEnded({ status, failure, startedAt, respondedAt, endedAt, hasStumbled }: Observed): void {
    const ms = respondedAt === 0 ? undefined : respondedAt - startedAt;
    const outcome = hasStumbled ? 'failure' : outcomeOf(failure, status);
    const half = { outcome, ms: ms ?? endedAt - startedAt };
    this.#original = { status, ms, hasFailed: failure !== undefined, half };
    if (this.#phase === 'reading') this.#end('aborted');
    else if (this.#phase === 'ended') this.#conclude();
  }

  #end(result: MirrorResult): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#result = result;
    this.#endedAt = this.#shared.ports.now();
    this.#shared.deadlines.delete(this);
    this.#upstream?.destroy();
    this.#upstream = undefined;
    if (this.#pool !== undefined) {
      this.#pool.inFlight--;
      this.#plan.fleet.admission.leave();
      this.#pool = undefined;
    }
    if (this.#original !== undefined) this.#conclude();
  }

  #conclude(): void {
    const { route, mirror, method, path, unit } = this.#plan;
    const isAnswered = this.#result === 'answered';
    const measures = mirror.compare?.latency === true && isAnswered;
    this.#over(this, {
      route,
      mirror,
      result: this.#result,
      method,
      path,
      unit,
      original: this.#original?.half ?? ignored,
      copy: this.#copyHalf(),
      originalMs: measures ? this.#original?.ms : undefined,
      copyMs: measures ? this.#respondedAt - this.#startedAt : undefined,
      compared: isAnswered ? this.#compare() : undefined,
    });
  }

  /** A copy that was not sent for reasons of ours says nothing of its version. */
  #copyHalf(): Half {
    const ms = (this.#respondedAt || this.#endedAt) - this.#startedAt;
    if (this.#result === 'answered') return { outcome: outcomeOf(undefined, this.#status), ms };
    const isUnanswered = this.#result === 'failed' || this.#result === 'no_endpoint';
    return isUnanswered ? { outcome: 'failure', ms } : ignored;
  }

  /** Compares nothing with an answer that did not reach the client as its version gave it. */
  #compare(): Compared | undefined {
    const { compare } = this.#plan.mirror;
    const original = this.#original;
    if (compare === undefined || original === undefined || original.hasFailed) return undefined;
    return compareAnswers(
      { status: original.status, body: this.#originalBody?.bytes },
      { status: this.#status, body: this.#copyBody?.bytes },
      compare,
    );
  }

  tick(now: number): void {
    const { timeouts } = this.#plan.route;
    const phase = this.#phase;
    if (phase === 'reading' || phase === 'ended') return;
    const instants = {
      beganAt: this.#beganAt,
      triedAt: this.#triedAt,
      activeAt: this.#activeAt,
    };
    if (overdue(phase, now, instants, true, timeouts) !== undefined) this.#end('failed');
  }

  /** The process ends: nobody waits for it. */
  close(): void {
    this.#end('aborted');
  }

  flush(): boolean {
    return true;
  }

  bug(error: unknown): void {
    this.#shared.ports.bug(error);
    this.#end('failed');
  }

  interim(): void {}

  drained(): void {}
}
