import { overflow } from './rows.ts';

/** How often something named was counted on a row since it was last told. */
export type NamedIncrement = readonly [row: number, name: string, amount: number];

/**
 * Counters of a row by names that a document gives: audiences, sources of the unit.
 *
 * A position in the document would not do, because a reload moves it. Names beyond the limit
 * are counted as `_overflow`, so that documents cannot fill the memory over time.
 */
export class NamedCounters {
  #values = new Float64Array(64);
  /** What `sinceTold` has told of each. */
  #told = new Float64Array(0);
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

  /** Returns what was counted since the last call. */
  sinceTold(): readonly NamedIncrement[] {
    const told = new Float64Array(this.#values.length);
    told.set(this.#told);
    this.#told = told;
    const since: NamedIncrement[] = [];
    for (const [row, names] of this.#byRow.entries()) {
      for (const [name, at] of names ?? []) {
        const value = this.#values[at] as number;
        const amount = value - (told[at] as number);
        if (amount > 0) since.push([row, name, amount]);
        told[at] = value;
      }
    }
    return since;
  }

  /** Adds what was counted elsewhere. */
  addAll(increments: readonly NamedIncrement[]): void {
    for (const [row, name, amount] of increments) {
      const at = this.create(row, name);
      this.#values[at] = (this.#values[at] as number) + amount;
    }
  }

  /** Returns the counters of a row: name and value. */
  of(row: number): readonly (readonly [string, number])[] {
    return [...(this.#byRow[row] ?? [])].map(([name, at]) => [name, this.#values[at] as number]);
  }
}
