import { Standing } from '#core/endpoints/standing';
import type { EndpointState } from '#core/exchange/labels';
import type { Pool } from './pool.ts';

/** One address of a version: where it leads, and how it has fared with this version's requests. */
export class Member {
  readonly pool: Pool;
  /**
   * Nothing is held against it: `standing` says nothing that counts. With thousands of versions
   * each object more that a request looks at has to be fetched from memory
   * (bench/micro/choose.bench.ts).
   */
  isSpotless = true;
  /** By its active checks; without them it always is. */
  isUp = true;
  /** One of them has passed. */
  hasPassed = false;
  readonly standing = new Standing();
  /** When it came to others that were there before, by the coarse clock. */
  joinedAt = Number.NEGATIVE_INFINITY;

  constructor(pool: Pool) {
    this.pool = pool;
  }

  get inFlight(): number {
    return this.pool.inFlight;
  }

  get shakyUntil(): number {
    return this.isSpotless ? 0 : this.standing.shakyUntil;
  }

  /** It is chosen like any other. */
  get isWell(): boolean {
    return this.isUp && this.standing.state === 'in';
  }

  /** A request is under way to it that decides whether it is back. */
  get isTried(): boolean {
    return !this.isSpotless && this.standing.state === 'tried';
  }

  get state(): EndpointState {
    if (!this.isUp) return 'unhealthy';
    return this.standing.state === 'in' ? 'healthy' : 'ejected';
  }
}
