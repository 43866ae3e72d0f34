import { createHash } from 'node:crypto';
import type { Document } from '#core/document/document';
import type { Problem } from '#core/document/problem';
import type { Reading } from '#core/document/read';
import { renderProblems } from '#core/document/render-problems';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Content } from './read-content.ts';

export interface ReloadPorts {
  /** The document as people know it, for the problems' places: `routes.yaml`. */
  readonly file: string;
  /** Reads a text, off the traffic thread. */
  readonly read: (text: string) => Promise<Reading>;
  readonly compile: (document: Document, hash: string, text: string) => Snapshot;
  /**
   * Makes ready what a snapshot needs. Returns what is wrong, a sentence each: then it is refused.
   * `newer` is aborted when a newer document waits for its turn: then nobody needs this one.
   */
  readonly prepare?: (snapshot: Snapshot, newer: AbortSignal) => Promise<readonly string[]>;
  /** Puts a snapshot in force for all later exchanges. Where that fails the document is refused. */
  readonly swap: (snapshot: Snapshot, cause: 'document') => void | Promise<void>;
  readonly log: (outcome: Outcome) => void;
  /** Wall clock, in milliseconds. */
  readonly now: () => number;
}

/** Why a document was not taken. */
export interface Refusal {
  /** Undefined where there was nothing to read. */
  readonly hash: string | undefined;
  readonly at: number;
  /** Empty where the source could not be read, or a bug of Turnout came between. */
  readonly problems: readonly Problem[];
  /** All of it, as a person reads it. */
  readonly text: string;
}

/** What became of a document. */
export type Outcome =
  | {
      readonly kind: 'applied';
      readonly hash: string;
      /** Hash of the document it replaced. */
      readonly previous: string | undefined;
      /** Warnings as a person reads them; '' without any. */
      readonly warnings: string;
      readonly routes: number;
      readonly tookMs: number;
      readonly activation: Activation;
    }
  | { readonly kind: 'unchanged'; readonly hash: string }
  | { readonly kind: 'refused'; readonly inForce: string | undefined; readonly refusal: Refusal };

/** How long the document in force took to be so, in milliseconds. */
export interface Activation {
  /** Since it was heard of. */
  readonly tookMs: number;
  /**
   * Since it was written, by two clocks; undefined where the source does not say when, and of the
   * first document, which may have been there for long.
   */
  readonly ageMs: number | undefined;
}

export interface ReloadStatus {
  readonly file: string;
  /** Hash of the document in force; undefined before the first. */
  readonly hash: string | undefined;
  /** When the document in force was applied: wall clock, milliseconds. */
  readonly appliedAt: number | undefined;
  /** When a document was last found good, changed or not. */
  readonly lastSuccessAt: number | undefined;
  readonly activation: Activation | undefined;
  /** Warnings of the document in force, as a person reads them. */
  readonly warnings: string;
  /** Set while the source holds something else than what is in force. */
  readonly refusal: Refusal | undefined;
  readonly counts: Readonly<Record<Outcome['kind'], number>>;
}

/** Returns the hash of a document's text, equal on all replicas. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/**
 * The document's way: source, read, compile, swap.
 *
 * One document at a time, in the order in which they came. Whatever is wrong with one, the last
 * good one stays in force, and `status` says what was wrong until the source is good again.
 */
export class Reload {
  readonly #ports: ReloadPorts;
  readonly #counts = { applied: 0, unchanged: 0, refused: 0 };
  #file: string;
  #hash: string | undefined;
  /** The text of the document in force. */
  #written: string | undefined;
  #appliedAt: number | undefined;
  #lastSuccessAt: number | undefined;
  #activation: Activation | undefined;
  #warnings = '';
  #refusal: Refusal | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #last: Content | undefined;
  /** Aborted when a newer document comes. */
  #newest = new AbortController();

  constructor(ports: ReloadPorts) {
    this.#ports = ports;
    this.#file = ports.file;
  }

