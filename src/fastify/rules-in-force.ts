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

/** The snapshot in force, and the one way to change it: a document that is good. */
export class RulesInForce {
  readonly #source: RulesSource;
  #snapshot: Snapshot | undefined;
  #seen: string | undefined;

  constructor(source: RulesSource) {
    this.#source = source;
  }

  get snapshot(): Snapshot {
    if (this.#snapshot === undefined) throw new Error('there is no rules document yet');
    return this.#snapshot;
  }

  /** Looks at the source. A document that cannot be used leaves the last good one in force. */
  async reload(): Promise<Outcome> {
    let text: string;
    try {
      text = await this.#source.text();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return this.#once(message, { kind: 'refused', text: message });
    }
    return this.#once(`text ${text}`, () => this.#take(text));
  }

  /** The same content, or the same trouble, is told once. */
  #once(seen: string, outcome: Outcome | (() => Outcome)): Outcome {
    if (seen === this.#seen) return { kind: 'unchanged' };
    this.#seen = seen;
    return typeof outcome === 'function' ? outcome() : outcome;
  }

  #take(text: string): Outcome {
    const reading = read(text);
    const options = { file: this.#source.name, text, inForce: this.#snapshot?.hash };
    if (reading.kind === 'problems') {
      return { kind: 'refused', text: renderProblems(reading.problems, options) };
    }
    const { document, warnings } = reading;
    // Counters are kept by label here, so that no route needs a row of numbers.
    const snapshot = compile(document, { hash: hashOf(text), rowOf: () => 0 });
    this.#snapshot = snapshot;
    return {
      kind: 'applied',
      snapshot,
      warnings:
        warnings.length === 0 ? '' : renderProblems(warnings, { ...options, inForce: undefined }),
    };
  }
}

/** The hash that `turnout run` gives the same document. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
