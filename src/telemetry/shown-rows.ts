import type { Labels } from './family.ts';
import { goneAfterMs, noRouteRow, overflow, type Row, type Rows } from './rows.ts';

/** What has one set of series: a pair, a route without a version, or all that overflowed. */
export interface ShownRow {
  /** The same object at every scrape. */
  readonly labels: Labels;
  /** More than one only for `_overflow`. */
  readonly rows: readonly number[];
  /** `pair` has series from the beginning, the others once there is something to count. */
  readonly kind: 'pair' | 'route' | 'no_route' | 'overflow';
}

/** Keeps, from scrape to scrape, what is shown of the rows and under which labels. */
export class ShownRows {
  readonly #rows: Rows;
  readonly #now: () => number;
  readonly #known: (ShownRow | undefined)[] = [];

  constructor(rows: Rows, now: () => number) {
    this.#rows = rows;
    this.#now = now;
  }

  /** Returns the rows in force, those that left lately, and what overflowed as one. */
  all(): readonly ShownRow[] {
    const nowMs = this.#now();
    const rows = this.#rows.all();
    const shown = rows
      .filter(
        (row) => row.named && (row.leftAtMs === undefined || nowMs - row.leftAtMs < goneAfterMs),
      )
      .map((row) => this.#ofRow(row));
    const others = rows.filter((row) => !row.named).map((row) => row.index);
    // One is always there: the row for pairs that come when there is no row left.
    if (this.#rows.overflowPairs() > 0) {
      shown.push({ labels: overflowLabels, rows: others, kind: 'overflow' });
    }
    return shown;
  }

  #ofRow({ index, route, version }: Row): ShownRow {
    const known = this.#known[index];
    if (known !== undefined) return known;
    const kind = index === noRouteRow ? 'no_route' : version === '' ? 'route' : 'pair';
    const shown = { labels: Object.freeze({ route, version }), rows: [index], kind } as const;
    this.#known[index] = shown;
    return shown;
  }

  /** Returns what a column holds, for all rows of what is shown. */
  read(shown: ShownRow, column: number): number {
    const { values, columns } = this.#rows;
    let sum = 0;
    for (const row of shown.rows) sum += values[row * columns + column] ?? 0;
    return sum;
  }

  /** Returns the greatest value of a column. */
  greatest(shown: ShownRow, column: number): number {
    const { values, columns } = this.#rows;
    let greatest = 0;
    for (const row of shown.rows)
      greatest = Math.max(greatest, values[row * columns + column] ?? 0);
    return greatest;
  }
}

const overflowLabels: Labels = Object.freeze({ route: overflow, version: overflow });
