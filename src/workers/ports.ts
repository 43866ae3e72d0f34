import type { Ending } from './member.ts';
import type { Agreement } from './put-in-force.ts';

/** Where the counts of one worker are added up. */
export interface Sum<Counts> {
  add(counts: Counts): void;
  /** The worker is gone: takes out how things stood with it. */
  drop(): void;
}

/** A worker by its place and its process. */
export interface Who {
  readonly worker: number;
  readonly pid: number;
}

/** What happens to workers. */
export type CrewEvent =
  | (Who & { readonly kind: 'started'; readonly tookMs: number })
  | (Who & {
      readonly kind: 'died';
      readonly servedMs: number;
      /** How long its place stays empty; undefined: for ever. */
      readonly inMs: number | undefined;
    } & Ending)
  /** It was told to let connections go, because it is busier than others. */
  | (Who & { readonly kind: 'unburdened'; readonly connections: number })
  | (Who & { readonly kind: 'lagged' | 'faulty'; readonly reason: string })
  | ({ readonly kind: 'agreed'; readonly generation: number; readonly hash: string } & Agreement);

export interface CrewPorts<Work, Counts> {
  readonly size: number;
  /** What starts a worker: the program and its words. */
  readonly command: readonly [program: string, ...words: string[]];
  /** What the worker of this place is told to do. */
  readonly work: (place: number) => Work;
  readonly sum: () => Sum<Counts>;
  readonly happened: (event: CrewEvent) => void;
  /** A worker has told what cannot wait; it has been added up. */
  readonly urgent: () => void;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly times?: Partial<CrewTimes>;
}

/** How long workers may take. */
export interface CrewTimes {
  /** How often the primary looks who is silent. */
  readonly lookMs: number;
  /** Looks without a word after which a worker is given up: while it serves, and until it does. */
  readonly unheardMost: number;
  readonly startingMost: number;
  /** For either phase of a swap. */
  readonly swapMs: number;
  /** For the latest counts, when somebody waits for them. */
  readonly collectMs: number;
  /** After a drain, for the last counts. */
  readonly lastWordMs: number;
}
