import type { Document } from '#core/document/document';
import type { RouteRule } from '#core/routing/rules';
import { documentInForce } from '#core/snapshot/rules-in-force';
import { accepted } from './accepted.ts';
import { type Change, recorded } from './change.ts';
import { departing, returning } from './departures.ts';
import { Documents } from './documents.ts';
import type { Entry } from './entries.ts';
import type { Kept } from './kept.ts';
import { leavingBetween, returningBetween } from './leaving.ts';
import type { Ledger } from './ledger.ts';
import type { PreparedDocument, RolloutOptions, RolloutPorts } from './ports.ts';
import { saved } from './saved.ts';
import { standingsOf } from './standings.ts';
import { type Transition, Transitions } from './transitions.ts';
import { Turns } from './turns.ts';

/**
 * What is wished for and how far it has come: the document and what is kept, and the one way to
 * change them. What is kept is a value that is replaced whole; what leads on is written down before
 * it is in force, what leads back is in force at once.
 */
export class Keeper {
  readonly documents: Documents;
  readonly #ports: RolloutPorts;
  readonly #ledger: Ledger;
  readonly #limit: number;
  readonly #transitions = new Transitions();
  readonly #turns = new Turns();
  #kept: Kept;
  #number = 0;
  #document: { readonly written: Document; readonly hash: string } | undefined;
  #entries: ReadonlyMap<string, Entry> = new Map();

