import type { WatchRestart } from '#core/kubernetes/api';

/** What becomes of a watch, for the log and for counters. */
export type WatchHappening =
  | {
      readonly kind: 'lost';
      readonly what: string;
      readonly reason: WatchRestart;
      readonly trouble: string;
    }
  | { readonly kind: 'found'; readonly what: string }
  | {
      readonly kind: 'restarted';
      readonly what: string;
      readonly resource: string;
      readonly reason: WatchRestart;
    }
  | { readonly kind: 'failed'; readonly what: string; readonly error: unknown };
