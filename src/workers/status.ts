import type { Member, MemberState } from './member.ts';
import type { Vitals } from './messages.ts';

/** Why a worker was replaced: it ended, its primary gave it up, or it found a bug in itself. */
export const replacements = ['died', 'lagged', 'faulty'] as const;
export type Replacement = (typeof replacements)[number];

/** What the outside may know of a worker. */
export interface WorkerStatus {
  /** Its place, from 1: whoever replaces it has the same. */
  readonly worker: number;
  readonly pid: number;
  readonly state: MemberState;
  /** How long it has accepted connections. */
  readonly servedMs: number;
  /** Number of the snapshot that it serves, and hash of its document. */
  readonly generation: number | undefined;
  readonly hash: string | undefined;
  /** Undefined until it has told for the first time. */
  readonly vitals: Vitals | undefined;
}

/** Returns how workers stand, by place. */
export function statusOf<Counts>(
  members: Iterable<Member<Counts>>,
  now: number,
): readonly WorkerStatus[] {
  return Array.from(members, (member) => ({
    worker: member.place,
    pid: member.pid,
    state: member.state,
    servedMs: servedMs(member, now),
    generation: member.serves?.generation,
    hash: member.serves?.hash,
    vitals: member.vitals,
  })).sort((a, b) => a.worker - b.worker);
}

/** Returns how long a worker has accepted connections; 0 if it never did. */
export function servedMs<Counts>({ servingSince = Number.NaN }: Member<Counts>, now: number) {
  return Number.isNaN(servingSince) ? 0 : now - servingSince;
}
