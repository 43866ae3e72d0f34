import type { Problem } from '#core/document/problem';
import type { RulesSource } from '#core/document/rules-source';
import type { VersionView } from '#core/endpoints/version-view';
import type { MirrorSample } from '#core/mirror/mirror-sample';
import type { Command, CommandOutcome } from '#core/rollout/command';
import type { Overlay, OverlayOutcome, OverlayStatus, OverlayWish } from '#core/rollout/overlay';
import type { Revision, RouteStatus } from '#core/rollout/status';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { AccessPorts } from './access.ts';

/** What the admin listener may know, and whom it tells what people want. */
export interface AdminPorts {
  readonly inForce: () => { readonly snapshot: Snapshot | undefined; readonly number: number };
  readonly document: () => DocumentStatus;
  /** Whether the traffic listener accepts connections. */
  readonly listening: () => boolean;
  readonly draining: () => boolean;
  /** How every worker stands; none where one process serves alone. */
  readonly workers: () => readonly WorkerStatus[];
  /** How every watch of the Kubernetes API stands; none where nothing is watched there. */
  readonly watches: () => readonly WatchView[];
  /** How the versions of a route stand, or of all. */
  readonly versions: (route?: string) => Promise<readonly VersionView[]>;
  /** The first answers to copies of requests that differed from those of the originals. */
  readonly mirrorSamples: () => Promise<readonly MirrorSample[]>;
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
  readonly access: AccessPorts;
  readonly rollouts: RolloutPorts;
  readonly rules: RulesPorts;
  /**
   * Answers other replicas; undefined: there is nothing of that name. Throws a `TypeError` where it
   * cannot read what they say. Undefined where a process is alone.
   */
  readonly peers?:
    | ((what: string, body: unknown, gone: AbortSignal) => Promise<object | undefined>)
    | undefined;
}

/** The rules document as it is written, and how it is replaced. */
export interface RulesPorts {
  /** Undefined before the first. */
  readonly inForce: () => { readonly hash: string; readonly text: string } | undefined;
  readonly source: () => Promise<RulesSource>;
  readonly put: (wish: DocumentWish) => Promise<DocumentPut>;
}

/** A document that somebody wants in force. */
export interface DocumentWish {
  readonly text: string;
  /** Whether the document that the person has seen is the one in force, by its hash. */
  readonly isExpected: (hash: string) => boolean;
  /** Tells what would be, and changes nothing. */
  readonly isDryRun: boolean;
  readonly who: string;
}

/** What became of a document that somebody wants in force. */
export type DocumentPut =
  | {
      readonly kind: 'done';
      readonly hash: string;
      /** What it changes, a line each. */
      readonly changes: readonly string[];
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[]; readonly message: string }
  /** Changed: another one is in force. Refused: what it needs is not there. */
  | { readonly kind: 'changed' | 'refused' | 'unwritable'; readonly message: string };

/** How routes and their rollouts stand, and who obeys commands. */
export interface RolloutPorts {
  /** Of one route: none where there is no such route. */
  readonly statuses: (route?: string) => Promise<readonly RouteStatus[]>;
  /** The youngest first; of one route with those of the whole document. */
  readonly history: (route?: string) => readonly Revision[];
  readonly revision: (revision: number) => Revision | undefined;
  /** What was counted for the rollout of a route, as a file that can be judged again. */
  readonly replay: (route: string) => Promise<string | undefined>;
  readonly command: (command: Command) => Promise<CommandOutcome>;
  readonly overlays: OverlayPorts;
}

/** Weights of routes for a while. */
export interface OverlayPorts {
  /** Those in force. */
  readonly all: () => readonly { readonly route: string; readonly overlay: Overlay }[];
  /** Undefined: there is no such route. */
  readonly of: (route: string) => OverlayStatus | undefined;
  readonly want: (wish: OverlayWish) => Promise<OverlayOutcome>;
}

/** How a worker stands. */
export interface WorkerStatus {
  /** Its place, from 1: whoever replaces it has the same. */
  readonly worker: number;
  readonly pid: number;
  readonly state: 'starting' | 'serving' | 'leaving';
  /** How long it has accepted connections. */
  readonly servedMs: number;
  /** Number of the snapshot that it serves, and hash of its document. */
  readonly generation: number | undefined;
  readonly hash: string | undefined;
  /** Undefined until it has told for the first time. */
  readonly vitals:
    | {
        readonly residentBytes: number;
        readonly busyShare: number;
        readonly connections: number;
      }
    | undefined;
}

/** How a watch of the Kubernetes API stands. */
export interface WatchView {
  /** `configmaps shop/turnout-rules`. */
  readonly what: string;
  /** All that there is was read at least once. */
  readonly isSynced: boolean;
  /** What keeps it from hearing, with its remedy; undefined: nothing does. */
  readonly trouble: string | undefined;
  /** How long ago something was heard; undefined: never. */
  readonly heardMs: number | undefined;
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
