import type { Document } from '#core/document/document';
import { type Accepted, accepted, goesOn } from './accepted.ts';
import { withEvidence } from './adopt.ts';
import { type Change, type RevisionOptions, recorded } from './change.ts';
import { type Effect, withEffect } from './effect.ts';
import { type Entry, entriesOf } from './entries.ts';
import type { Kept, KeptRevision, KeptRollout } from './kept.ts';
import { saved } from './saved.ts';
import { Overtaken, type SharedLedger } from './shared.ts';

/** A way back that is in force here and not in the ledger yet. */
interface Owed extends Omit<Change, 'kept' | 'isWayBack'>, Omit<RevisionOptions, 'limit'> {
  readonly effect: Effect;
  /** Decided by this replica as the leader: another leader decides anew. */
  readonly isLeaders: boolean;
}

/**
 * The ledger of several replicas as one of them knows it: what is written there, what this one has
 * gathered since, and what it still has to write.
 */
export class SharedBook {
  readonly #ledger: SharedLedger;
  readonly #troubled: (what: string, error: unknown) => void;
  #written: Kept;
  #version: string;
  #owed: readonly Owed[] = [];
  /** This replica leads: its evidence is newer than the ledger's. */
  #isGathering = false;

  constructor(ledger: SharedLedger, troubled: (what: string, error: unknown) => void) {
    this.#ledger = ledger;
    this.#troubled = troubled;
    const { kept, version } = ledger.latest();
    this.#written = kept;
    this.#version = version;
  }

  /** As it is in the ledger. */
  get written(): Kept {
    return this.#written;
  }

  get isGathering(): boolean {
    return this.#isGathering;
  }

  get owes(): boolean {
    return this.#owed.length > 0;
  }

  /** Whose they are: what only the leader has decided, only the leader writes. */
  get owedBy(): 'leader' | 'person' {
    return this.#owed.every(({ isLeaders }) => isLeaders) ? 'leader' : 'person';
  }

  /**
   * Writes what was made of `written`. Returns whether that was done in time. Throws `Overtaken`
   * where somebody else was faster.
   */
  async write(kept: Kept, by: 'leader' | 'person'): Promise<boolean> {
    const before = this.#version;
    let version = before;
    let isOvertaken = false;
    const isWritten = await saved(
      async () => {
        version = await this.#ledger.write(kept, before, by);
      },
      (error) => {
        if (error instanceof Overtaken) isOvertaken = true;
        else this.#troubled('writing the ledger', error);
      },
    );
    if (isOvertaken) throw new Overtaken();
    if (!isWritten) return false;
    this.#written = kept;
    this.#version = version;
    return true;
  }

  /** Takes over what is in the ledger. Returns its news; undefined where it is as it was. */
  take(): readonly KeptRevision[] | undefined {
    const { kept, version } = this.#ledger.latest();
    if (version === this.#version) return undefined;
    const known = new Set(this.#written.revisions.map(placeOf));
    this.#written = kept;
    this.#version = version;
    return kept.revisions.filter((revision) => !known.has(placeOf(revision)));
  }

  /** Begins to gather evidence of its own, or ends it: then that of the ledger counts again. */
  gather(isGathering: boolean): void {
    this.#isGathering = isGathering;
    if (!isGathering) this.#owed = this.#owed.filter(({ isLeaders }) => !isLeaders);
  }

  /** What is written, with the evidence that was gathered since. */
  base(own: Kept): Kept {
    return this.#isGathering ? withEvidence(this.#written, own) : this.#written;
  }

  /** What a document makes of that, with the ways back that are in force here already. */
  follow(own: Kept, document: Document, now: number): Accepted {
    const result = accepted(withOwnRollouts(this.base(own), own, document), document, now);
    const kept = this.#owed.reduce((before, { effect }) => withEffect(before, effect), result.kept);
    return { ...result, kept: { ...kept, departures: own.departures } };
  }

  owe(owed: Owed): void {
    this.#owed = [...this.#owed, owed];
  }

  /**
   * Returns what is to be written so that nothing is owed any more; undefined where there is
   * nothing: others have seen to it, or it is over.
   */
  settling(own: Kept, entries: ReadonlyMap<string, Entry>, limit: number): Kept | undefined {
    let kept = this.base(own);
    const open: Owed[] = [];
    for (const owed of this.#owed) {
      const next = withEffect(kept, owed.effect);
      if (next === kept) continue;
      open.push(owed);
      kept = recorded({ ...owed, kept: next, isWayBack: true }, entries, { ...owed, limit });
    }
    this.#owed = open;
    return open.length === 0 ? undefined : kept;
  }

  settled(): void {
    this.#owed = [];
  }
}

/**
 * Returns what is written with the rollouts that a document wishes for as they were here last, where
 * the ledger has others by their names: a document that comes to this replica later than to others
 * must not begin anew what it has come to already.
 */
function withOwnRollouts(written: Kept, own: Kept, document: Document): Kept {
  const kept: Record<string, KeptRollout> = {};
  for (const entry of entriesOf(document).values()) {
    const [theirs, ours] = [written.rollouts[entry.name], own.rollouts[entry.name]];
    const isOther = theirs !== undefined && !goesOn(theirs, entry);
    if (isOther && ours !== undefined && goesOn(ours, entry)) kept[entry.name] = ours;
  }
  return { ...written, rollouts: { ...written.rollouts, ...kept } };
}

function placeOf({ revision, at }: KeptRevision): string {
  return `${revision} ${at}`;
}
