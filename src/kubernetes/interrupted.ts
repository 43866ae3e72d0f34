import type { WatchRestart } from '#core/kubernetes/api';

/** A watch that was under way has ended: why. */
export class Interrupted extends Error {
  readonly reason: WatchRestart;

  constructor(reason: WatchRestart, message: string) {
    super(message);
    this.reason = reason;
  }
}
