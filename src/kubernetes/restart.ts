import { ApiError, type WatchRestart } from '#core/kubernetes/api';
import { Interrupted } from './interrupted.ts';

/** What is done after a watch, or a list, has come to an end. */
export interface Restart {
  readonly reason: WatchRestart;
  /**
   * `same`: what was under way. `list`: from the version that is known, because a server that
   * was away may have others. `list_anew`: from none, because that version is not known there.
   */
  readonly next: 'same' | 'list' | 'list_anew';
  /**
   * `growing`: as `Backoff` says. `if_again`: so too, but only if nothing was heard since it
   * was begun anew for the same reason. `slow`: a person must put something right. Or milliseconds.
   */
  readonly pause: 'none' | 'if_again' | 'growing' | 'slow' | number;
  /** As a person is told it; undefined: nothing is wrong. */
  readonly message: string | undefined;
}

const tooLarge = /too large resource version/i;

/** Returns what to do after a failure, by what was answered or how a watch ended. */
export function restartAfter(error: unknown): Restart {
  if (error instanceof Interrupted) return afterInterruption(error);
  if (error instanceof ApiError) return afterAnswer(error);
  const message = error instanceof Error ? error.message : String(error);
  return { reason: 'unreadable', next: 'list', pause: 'growing', message };
}

function afterInterruption({ reason, message }: Interrupted): Restart {
  switch (reason) {
    case 'ended':
      return { reason, next: 'same', pause: 'if_again', message: undefined };
    case 'silent':
      return { reason, next: 'same', pause: 'none', message };
    case 'gone':
      return { reason, next: 'list_anew', pause: 'if_again', message: undefined };
    default: {
      const next = tooLarge.test(message) ? 'list_anew' : 'list';
      return { reason, next, pause: 'growing', message };
    }
  }
}

function afterAnswer({ status, message, retryAfterMs }: ApiError): Restart {
  const growing = { next: 'list', pause: 'growing', message } as const;
  switch (status) {
    case 0:
      return { ...growing, reason: 'unreachable' };
    case 401:
      // A token that was read a minute ago may have been replaced since.
      return { ...growing, reason: 'unauthorized', pause: 'if_again' };
    case 403:
      return { ...growing, reason: 'forbidden', pause: 'slow' };
    case 404:
      return {
        ...growing,
        reason: 'server_error',
        pause: 'slow',
        message: `${message}: is this kind of object installed?`,
      };
    case 410:
      return { reason: 'gone', next: 'list_anew', pause: 'if_again', message: undefined };
    case 429:
    case 503:
      return { reason: 'throttled', next: 'same', pause: retryAfterMs ?? 'growing', message };
    default:
      // A version that the server cannot make sense of is no version of its own.
      return {
        ...growing,
        reason: 'server_error',
        next: status === 400 || tooLarge.test(message) ? 'list_anew' : 'list',
      };
  }
}
