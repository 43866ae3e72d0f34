import type { Problem } from '#core/document/problem';
import type { Snapshot } from '#core/snapshot/snapshot';

/** What the admin listener may know and do. It changes nothing. */
export interface AdminPorts {
  readonly inForce: () => { readonly snapshot: Snapshot | undefined; readonly number: number };
  readonly document: () => DocumentStatus;
  /** Whether the traffic listener accepts connections. */
  readonly listening: () => boolean;
  readonly draining: () => boolean;
  readonly expose: (
    accept: string | undefined,
  ) => Promise<{ readonly contentType: string; readonly body: string }>;
  /** Turnout's version. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told what went wrong in answering, with its stack; the client only learns that something did. */
  readonly failed: (error: unknown) => void;
  /** Names by which people reach this listener, beside addresses and localhost. */
  readonly hosts: readonly string[];
}

/** How the document's way stands. */
export interface DocumentStatus {
  readonly file: string;
  readonly hash: string | undefined;
  readonly appliedAt: number | undefined;
  readonly warnings: string;
  /** Set while the source holds something else than what is in force. */
  readonly refusal:
    | {
        readonly hash: string | undefined;
        readonly at: number;
        readonly problems: readonly Problem[];
        readonly text: string;
      }
    | undefined;
}
