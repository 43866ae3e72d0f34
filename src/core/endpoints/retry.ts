import type { RetryReason } from '#core/exchange/labels';

/** Methods that may be sent twice (RFC 9110 section 9.2.2), those we know of. */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

export function isIdempotent(method: string): boolean {
  return idempotent.has(method);
}

/** How a try ended that brought no answer. */
export interface LostTry {
  /** A connection could be made, so that the request was written, or a part of it. */
  readonly wasSent: boolean;
  /** The connection had carried another request before. */
  readonly onUsed: boolean;
  /** A byte of an answer had come. */
  readonly hasAnswered: boolean;
  /** It may be sent twice, and all that was read of it is still at hand. */
  readonly isRepeatable: boolean;
}

/**
 * Returns as what a request may be sent again; undefined where it must not be.
 *
 * What was not sent may go elsewhere whatever it is. What was sent may have been done: only
 * what may be done twice is repeated, and only before the first byte of an answer. Of a
 * connection that was used before it is likely that it was closed just as we wrote, and that
 * nobody has read the request (`stale`).
 */
export function retryReason(lost: LostTry): RetryReason | undefined {
  if (!lost.wasSent) return 'connect';
  if (lost.hasAnswered || !lost.isRepeatable) return undefined;
  return lost.onUsed ? 'stale' : 'reset';
}

/** What a request may still have. */
export interface Left {
  /** How often it may be sent again at all, as its route says. */
  readonly attempts: number;
  /** How often it has been. */
  readonly repeats: number;
  /** There is an endpoint that it has not tried. */
  readonly hasOther: boolean;
  /** To ask the same endpoint for a connection again makes sense: no certificate gets better by that. */
  readonly mayPause: boolean;
}

/**
 * Returns when a request is sent again, if it may be; undefined where it has had its share.
 *
 * To ask another endpoint for a connection is not to send again: it goes on until each was asked
 * once. Only where the same one must be asked again is there a pause first.
 */
export function retryWhen(
  reason: RetryReason,
  { attempts, repeats, hasOther, mayPause }: Left,
): 'at-once' | 'after-pause' | undefined {
  if (attempts === 0) return undefined;
  if (reason === 'connect' && hasOther) return 'at-once';
  if (repeats >= attempts || (reason === 'connect' && !mayPause)) return undefined;
  if (reason === 'stale') return 'at-once';
  return reason === 'reset' && hasOther ? 'at-once' : 'after-pause';
}

/**
 * Whether a retry takes from the budget of its version. Not where the request has reached nobody,
 * so that it is no more load than the version was to have: of a stale connection, and where
 * another endpoint is asked for a connection, each once.
 */
export function isCharged(reason: RetryReason, when: 'at-once' | 'after-pause'): boolean {
  return reason !== 'stale' && (reason !== 'connect' || when === 'after-pause');
}
