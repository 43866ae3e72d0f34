/** How long things may take, in milliseconds. */
export interface Times {
  readonly connectMs: number;
  /** One object, read or written: below half of what a lease's holder has to renew it. */
  readonly objectMs: number;
  /** Between two pieces of the answer to a list, and until a watch is answered. */
  readonly answerMs: number;
  /** Between two pieces of a watch: longer than between two bookmarks, of which there is one a minute. */
  readonly silentMs: number;
  /** A watch that ends sooner, and has told nothing, is not begun anew at once. */
  readonly shortWatchMs: number;
  /** Pauses after failures double from the first one to the longest. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** After so much time without a failure they begin anew. */
  readonly quietMs: number;
  /** Between two tries of what a person must put right first: half as much again by chance. */
  readonly slowPauseMs: number;
  /** No wish of a server for patience is obeyed for longer. */
  readonly longestRetryAfterMs: number;
  /** Token and certificates are read again when they are older. */
  readonly credentialsMs: number;
}

export const usualTimes: Times = {
  connectMs: 10_000,
  objectMs: 5_000,
  answerMs: 30_000,
  silentMs: 100_000,
  shortWatchMs: 1_000,
  firstPauseMs: 800,
  longestPauseMs: 30_000,
  quietMs: 120_000,
  slowPauseMs: 5_000,
  longestRetryAfterMs: 300_000,
  credentialsMs: 60_000,
};