  constructor(ledger: Ledger, ports: RolloutPorts, options: RolloutOptions) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#limit = options.revisionHistoryLimit;
    this.documents = new Documents(ledger, ports.read);
    this.#kept = inThisProcess(ledger.load());
  }

  get kept(): Kept {
    return this.#kept;
  }

  /** Counts the changes of what is kept. */
  get number(): number {
    return this.#number;
  }

  /** The rollouts of the document, by name. */
  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  /** Hash of the document; '' before the first. */
  get hash(): string {
    return this.#document?.hash ?? '';
  }

  /**
   * Does something that changes what is in force, when whatever does so now is over: between its
   * beginning and its end nobody else changes anything.
   */
  exclusively<Result>(act: () => Promise<Result>): Promise<Result> {
    return this.#turns.take(act);
  }

  /** Returns a new document as it would be in force. */
  prepare(written: Document, hash: string, text: string): PreparedDocument {
    const result = accepted(this.#kept, written, this.#ports.now());
    const document = this.#inForce(written, result.kept, result.entries);
    return { document, written, hash, text, accepted: result, number: this.#number };
  }

  /** Returns the same as it would be now; what is kept may have changed since. */
  preparedAgain(prepared: PreparedDocument): PreparedDocument {
    if (prepared.number === this.#number) return prepared;
    return this.prepare(prepared.written, prepared.hash, prepared.text);
  }

  /** Notes that a document is in force; within `exclusively`. */
  async taken(prepared: PreparedDocument, changes: readonly string[]): Promise<void> {
    const { written, hash, text, accepted: result } = this.preparedAgain(prepared);
    const { entries, kept, begun } = result;
    const at = this.#ports.now();
    const before = this.#document === undefined ? [] : this.inForce().routes;
    const isFirst = this.#document === undefined;
    this.#document = { written, hash };
    this.documents.note(hash, written);
    this.#entries = entries;
    this.set(kept);
    this.#tellDocument(isFirst, changes);
    for (const name of begun) this.#tellBegun(name);
    this.#depart(before, { decidedAt: at, inForceAt: at });
    await this.save(() => this.#ledger.saveDocument(hash, text));
    await this.save(() => this.#ledger.save(this.#kept));
    this.#tidy();
  }

  /** A restart that finds the document it had is no news. */
  #tellDocument(isFirst: boolean, changes: readonly string[]): void {
    const last = this.#kept.revisions.findLast(({ kind }) => kind === 'document');
    if (isFirst && last?.hash === this.#document?.hash) return;
    const reason = isFirst ? 'found at the start' : 'the document has changed';
    const kept = this.#kept;
    const change = { kept, kind: 'document', route: undefined, reason, changes } as const;
    this.set(this.#recorded({ ...change, isWayBack: false }, 'the document'));
    this.#tell(this.#kept);
  }

  #tellBegun(name: string): void {
    const rollout = this.#kept.rollouts[name];
    if (rollout === undefined) return;
    const { reason } = rollout.state;
    const what = { kept: this.#kept, kind: 'begin', route: rollout.routes[0], reason } as const;
    this.set(this.#recorded({ ...what, changes: [], isWayBack: false }, 'the document'));
    this.#tell(this.#kept);
  }

  /** Notes who gets nothing any more, and who does again, since these rules were in force. */
  #depart(
    before: readonly RouteRule[],
    times: { readonly decidedAt: number; readonly inForceAt: number },
  ): void {
    const after = this.inForce().routes;
    const back = returning(this.#kept, returningBetween(before, after));
    const leaving = leavingBetween(before, after);
    this.set(departing(back, leaving, times, this.#ports.countsOf));
  }

  /** The document as it is in force: with the weights of the rollouts, and what was undone. */
  inForce(): Document {
    const document = this.#document;
    if (document === undefined) throw new TypeError('there is no document yet');
    return this.#inForce(document.written, this.#kept, this.#entries);
  }

  #inForce(written: Document, kept: Kept, entries: ReadonlyMap<string, Entry>): Document {
    const pinned = (hash: string, route: string) => this.documents.ruleIn(hash, route);
    return documentInForce(written, standingsOf(kept, entries, pinned));
  }

  /**
   * Writes a change down and puts it in force, in the order that is safe; within `exclusively`.
   * Returns the number of its revision. Rejects with `Unwritable`.
   */
  async change(change: Change, who: string): Promise<number> {
    const decidedAt = this.#ports.now();
    const before = this.inForce().routes;
    const kept = this.#recorded(change, who);
    if (change.isWayBack) {
      this.set(kept);
      await Promise.all([this.save(() => this.#ledger.save(kept)), this.#ports.apply()]);
    } else {
      if (!(await this.save(() => this.#ledger.save(kept)))) throw new Unwritable();
      this.set(kept);
      await this.#ports.apply();
    }
    this.#tell(kept);
    const inForceAt = this.#ports.now();
    await this.#ports.collect();
    this.#depart(before, { decidedAt, inForceAt });
    this.#tidy();
    return kept.revisions.at(-1)?.revision ?? 0;
  }

  #recorded(change: Change, who: string): Kept {
    const hash = this.#document?.hash ?? '';
    const options = { who, at: this.#ports.now(), hash, limit: this.#limit };
    return recorded(change, this.#entries, options);
  }

  /** Tells what the last revision has brought. */
  #tell({ revisions }: Kept): void {
    const last = revisions.at(-1);
    if (last === undefined) return;
    const { kind, route, revision, who, reason, changes } = last;
    this.#ports.happened({ kind, route, revision, who, reason, changes });
    if (route !== undefined) this.#transitions.add(route, kind);
  }

  set(kept: Kept): void {
    if (kept === this.#kept) return;
    this.#kept = kept;
    this.#number += 1;
  }

  /** Returns whether it was written in time. */
  save(write: () => Promise<void>): Promise<boolean> {
    return saved(write, (error) => this.#ports.troubled('writing the ledger', error));
  }

  /** Notes when versions that left were sent their last, as long as that is news. */
  noteDepartures(): void {
    const departures = this.#kept.departures.map((departure) => {
      const counts = this.#ports.countsOf(departure.route, departure.version);
      const { lastSentAt, lastEndedAt } = counts;
      const isNews = lastSentAt !== departure.lastSentAt || lastEndedAt !== departure.lastEndedAt;
      return lastSentAt !== undefined && isNews
        ? { ...departure, lastSentAt, lastEndedAt }
        : departure;
    });
    if (departures.some((departure, index) => departure !== this.#kept.departures[index])) {
      this.set({ ...this.#kept, departures });
    }
  }

  #tidy(): void {
    const hashes = new Set(this.#kept.revisions.map(({ hash }) => hash));
    for (const { hash } of Object.values(this.#kept.pins)) hashes.add(hash);
    hashes.add(this.hash);
    this.documents.retain(hashes);
    const rollouts = Object.values(this.#kept.rollouts);
    this.#ledger.retain(hashes, new Set(rollouts.map(({ state }) => state.release)));
  }

  /** How often what was decided of each route since the process began. */
  transitions(): readonly Transition[] {
    return this.#transitions.all();
  }
}

/** A process counts from 0: all that it sends a version that has left is sent since. */
function inThisProcess(kept: Kept): Kept {
  const departures = kept.departures.map((departure) => ({ ...departure, sentBefore: 0 }));
  return { ...kept, departures };
}

/** What leads on is not done where it cannot be written down. */
export class Unwritable extends Error {
  constructor() {
    super('the ledger cannot be written: nothing was changed; look at the state directory');
  }
}
