import type { Pair } from '#core/judge/measurement';
import type { Verdict } from '#core/judge/verdict';
import type { Verb } from './command.ts';
import type { Overlay } from './overlay.ts';
import type { Strategy } from './rule.ts';
import type { PausedBy, Phase } from './state.ts';

/** How a route's traffic stands, for who wants to look. Instants: milliseconds since 1970. */
export interface RouteStatus {
  readonly route: string;
  readonly versions: readonly VersionStatus[];
  /** Undefined where the route has no rollout. */
  readonly rollout: RolloutStatus | undefined;
  /** Weights that it has for a while; undefined: none. */
  readonly overlay: Overlay | undefined;
  /** Why the route is not as the document has it beside that: an undo, a disabled version; undefined: it is. */
  readonly differs: string | undefined;
  /** Undefined where one process is all there is. */
  readonly replicas?: ReplicasStatus | undefined;
}

/** How the replicas of a Turnout stand with each other. */
export interface ReplicasStatus {
  /** Who says so. */
  readonly replica: string;
  /** Who moves the rollouts; undefined: nobody does. */
  readonly leader: string | undefined;
  /** How long nobody has moved them; undefined: somebody does. */
  readonly leaderlessMs: number | undefined;
  /** Those that answered, of those that there are. */
  readonly heard: number;
  readonly of: number;
  /** Of those that answered: who has the same document and weights in force. */
  readonly alike: number;
  /** What keeps the ledger from being read or written, as a sentence; undefined: nothing. */
  readonly trouble: string | undefined;
}

export interface VersionStatus {
  readonly version: string;
  readonly state: 'active' | 'drain' | 'disabled';
  /** Of the split in force, 0 to 1. */
  readonly share: number;
  /** Requests since the process began, and those that failed. */
  readonly requests: number;
  readonly failures: number;
  readonly inFlight: number;
  readonly readyEndpoints: number;
  readonly endpoints: number;
  /** Set from the moment that it should get nothing any more. */
  readonly leaving: Leaving | undefined;
}

/** The proof that a version gets nothing any more. */
export interface Leaving {
  /** When that was decided, and when all processes had it in force. */
  readonly decidedAt: number;
  readonly inForceAt: number;
  /** When it was last sent a request; undefined: never. */
  readonly lastSentAt: number | undefined;
  /** When the last of its requests ended; undefined while some are in flight. */
  readonly lastEndedAt: number | undefined;
  readonly inFlight: number;
  /** Requests that it was sent after the decision was in force everywhere. */
  readonly sentSince: number;
  /** With others: on how many that is in force, of those that answered, of all. */
  readonly replicas?:
    | { readonly inForce: number; readonly heard: number; readonly of: number }
    | undefined;
}

export interface RolloutStatus {
  readonly strategy: Strategy;
  readonly from: string;
  readonly to: string;
  /** All routes that go together. */
  readonly routes: readonly string[];
  readonly release: string;
  readonly phase: Phase;
  /** Who holds it, where it is paused. */
  readonly pausedBy: PausedBy | undefined;
  /** From 1; of how many. 0: the first one waits for the new version. */
  readonly step: number;
  readonly steps: number;
  /** What the step does: `10 % for 10 min`. */
  readonly stepText: string;
  readonly reason: string;
  readonly beganAt: number;
  readonly stepBeganAt: number;
  /** When the step may end by itself; undefined: not by time. */
  readonly stepEndsAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Of the new version, 0 to 1, as planned, and as seen in this step; undefined without requests. */
  readonly share: number;
  readonly seenShare: number | undefined;
  /** Undefined where nothing is judged. */
  readonly verdict: Verdict | undefined;
  /** Limits of slowness T90, T95, T99, in milliseconds; undefined: not known yet. */
  readonly limitsMs: readonly [number, number, number] | undefined;
  /** What a strategy shows beside: `gap 1.2 s`, `held 31`. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly restartsAtFirstStep: boolean;
  readonly next: readonly string[];
  readonly requests: Pair;
}

/** One line of the history. */
export interface Revision {
  readonly revision: number;
  readonly at: number;
  readonly who: string;
  /** Undefined: the whole document. */
  readonly route: string | undefined;
  readonly kind: RevisionKind;
  readonly reason: string;
  /** Hash of the document that it goes with. */
  readonly hash: string;
  /** What it changed, a line each. */
  readonly changes: readonly string[];
}

export type RevisionKind =
  | 'document'
  | 'begin'
  | 'step'
  | 'rollback'
  | 'overlay'
  | 'overlay_end'
  | Verb;
