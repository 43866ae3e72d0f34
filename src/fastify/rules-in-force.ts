import { createHash } from 'node:crypto';
import { read } from '#core/document/read';
import { renderProblems } from '#core/document/render-problems';
import { compile } from '#core/snapshot/compile';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { RulesSource } from './rules-file.ts';

/** What became of a document. Texts are for people. */
export type Outcome =
  | { readonly kind: 'applied'; readonly snapshot: Snapshot; readonly warnings: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly text: string };

export interface RulesPorts {
  /** Returns why a snapshot cannot be put in force; undefined where it can. */
  readonly trouble: (snapshot: Snapshot) => Promise<string | undefined>;
}

/** The snapshot in force, and the one way to change it: a document that is good. */
export class RulesInForce {
  readonly #source: RulesSource;
  readonly #ports: RulesPorts;
  #snapshot: Snapshot | undefined;
  #seen: string | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(source: RulesSource, ports: RulesPorts) {
    this.#source = source;
    this.#ports = ports;
  }

  get snapshot(): Snapshot {
    if (this.#snapshot === undefined) throw new Error('there is no rules document yet');
    return this.#snapshot;
  }

  /**
   * Looks at the source. A document that cannot be used leaves the last good one in force.
   * One look comes after another, so that an older document never replaces a newer one.
   */
  reload(): Promise<Outcome> {
    const look = this.#last.then(() => this.#look());
    this.#last = look;
    return look;
  }

  async #look(): Promise<Outcome> {
    let text: string;
    try {
      text = await this.#source.text();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return this.#refused(message, message);
    }
    const seen = `text ${text}`;
    return seen === this.#seen ? { kind: 'unchanged' } : this.#take(text, seen);
  }

  async #take(text: string, seen: string): Promise<Outcome> {
    const reading = read(text);
    const options = { file: this.#source.name, text, inForce: this.#snapshot?.hash };
    if (reading.kind === 'problems') {
      return this.#refused(seen, renderProblems(reading.problems, options));
    }
    const { document, warnings } = reading;
    // Counters are kept by label here, so that no route needs a row of numbers.
    const snapshot = compile(document, { hash: hashOf(text), rowOf: () => 0 });
    const trouble = await this.#ports.trouble(snapshot);
    // The document is not marked as seen: what it lacks may come without another one.
    if (trouble !== undefined) return this.#refused(trouble, `${options.file}: ${trouble}\n`);
    this.#seen = seen;
    this.#snapshot = snapshot;
    return {
      kind: 'applied',
      snapshot,
      warnings:
        warnings.length === 0 ? '' : renderProblems(warnings, { ...options, inForce: undefined }),
    };
  }

  /** The same content, or the same trouble, is told once. */
  #refused(seen: string, text: string): Outcome {
    if (seen === this.#seen) return { kind: 'unchanged' };
    this.#seen = seen;
    return { kind: 'refused', text };
  }
}

/** The hash that `turnout run` gives the same document. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
