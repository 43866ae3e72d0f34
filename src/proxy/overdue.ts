import type { Failure } from '#core/exchange/failure';
import type { Timeouts } from '#core/routing/rules';

/** What an exchange that is under way is doing. */
export type BusyPhase = 'connecting' | 'waiting' | 'responding' | 'held' | 'queued' | 'pausing';

/** When things last happened, by the coarse clock, in milliseconds. */
export interface Instants {
  readonly beganAt: number;
  /** The connection in use was asked for, or was opened. */
  readonly triedAt: number;
  /** A byte came from either side. */
  readonly activeAt: number;
}

export interface Overdue {
  readonly code: Failure;
  readonly detail: string;
}

/** Returns which time limit of its route an exchange has passed; undefined while it is in time. */
export function overdue(
  phase: BusyPhase,
  now: number,
  { beganAt, triedAt, activeAt }: Instants,
  isRequestRead: boolean,
  { connectMs, firstByteMs, idleMs, totalMs, attemptMs }: Timeouts,
): Overdue | undefined {
  if (isPast(totalMs, now - beganAt))
    return { code: 'total_timeout', detail: `${totalMs} ms in all` };
  if (phase === 'held' || phase === 'queued' || phase === 'pausing') return undefined;
  if (phase === 'connecting') {
    return isPast(connectMs, now - triedAt)
      ? { code: 'connect_timeout', detail: `no connection for ${connectMs} ms` }
      : undefined;
  }
  if (isPast(attemptMs, now - triedAt))
    return { code: 'response_timeout', detail: `no whole response for ${attemptMs} ms` };
  const quietMs = now - Math.max(activeAt, triedAt);
  if (isPast(idleMs, quietMs)) return { code: 'idle_timeout', detail: `no byte for ${idleMs} ms` };
  // The upstream owes its first byte only when it has the whole request.
  return phase === 'waiting' && isRequestRead && isPast(firstByteMs, quietMs)
    ? { code: 'response_timeout', detail: `no response for ${firstByteMs} ms` }
    : undefined;
}

/** 0 is no limit. */
function isPast(limitMs: number, ms: number): boolean {
  return limitMs > 0 && ms > limitMs;
}
