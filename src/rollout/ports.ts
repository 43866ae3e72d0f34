import type { Document } from '#core/document/document';
import type { Reading } from '#core/document/read';
import type { VersionView } from '#core/endpoints/version-view';
import type { RevisionKind } from '#core/rollout/status';
import type { Accepted } from './accepted.ts';
import type { CountsOf } from './departures.ts';
import type { Together } from './shared.ts';

/** Something that has happened to a rollout, as log and metrics tell it. */
export interface RolloutEvent {
  readonly kind: RevisionKind;
  readonly route: string | undefined;
  readonly revision: number;
  readonly who: string;
  readonly reason: string;
  readonly changes: readonly string[];
}

export interface RolloutPorts {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves when the counts of all processes are here. */
  readonly collect: () => Promise<void>;
  /** How the versions of these routes stand, or of all. */
  readonly versions: (routes?: readonly string[]) => Promise<readonly VersionView[]>;
  readonly countsOf: CountsOf;
  /** Puts `inForce()` in force, everywhere. */
  readonly apply: () => Promise<void>;
  readonly read: (text: string) => Promise<Reading>;
  readonly happened: (event: RolloutEvent) => void;
  /** Told what could not be done, and is tried again. */
  readonly troubled: (what: string, error: unknown) => void;
  /** Undefined where this process is alone. */
  readonly together?: Together | undefined;
}

export interface RolloutOptions {
  /** How many revisions stay. */
  readonly revisionHistoryLimit: number;
}

/** A document as rollouts make it, before it is in force. */
export interface PreparedDocument {
  /** With the weights that are in force. */
  readonly document: Document;
  readonly written: Document;
  readonly hash: string;
  readonly text: string;
  readonly accepted: Accepted;
  /** What is kept has changed since, where this is not the number any more. */
  readonly number: number;
  /** When it was made: what was over by then is not in it. */
  readonly at: number;
}
