import type { Document } from '#core/document/document';
import type { Reading } from '#core/document/read';
import type { RouteRule } from '#core/routing/rules';
import { writtenText } from './accepted.ts';
import type { Ledger } from './ledger.ts';

/** The documents that revisions and pins name, by their hash: read again where that is needed. */
export class Documents {
  readonly #ledger: Pick<Ledger, 'document'>;
  readonly #read: (text: string) => Promise<Reading>;
  readonly #known = new Map<string, Document>();

  constructor(ledger: Pick<Ledger, 'document'>, read: (text: string) => Promise<Reading>) {
    this.#ledger = ledger;
    this.#read = read;
  }

  note(hash: string, document: Document): void {
    this.#known.set(hash, document);
  }

  /** Reads those that are kept and not known yet. */
  async read(hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) {
      if (this.#known.has(hash)) continue;
      const text = await this.#ledger.document(hash);
      const reading = text === undefined ? undefined : await this.#read(text);
      if (reading?.kind === 'document') this.#known.set(hash, reading.document);
    }
  }

  /** Returns a route as a document has it; undefined: it has none, or is not known. */
  ruleIn(hash: string, route: string): RouteRule | undefined {
    return this.#known.get(hash)?.routes.find(({ name }) => name === route);
  }

  /** The same as text, to be compared. */
  textIn(hash: string, route: string): string | undefined {
    const rule = this.ruleIn(hash, route);
    return rule && writtenText(rule);
  }

  retain(hashes: ReadonlySet<string>): void {
    for (const hash of this.#known.keys()) if (!hashes.has(hash)) this.#known.delete(hash);
  }
}
