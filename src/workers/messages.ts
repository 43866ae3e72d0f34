import type { VersionView } from '#core/endpoints/version-view';

/** What passes between a primary and its workers: plain data, in the order in which it was sent. */

/** A document as it goes to the workers. */
export interface SentDocument {
  /** Number of the snapshot it becomes: the same in all processes. */
  readonly generation: number;
  readonly hash: string;
  /** The document itself, or what has changed, made into bytes once for all workers. */
  readonly bytes: Uint8Array;
  /** The generation against which these are changes; undefined: the bytes are all of it. */
  readonly since?: number;
  /** Which (route, version) has which row of counters. */
  readonly pairs: readonly (readonly [route: string, version: string])[];
}

/** Files that are read together, and what they held when that was last good. */
export interface FileSet {
  readonly paths: readonly string[];
  readonly bytes: readonly Uint8Array[];
}

/** A question: it is answered by its number. */
export type Question =
  /** Compile it, and go on serving what is in force. */
  | { readonly kind: 'prepare'; readonly document: SentDocument }
  /** Put in force what was prepared last. */
  | { readonly kind: 'commit' }
  /** Tell the latest counts. */
  | { readonly kind: 'tell' }
  /** Show how the versions of a route stand, or of all. */
  | { readonly kind: 'show'; readonly route: string | undefined };

export type ToWorker<Work> =
  /** The first message: what it is to do, and the document to begin with. */
  | { readonly kind: 'start'; readonly work: Work; readonly document: SentDocument }
  /** Files that the documents to come name, or that have changed. */
  | { readonly kind: 'files'; readonly files: readonly FileSet[] }
  | ({ readonly number: number } & Question)
  /** It has more work than others: so many clients should come anew. */
  | { readonly kind: 'letGo'; readonly connections: number }
  /** Every answer says that the connection ends; what is left after `timeoutMs` is cut. */
  | { readonly kind: 'drain'; readonly timeoutMs: number }
  /** In a drain: connections are accepted no longer. */
  | { readonly kind: 'close' };

/** How it goes with a process. */
export interface Vitals {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** Share of the time since it last told in which the event loop was busy. */
  readonly busyShare: number;
  /** Connections of clients. */
  readonly connections: number;
}

export type FromWorker<Counts> =
  /** The process runs and can be told what to do. */
  | { readonly kind: 'hello' }
  /** It accepts connections. */
  | { readonly kind: 'serving' }
  /** It cannot begin; with the code of the system's error, if it was one. */
  | { readonly kind: 'unable'; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'done'; readonly number: number; readonly shown?: readonly VersionView[] }
  | { readonly kind: 'failed'; readonly number: number; readonly reason: string }
  /** Each second, and when asked. */
  | { readonly kind: 'told'; readonly counts: Counts; readonly vitals: Vitals }
  /** Of its counts what cannot wait for that. */
  | { readonly kind: 'urgent'; readonly counts: Counts }
  /** It has a bug and finishes what is begun: another one should take its place. */
  | { readonly kind: 'faulty'; readonly reason: string }
  | { readonly kind: 'drained'; readonly cut: number };
