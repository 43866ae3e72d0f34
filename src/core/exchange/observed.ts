import type { Assignment } from '#core/routing/assignment';
import type { Route } from '#core/routing/route';
import type { Failure } from './failure.ts';

/**
 * What is known of an exchange when it has ended. The object is reused for the next
 * one: whoever wants to keep something copies it.
 */
export interface Observed {
  /** Undefined where no route took the request. */
  readonly route: Route | undefined;
  readonly assignment: Assignment;
  readonly method: string;
  /** What the client was sent; 0 where nothing could be. */
  readonly status: number;
  /** Undefined where the upstream's whole answer reached the client. */
  readonly failure: Failure | undefined;
  /** Instants by the monotonic clock, in milliseconds. `respondedAt`: 0 without an upstream head. */
  readonly startedAt: number;
  readonly respondedAt: number;
  readonly endedAt: number;
  /** Bytes of the bodies, framing not counted. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** How often a request was sent again, for any reason. */
  readonly retries: number;
  /**
   * An attempt has failed by the fault of the version that was assigned, whatever became of the
   * request afterwards.
   */
  readonly hasStumbled: boolean;
  /** It is what the judging of the route has as its goal, and was answered so. */
  readonly hasReachedGoal: boolean;
}