  /** Takes what a source holds now. Never rejects. */
  take(content: Content): Promise<Outcome> {
    this.#last = content;
    this.#newest.abort();
    const newest = new AbortController();
    this.#newest = newest;
    const takenAt = this.#ports.now();
    const taken = this.#running.then(async () => {
      const outcome = await this.#outcomeOf(content, takenAt, newest.signal);
      this.#note(outcome);
      return outcome;
    });
    this.#running = taken.catch(() => undefined);
    return taken;
  }

  /** Takes once more what was refused: what a document needs beside itself has changed. */
  again(): void {
    // What is being taken may be what is refused in a moment.
    void this.#running.then(() => {
      if (this.#refusal !== undefined && this.#last !== undefined) this.take(this.#last);
    });
  }

  /** Resolves when all that was to be taken has been. */
  async quiet(): Promise<void> {
    for (let running: unknown; running !== this.#running; ) {
      running = this.#running;
      await running;
    }
  }

  /** Returns the document in force as it was written; undefined before the first. */
  inForce(): { readonly hash: string; readonly text: string } | undefined {
    const [hash, text] = [this.#hash, this.#written];
    return hash === undefined || text === undefined ? undefined : { hash, text };
  }

  status(): ReloadStatus {
    return {
      file: this.#file,
      hash: this.#hash,
      appliedAt: this.#appliedAt,
      activation: this.#activation,
      lastSuccessAt: this.#lastSuccessAt,
      warnings: this.#warnings,
      refusal: this.#refusal,
      counts: { ...this.#counts },
    };
  }

  async #outcomeOf(content: Content, takenAt: number, newer: AbortSignal): Promise<Outcome> {
    if (content.kind === 'trouble') return this.#refuse(undefined, [], content.message);
    this.#file = content.name ?? this.#ports.file;
    const text = textOf(content.bytes);
    if (text === undefined) {
      return this.#refuse(undefined, [], `${this.#file}: is not UTF-8 text`);
    }
    const hash = hashOf(text);
    if (hash === this.#hash) return { kind: 'unchanged', hash };
    try {
      const { noticedAt = takenAt, writtenAt } = content;
      return await this.#apply(text, hash, { noticedAt, writtenAt, newer });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return this.#refuse(hash, [], `${this.#file}: ${reason}`);
    }
  }

  async #apply(
    text: string,
    hash: string,
    {
      noticedAt,
      writtenAt,
      newer,
    }: {
      readonly noticedAt: number;
      readonly writtenAt: number | undefined;
      readonly newer: AbortSignal;
    },
  ): Promise<Outcome> {
    const { read, compile, prepare, swap, now } = this.#ports;
    const file = this.#file;
    const beganAt = now();
    const reading = await read(text);
    if (reading.kind === 'problems') {
      const rendered = renderProblems(reading.problems, { file, text, inForce: this.#hash });
      return this.#refuse(hash, reading.problems, rendered);
    }
    const { document, warnings } = reading;
    const snapshot = compile(document, hash, text);
    const troubles = (await prepare?.(snapshot, newer)) ?? [];
    if (troubles.length > 0) return this.#refuse(hash, [], this.#text(troubles));
    await swap(snapshot, 'document');
    this.#written = text;
    const appliedAt = now();
    return {
      kind: 'applied',
      hash,
      previous: this.#hash,
      warnings: warnings.length === 0 ? '' : renderProblems(warnings, { file, text }),
      routes: snapshot.routes.length,
      tookMs: appliedAt - beganAt,
      activation: {
        tookMs: appliedAt - noticedAt,
        ageMs:
          writtenAt === undefined || this.#hash === undefined ? undefined : appliedAt - writtenAt,
      },
    };
  }

  #text(troubles: readonly string[]): string {
    const lines = troubles.map((trouble) => `${this.#file}: ${trouble}`);
    if (this.#hash !== undefined) lines.push(`The document in force stays ${this.#hash}.`);
    return lines.join('\n');
  }

  #refuse(hash: string | undefined, problems: readonly Problem[], text: string): Outcome {
    const refusal = { hash, at: this.#ports.now(), problems, text };
    return { kind: 'refused', inForce: this.#hash, refusal };
  }

  #note(outcome: Outcome): void {
    this.#counts[outcome.kind]++;
    if (outcome.kind === 'refused') this.#refusal = outcome.refusal;
    else {
      this.#refusal = undefined;
      this.#lastSuccessAt = this.#ports.now();
      if (outcome.kind === 'applied') {
        this.#hash = outcome.hash;
        this.#appliedAt = this.#lastSuccessAt;
        this.#activation = outcome.activation;
        this.#warnings = outcome.warnings;
      }
    }
    this.#ports.log(outcome);
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
