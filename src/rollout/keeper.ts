import type { Document } from '#core/document/document';
import type { RouteRule } from '#core/routing/rules';
import { documentInForce } from '#core/snapshot/rules-in-force';
import { accepted } from './accepted.ts';
import { standAlike, withoutLostUnits } from './adopt.ts';
import { type Change, recorded } from './change.ts';
import { departing, returning } from './departures.ts';
import { Documents } from './documents.ts';
import { effectOf } from './effect.ts';
import type { Entry } from './entries.ts';
import type { Kept, KeptRevision } from './kept.ts';
import { leavingBetween, returningBetween } from './leaving.ts';
import type { Ledger } from './ledger.ts';
import { isInForce, timeIsOver } from './overlay-in-force.ts';
import type { PreparedDocument, RolloutOptions, RolloutPorts } from './ports.ts';
import { saved } from './saved.ts';
import { type Heard, isOvertaken, Overtaken, type SharedLedger } from './shared.ts';
import { SharedBook } from './shared-book.ts';
import { standingsOf } from './standings.ts';
import { type Transition, Transitions } from './transitions.ts';
import { Turns } from './turns.ts';
import { withDocument } from './with-document.ts';

/**
 * What is wished for and how far it has come: the document and what is kept, and the one way to
 * change them. What is kept is a value that is replaced whole; what leads on is written down before
 * it is in force, what leads back is in force at once.
 */
export class Keeper {
  readonly documents: Documents;
  readonly #ports: RolloutPorts;
  readonly #ledger: Ledger | SharedLedger;
  /** Undefined where this process is alone. */
  readonly #book: SharedBook | undefined;
  readonly #limit: number;
  readonly #transitions = new Transitions();
  readonly #turns = new Turns();
  #kept: Kept;
  #number = 0;
  #document:
    | { readonly written: Document; readonly hash: string; readonly text: string }
    | undefined;
  #entries: ReadonlyMap<string, Entry> = new Map();
  /** The instant that the rules in force are of: overlays that were over by then are not in it. */
  #asOf = 0;
  /** What the document has changed, until that is written. */
  #changes: readonly string[] = [];
  /** Others may have a later document than this replica. */
  #mayBeBehind = true;
  #leadsSince = 0;
  /** The ledger has what the document makes of it, as far as it is on who leads. */
  #isAccepted = false;

