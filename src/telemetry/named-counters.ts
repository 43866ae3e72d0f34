import { overflow } from './rows.ts';

/**
 * Counters of a row by names that a document gives: audiences, sources of the unit.
 *
 * A position in the document would not do, because a reload moves it. Names beyond the limit
 * are counted as `_overflow`, so that documents cannot fill the memory over time.
 */
export class NamedCounters {
  #values = new Float64Array(64);
  #size = 0;
  readonly #byRow: (Map<string, number> | undefined)[] = [];
  readonly #maxNames: number;

  constructor(maxNames = 5_000) {
    this.#maxNames = maxNames;
  }

  add(row: number, name: string): void {
    this.addAt(this.#byRow[row]?.get(name) ?? this.create(row, name));
  }

  /** Counts where `create` said the counter is. */
  addAt(at: number): void {
    // Inside the array by construction.
    this.#values[at] = (this.#values[at] as number) + 1;
  }

  /** Makes a counter at 0, unless it is there. Returns where it is. */
  create(row: number, name: string): number {
    const names = this.#byRow[row] ?? new Map<string, number>();
    this.#byRow[row] = names;
    const known = names.get(name);
    if (known !== undefined) return known;
    if (this.#size >= this.#maxNames && name !== overflow) return this.create(row, overflow);
    if (this.#size === this.#values.length) {
      const grown = new Float64Array(this.#size * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    names.set(name, this.#size);
    return this.#size++;
  }

  /** Returns the counters of a row: name and value. */
  of(row: number): readonly (readonly [string, number])[] {
    return [...(this.#byRow[row] ?? [])].map(([name, at]) => [name, this.#values[at] as number]);
  }
}
