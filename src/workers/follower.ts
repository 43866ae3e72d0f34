import type { VersionView } from '#core/endpoints/version-view';
import type { FileSet, FromWorker, SentDocument, ToWorker, Vitals } from './messages.ts';

/** The end of the channel that a worker has: its process. */
export interface Channel extends NodeJS.EventEmitter {
  send?: (message: unknown, told: (error: Error | null) => void) => boolean;
}

/** What a worker does when its primary says so. */
export interface Duties<Work, Counts> {
  /** Puts the document in force, and opens the port. */
  readonly start: (work: Work, document: SentDocument) => Promise<void>;
  /** Takes files that a document names. */
  readonly files: (files: readonly FileSet[]) => void;
  /** Compiles a document, and leaves the one in force alone. */
  readonly prepare: (document: SentDocument) => Promise<void>;
  /** Puts in force what was prepared. */
  readonly commit: () => void;
  /** Returns what was counted since the last call. */
  readonly counts: () => Counts;
  /** Returns that part of it which cannot wait. */
  readonly urgentCounts: () => Counts;
  readonly vitals: () => Vitals;
  /** Returns how the versions of a route stand, or of all. */
  readonly versions: (route?: string) => readonly VersionView[];
  /** Ends so many connections as they can be ended well. */
  readonly letGo: (connections: number) => void;
  /** Finishes what is begun. */
  readonly drain: (times: {
    readonly acceptUntil: Promise<unknown>;
    readonly timeoutMs: number;
  }) => Promise<{ readonly cut: number }>;
  /** The primary is gone: what is begun has this long. */
  readonly orphanMs: () => number;
  readonly exit: (code: number) => void;
}

const tellMs = 1_000;
/** After a bug what is begun has this long. */
const faultMs = 5_000;

/** A worker's end of the channel: does what the primary says, until that says it is over or is gone. */
export class Follower<Work, Counts> {
  readonly #channel: Channel;
  readonly #duties: Duties<Work, Counts>;
  readonly #closing = Promise.withResolvers<void>();
  #begun: Promise<void> | undefined;
  /** Settled when what was to be prepared last is, or cannot be. */
  #prepared = Promise.resolve();
  #isTelling = false;
  /** Something that is urgent came while it was telling. */
  #isUrgent = false;
  #isEnding = false;

  constructor(channel: Channel, duties: Duties<Work, Counts>) {
    this.#channel = channel;
    this.#duties = duties;
    // Both ends of the channel are this program.
    channel.on('message', (message) => this.#take(message as ToWorker<Work>));
    channel.on('disconnect', () => this.#orphaned());
    this.#say({ kind: 'hello' });
  }

  /** Tells at once what cannot wait; when what is being told is on its way. */
  urgent(): void {
    this.#isUrgent = true;
    if (!this.#isTelling) void this.#tellUrgent();
  }

  /** It has a bug: another one takes its place, and it finishes what is begun. */
  faulty(reason: string): void {
    this.#say({ kind: 'faulty', reason });
    this.#closing.resolve();
    this.#end(faultMs, 1);
  }

  /** Nothing that is said before the worker has begun can be done before. */
  #take(message: ToWorker<Work>): void {
    if (message.kind === 'start') this.#begun ??= this.#begin(message.work, message.document);
    else this.#begun?.then(() => this.#act(message));
  }

  async #begin(work: Work, document: SentDocument): Promise<void> {
    try {
      await this.#duties.start(work, document);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      await this.#say({ kind: 'unable', code, message: messageOf(error) });
      this.#duties.exit(1);
      return;
    }
    this.#say({ kind: 'serving' });
    // What a primary that does not read has missed stays in the counts.
    setInterval(() => {
      if (!this.#isTelling) this.#tell();
    }, tellMs);
  }

  #act(message: Exclude<ToWorker<Work>, { readonly kind: 'start' }>): void {
    switch (message.kind) {
      case 'files':
        this.#duties.files(message.files);
        break;
      case 'prepare':
        this.#prepared = this.#answer(message.number, () => this.#duties.prepare(message.document));
        break;
      case 'commit':
        // It may have been sent before the answer was there.
        this.#prepared.then(() => this.#answer(message.number, () => this.#duties.commit()));
        break;
      case 'tell':
        this.#answer(message.number, () => void this.#tell());
        break;
      case 'show':
        this.#answer(message.number, () => this.#duties.versions(message.route));
        break;
      case 'letGo':
        this.#duties.letGo(message.connections);
        break;
      case 'drain':
        this.#end(message.timeoutMs, 0);
        break;
      case 'close':
        this.#closing.resolve();
    }
  }

  async #answer(
    number: number,
    act: () => void | Promise<void> | readonly VersionView[],
  ): Promise<void> {
    try {
      const shown = await act();
      this.#say(shown === undefined ? { kind: 'done', number } : { kind: 'done', number, shown });
    } catch (error) {
      this.#say({ kind: 'failed', number, reason: messageOf(error) });
    }
  }

  async #tell(): Promise<void> {
    this.#isTelling = true;
    await this.#say({
      kind: 'told',
      counts: this.#duties.counts(),
      vitals: this.#duties.vitals(),
    });
    this.#isTelling = false;
    await this.#tellUrgent();
  }

  async #tellUrgent(): Promise<void> {
    while (this.#isUrgent) {
      this.#isUrgent = false;
      this.#isTelling = true;
      await this.#say({ kind: 'urgent', counts: this.#duties.urgentCounts() });
      this.#isTelling = false;
    }
  }

  async #end(timeoutMs: number, code: number): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const { cut } = await this.#duties.drain({ acceptUntil: this.#closing.promise, timeoutMs });
    await this.#tell();
    await this.#say({ kind: 'drained', cut });
    this.#duties.exit(code);
  }

  /** Nobody is left to follow. */
  #orphaned(): void {
    this.#closing.resolve();
    if (this.#begun === undefined) this.#duties.exit(0);
    else this.#begun.then(() => this.#end(this.#duties.orphanMs(), 0));
  }

  /** Resolves when it is on its way, or nobody is there to hear it. */
  #say(message: FromWorker<Counts>): Promise<void> {
    return new Promise((resolve) => {
      if (this.#channel.send === undefined) resolve();
      else this.#channel.send(message, () => resolve());
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