  constructor(ledger: Ledger | SharedLedger, ports: RolloutPorts, options: RolloutOptions) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#limit = options.revisionHistoryLimit;
    this.documents = new Documents(ledger, ports.read);
    if ('load' in ledger) {
      this.#kept = inThisProcess(ledger.load());
    } else {
      this.#book = new SharedBook(ledger, ports.troubled);
      this.#kept = inThisProcess(this.#book.written);
    }
  }

  /** As it is in force here. */
  get kept(): Kept {
    return this.#kept;
  }

  /**
   * What a person's verb is about: who does not lead has in force what its document makes of the
   * ledger, and leaves it to the leader to write that.
   */
  get standing(): Kept {
    return this.#book === undefined || this.#leads() ? this.#kept : this.#book.written;
  }

  /** As it is in the ledger, as far as is known here. */
  get written(): Kept {
    return this.#book?.written ?? this.#kept;
  }

  /** Whether something is in force here that leads back, and that the ledger does not have yet. */
  get owes(): boolean {
    return this.#book?.owes === true;
  }

  /** Whether others write the ledger too: what is over by the clock is then over everywhere. */
  get isTogether(): boolean {
    return this.#book !== undefined;
  }

  /** Whether something is still to be written that nobody is going to ask for again. */
  get isBehindhand(): boolean {
    return this.owes || (this.#leads() && !this.#isAccepted);
  }

  #leads(): boolean {
    return this.#book?.isGathering === true && this.#ports.together?.mayAct() === true;
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
    const at = this.#ports.now();
    const result = this.#book?.follow(this.#kept, written, at) ?? accepted(this.#kept, written, at);
    const document = this.#inForce(written, result.kept, result.entries, at);
    return { document, written, hash, text, accepted: result, number: this.#number, at };
  }

  /** Returns the same as it would be now; what is kept may have changed since. */
  preparedAgain(prepared: PreparedDocument): PreparedDocument {
    if (prepared.number === this.#number) return prepared;
    return this.prepare(prepared.written, prepared.hash, prepared.text);
  }

  /** Notes that a document is in force; within `exclusively`. */
  async taken(prepared: PreparedDocument, changes: readonly string[]): Promise<void> {
    if (this.#book !== undefined) return this.#takenTogether(prepared, changes);
    const { written, hash, text, accepted: result, at: asOf } = this.preparedAgain(prepared);
    const { entries, kept, begun, lifted } = result;
    const at = this.#ports.now();
    const before = this.#document === undefined ? [] : this.inForce().routes;
    const isFirst = this.#document === undefined;
    this.#document = { written, hash, text };
    this.documents.note(hash, written);
    this.#entries = entries;
    this.#asOf = asOf;
    this.set(kept);
    this.#tellDocument(isFirst, changes);
    for (const [route, reason] of lifted) this.#tellLifted(route, reason);
    for (const name of begun) this.#tellBegun(name);
    this.#depart(before, { decidedAt: at, inForceAt: at });
    await this.save(() => this.#ledger.saveDocument(hash, text));
    await this.#write(this.#kept, 'leader');
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
    this.#tell(this.#kept.revisions.at(-1));
  }

  #tellBegun(name: string): void {
    const rollout = this.#kept.rollouts[name];
    if (rollout === undefined) return;
    const { reason } = rollout.state;
    const what = { kept: this.#kept, kind: 'begin', route: rollout.routes[0], reason } as const;
    this.set(this.#recorded({ ...what, changes: [], isWayBack: false }, 'the document'));
    this.#tell(this.#kept.revisions.at(-1));
  }

  #tellLifted(route: string, reason: string): void {
    const what = { kept: this.#kept, kind: 'overlay_end', route, reason } as const;
    const who = reason === timeIsOver ? 'turnout' : 'the document';
    this.set(this.#recorded({ ...what, changes: [], isWayBack: false }, who));
    this.#tell(this.#kept.revisions.at(-1));
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
    return this.#inForce(document.written, this.#kept, this.#entries, this.#asOf);
  }

  /** Returns a route as it would be in force now, were this what is kept. */
  ruleWith(kept: Kept, route: string): RouteRule | undefined {
    if (this.#document === undefined) return undefined;
    const { written } = this.#document;
    const document = this.#inForce(written, kept, this.#entries, this.#ports.now());
    return document.routes.find(({ name }) => name === route);
  }

  #inForce(
    written: Document,
    kept: Kept,
    entries: ReadonlyMap<string, Entry>,
    now: number,
  ): Document {
    const pinned = (hash: string, route: string) => this.documents.ruleIn(hash, route);
    return documentInForce(written, standingsOf(kept, entries, pinned, now));
  }

  /**
   * Puts out of force the overlays that are over by this clock, and writes nothing: for a replica
   * whose ledger another one writes. Within `exclusively`.
   */
  async lapse(): Promise<void> {
    const now = this.#ports.now();
    const overlays = Object.values(this.#kept.overlays);
    const isNews = overlays.some((one) => isInForce(one, this.#asOf) && !isInForce(one, now));
    if (!isNews) return;
    if (this.#book !== undefined) {
      await this.#stand(now);
      if (this.#leads()) await this.#accept();
      return;
    }
    const before = this.inForce().routes;
    this.#asOf = now;
    await this.#ports.apply();
    this.#depart(before, { decidedAt: now, inForceAt: this.#ports.now() });
  }

  /**
   * Writes a change down and puts it in force, in the order that is safe; within `exclusively`.
   * Returns the number of its revision. Rejects with `Unwritable`, and with `Overtaken` where
   * somebody else was faster: then it has to be decided again.
   */
  async change(change: Change, who: string, by: 'leader' | 'person'): Promise<number> {
    const decidedAt = this.#ports.now();
    const before = this.inForce().routes;
    const kept = this.#recorded(change, who);
    if (change.isWayBack) {
      this.#asOf = decidedAt;
      this.#setBack(change, kept, by);
      await Promise.all([this.#saveBack(), this.#ports.apply()]);
    } else {
      if (!(await this.#write(kept, by))) throw new Unwritable();
      this.#asOf = decidedAt;
      this.#setOn(kept);
      await this.#ports.apply();
    }
    this.#tell(kept.revisions.at(-1));
    const inForceAt = this.#ports.now();
    await this.#ports.collect();
    this.#depart(before, { decidedAt, inForceAt });
    this.#tidy();
    return kept.revisions.at(-1)?.revision ?? 0;
  }

  /** What leads back is in force from here on, whoever writes what in the meantime. */
  #setBack(change: Change, kept: Kept, by: 'leader' | 'person'): void {
    const last = kept.revisions.at(-1);
    if (this.#book === undefined || last === undefined) {
      this.set(kept);
      return;
    }
    const effect = effectOf(this.#kept, change.kept);
    this.#book.owe({ ...last, route: change.route, effect, isLeaders: by === 'leader' });
    this.#follow();
  }

  async #saveBack(): Promise<void> {
    if (this.#book === undefined) await this.#write(this.#kept, 'leader');
    else await this.#settle();
  }

  #setOn(kept: Kept): void {
    if (this.#book === undefined) this.set(kept);
    else this.#follow(kept);
  }

  /** Returns whether it was written in time. Throws `Overtaken`, having taken over what is there. */
  async #write(kept: Kept, by: 'leader' | 'person'): Promise<boolean> {
    const ledger = this.#ledger;
    if ('save' in ledger) return this.save(() => ledger.save(kept));
    try {
      return (await this.#book?.write(kept, by)) ?? false;
    } catch (error) {
      if (error instanceof Overtaken) await this.#takeOver();
      throw error;
    }
  }

  #recorded(change: Change, who: string): Kept {
    const hash = this.#document?.hash ?? '';
    const options = { who, at: this.#ports.now(), hash, limit: this.#limit };
    return recorded(change, this.#entries, options);
  }

  /** Tells what a revision has brought. */
  #tell(told: KeptRevision | undefined): void {
    if (told === undefined) return;
    const { kind, route, revision, who, reason, changes } = told;
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

  /** Writes the evidence down, where it is not yet; within `exclusively`. */
  async saveEvidence(): Promise<void> {
    if (this.#book === undefined) await this.#write(this.#kept, 'leader');
    else if (this.#leads()) await this.#write(this.#kept, 'leader').catch(isOvertaken);
  }

  /** Takes over what others have written, and tries again to write what they should have. */
  adopt(): Promise<void> {
    return this.exclusively(async () => {
      await this.#takeOver();
      await this.#settle();
      if (this.#leads()) await this.#accept();
    });
  }

  /**
   * Leads from what the ledger has now. `isKnown`: whether the units are known that the evidence of
   * a release is made of.
   */
  lead(isKnown: (release: string, heard: Heard) => boolean): Promise<void> {
    return this.exclusively(async () => {
      await this.#takeOver();
      this.#book?.gather(true);
      this.#leadsSince = this.#ports.now();
      this.set(withoutLostUnits(this.#kept, isKnown));
      await this.#settle();
      await this.#accept();
    });
  }

  /** Follows again: whoever leads has the evidence. */
  unlead(): Promise<void> {
    return this.exclusively(async () => {
      this.#book?.gather(false);
      await this.#takeOver();
      this.#follow();
      await this.#ports.apply();
    });
  }

  async #takenTogether(prepared: PreparedDocument, changes: readonly string[]): Promise<void> {
    const { written, hash, text } = prepared;
    const at = this.#ports.now();
    const before = this.#document === undefined ? [] : this.inForce().routes;
    this.#mayBeBehind = this.#document === undefined;
    this.#document = { written, hash, text };
    this.#changes = changes;
    this.documents.note(hash, written);
    this.#follow();
    this.#depart(before, { decidedAt: at, inForceAt: at });
    if (this.#leads()) await this.#accept();
  }

  /** Takes over what is in the ledger, and puts in force what follows from it. */
  async #takeOver(): Promise<void> {
    const news = this.#book?.take();
    if (this.#book === undefined || news === undefined) return;
    const { pins } = this.#book.written;
    await this.documents.read(Object.values(pins).map(({ hash }) => hash));
    await this.#stand(news.at(-1)?.at);
    for (const revision of news) {
      if (revision.kind === 'document') this.#mayBeBehind = true;
      this.#tell(revision);
    }
  }

  /** Puts in force what follows from the ledger, the document and what is owed. */
  async #stand(decidedAt = this.#ports.now()): Promise<void> {
    const before = this.#kept;
    const rulesBefore = this.#document === undefined ? undefined : this.inForce().routes;
    this.#follow();
    if (rulesBefore === undefined || standAlike(before, this.#kept)) return;
    await this.#ports.apply();
    const inForceAt = this.#ports.now();
    await this.#ports.collect();
    this.#depart(rulesBefore, { decidedAt, inForceAt });
  }

  /** `own`: with evidence that is newer than what is in force. */
  #follow(own = this.#kept): void {
    if (this.#book === undefined) return;
    const document = this.#document?.written;
    if (document === undefined) {
      this.set({ ...this.#book.base(own), departures: own.departures });
      return;
    }
    const now = this.#ports.now();
    const { kept, entries } = this.#book.follow(own, document, now);
    this.#entries = entries;
    this.#asOf = now;
    this.set({ ...kept, departures: this.#kept.departures });
  }

  /** Writes what leads back and is in force here already, on whatever others have written. */
  async #settle(): Promise<void> {
    const book = this.#book;
    for (let tries = 0; book?.owes === true && tries < mostTries; tries++) {
      const kept = book.settling(this.#kept, this.#entries, this.#limit);
      if (kept === undefined) return;
      const written = await this.#write(kept, book.owedBy).catch(isOvertaken);
      if (written === false) return;
      if (written === true) {
        book.settled();
        this.#follow();
      }
    }
  }

  /** Writes what the document makes of the ledger: whoever leads does so for all. */
  async #accept(): Promise<void> {
    for (let tries = 0; this.#leads() && tries < mostTries; tries++) {
      this.#isAccepted = false;
      if (this.isBehind) return;
      const kept = this.#withDocument();
      if (kept === undefined) this.#isAccepted = true;
      if (kept === undefined || (await this.#acceptOnce(kept))) return;
    }
  }

  /** Returns whether it was written, or cannot be; false: others were faster. */
  async #acceptOnce(kept: Kept): Promise<boolean> {
    const { hash, text } = this.#document ?? { hash: '', text: '' };
    const before = this.#book?.written.revisions.at(-1)?.revision ?? 0;
    await this.save(() => this.#ledger.saveDocument(hash, text));
    const isWritten = await this.#write(kept, 'leader').catch(isOvertaken);
    if (isWritten === undefined) return false;
    if (!isWritten) return true;
    this.#isAccepted = true;
    await this.#stand();
    this.#changes = [];
    for (const told of kept.revisions) if (told.revision > before) this.#tell(told);
    this.#tidy();
    return true;
  }

  /**
   * Whether this replica has a document that the ledger has had before another one, and may only
   * be late to hear of that: a volume takes up to 90 s. Who went back to it would begin anew.
   */
  get isBehind(): boolean {
    if (this.#book === undefined || !this.#mayBeBehind) return false;
    const documents = this.#book.written.revisions.filter(({ kind }) => kind === 'document');
    const isKnown = documents.some(({ hash }) => hash === this.hash);
    if (!isKnown || documents.at(-1)?.hash === this.hash) return false;
    return this.#ports.now() - this.#leadsSince < lateMs;
  }

  /** Undefined where the ledger has all that the document makes of it. */
  #withDocument(): Kept | undefined {
    const [document, book] = [this.#document, this.#book];
    if (document === undefined || book === undefined) return undefined;
    const now = this.#ports.now();
    const options = { now, limit: this.#limit, changes: this.#changes };
    const kept = withDocument(book.base(this.#kept), { ...document, ...options });
    return kept && { ...kept, departures: this.#kept.departures };
  }

  /** How often what was decided of each route since the process began. */
  transitions(): readonly Transition[] {
    return this.#transitions.all();
  }
}

/** How often something is decided again because others have written in between. */
const mostTries = 8;

/** How long a document may take to come to all replicas. */
const lateMs = 120_000;

/** A process counts from 0: all that it sends a version that has left is sent since. */
function inThisProcess(kept: Kept): Kept {
  const departures = kept.departures.map((departure) => ({ ...departure, sentBefore: 0 }));
  return { ...kept, departures };
}

/** What leads on is not done where it cannot be written down. */
export class Unwritable extends Error {
  constructor() {
    super('the ledger cannot be written: nothing was changed; look at where the state is kept');
  }
}
