import { Standing } from '#core/endpoints/standing';
import type { EndpointState } from '#core/exchange/labels';
import type { Pool } from './pool.ts';

/** One address of a version: where it leads, and how it has fared with this version's requests. */
export class Member {
  readonly pool: Pool;
  readonly standing = new Standing();
  /** By its active checks; without them it always is. */
  isUp = true;
  /** When it came to others that were there before, by the coarse clock. */
  joinedAt = Number.NEGATIVE_INFINITY;

  constructor(pool: Pool) {
    this.pool = pool;
  }

  get inFlight(): number {
    return this.pool.inFlight;
  }

  get shakyUntil(): number {
    return this.standing.shakyUntil;
  }

  /** It is chosen like any other. */
  get isWell(): boolean {
    return this.isUp && this.standing.state === 'in';
  }

  get state(): EndpointState {
    if (!this.isUp) return 'unhealthy';
    return this.standing.state === 'in' ? 'healthy' : 'ejected';
  }
}
