import type { Scope } from '#core/rollout/overlay';

/** What is remembered beside what is kept. */
export interface Records {
  /** What a restart would forget; undefined: nothing. */
  readonly warning: string | undefined;
  /** Who has what is kept here. */
  readonly scope: Scope;
  /** Adds to what is remembered of a release; see `Measures.newUnits`. */
  readonly addUnits: (release: string, units: Uint8Array) => Promise<void>;
  readonly unitsOf: (release: string) => Promise<Uint8Array>;
  /** Adds lines to the record of a release's ticks. */
  readonly addTicks: (release: string, lines: string) => Promise<void>;
  readonly ticksOf: (release: string) => Promise<string | undefined>;
  readonly saveDocument: (hash: string, text: string) => Promise<void>;
  readonly document: (hash: string) => Promise<string | undefined>;
  /** Throws away what belongs to none of these. */
  readonly retain: (hashes: ReadonlySet<string>, releases: ReadonlySet<string>) => void;
}
