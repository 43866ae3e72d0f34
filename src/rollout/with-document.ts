import type { Document } from '#core/document/document';
import { accepted } from './accepted.ts';
import { standAlike } from './adopt.ts';
import { recorded } from './change.ts';
import type { Kept } from './kept.ts';
import { timeIsOver } from './overlay-in-force.ts';

export interface DocumentTaken {
  readonly written: Document;
  readonly hash: string;
  /** What it has changed, a line each. */
  readonly changes: readonly string[];
  readonly now: number;
  /** How many revisions stay. */
  readonly limit: number;
}

/**
 * Returns what is kept with what a document makes of it, and with that in its history; undefined
 * where all of it is in there already.
 */
export function withDocument(kept: Kept, document: DocumentTaken): Kept | undefined {
  const { written, hash, changes, now, limit } = document;
  const result = accepted(kept, written, now);
  const options = { who: 'the document', at: now, hash, limit };
  let after = result.kept;
  const last = kept.revisions.findLast(({ kind }) => kind === 'document');
  if (last?.hash !== hash) {
    const reason = last === undefined ? 'found at the start' : 'the document has changed';
    const told = { kind: 'document', route: undefined, reason, changes } as const;
    after = recorded({ ...told, kept: after, isWayBack: false }, result.entries, options);
  }
  for (const [route, reason] of result.lifted) {
    const told = { kind: 'overlay_end', route, reason, changes: [] } as const;
    const who = reason === timeIsOver ? 'turnout' : options.who;
    after = recorded({ ...told, kept: after, isWayBack: false }, result.entries, {
      ...options,
      who,
    });
  }
  for (const name of result.begun) {
    const rollout = after.rollouts[name];
    if (rollout === undefined) continue;
    const { reason } = rollout.state;
    const told = { kind: 'begin', route: rollout.routes[0], reason, changes: [] } as const;
    after = recorded({ ...told, kept: after, isWayBack: false }, result.entries, options);
  }
  const isWritten = after.revisions === kept.revisions && standAlike(after, kept);
  return isWritten ? undefined : after;
}
