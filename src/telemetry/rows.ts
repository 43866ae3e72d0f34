export interface RowsOptions {
  /** Numbers in a row. */
  readonly columns: number;
  /** Pairs shown under their own names at the same time; the others share `_overflow`. */
  readonly maxNamedPairs?: number;
  /** Rows kept in all, the two shared ones included. */
  readonly maxRows?: number;
}

/** A row as the outside sees it. */
export interface Row {
  readonly index: number;
  readonly route: string;
  /** Empty for what happened on a route before a version was chosen. */
  readonly version: string;
  /** Settled at first sight: a pair never moves between its own name and `_overflow`. */
  readonly named: boolean;
  /** Since when the pair is in no snapshot, by the monotonic clock; undefined while it is in force. */
  leftAtMs: number | undefined;
}

/** How long the series of a pair that left stay visible. */
export const goneAfterMs = 15 * 60_000;

/** Where exchanges are counted that no route took. */
export const noRouteRow = 0;
/** A route and one of its versions; an empty name for the route itself. */
export type Pair = readonly [route: string, version: string];

/** The rows that belong to no pair come first. */
const sharedRows = 2;
/** The label of pairs that have no name of their own. */
export const overflow = '_overflow';

/**
 * The rows of counters: one for each (route, version) ever in force, for the life of the process.
 *
 * No number in a row ever falls: the table grows by copying, and a pair that left a document
 * keeps its row, so that it counts on if it returns.
 */
export class Rows {
  /** All rows, one behind the other. Replaced when the table grows: do not keep it. */
  values: Float64Array;
  readonly columns: number;
  readonly #rows: Row[] = [];
  readonly #byRoute = new Map<string, Map<string, Row>>();
  readonly #maxNamedPairs: number;
  readonly #maxRows: number;
  /** Counts the pairs that came when all rows were taken. */
  readonly #shared: Row;
  #unplacedPairs = 0;

  constructor(options: RowsOptions) {
    this.columns = options.columns;
    this.#maxNamedPairs = options.maxNamedPairs ?? 200;
    this.#maxRows = options.maxRows ?? 1_000;
    this.values = new Float64Array(options.columns * 16);
    this.#place('', '', true);
    this.#shared = this.#place(overflow, overflow, false);
  }

  /** Returns the row of a pair: always the same one. May be passed on as a port. */
  readonly rowOf = (route: string, version: string): number => {
    const versions = this.#versionsOf(route);
    const known = versions.get(version);
    if (known !== undefined) return known.index;
    if (this.#rows.length < this.#maxRows) {
      return this.#place(route, version, this.#hasNameLeft(version === '')).index;
    }
    this.#unplacedPairs++;
    versions.set(version, this.#shared);
    return this.#shared.index;
  };

  /** Returns the pairs that have a row of their own, in the order of their rows. */
  pairs(): readonly Pair[] {
    return this.#rows.slice(sharedRows).map(({ route, version }) => [route, version]);
  }

  /**
   * Takes over the rows of another process, so that the same pair is at the same place in both.
   * This one may have no row that the other does not have.
   */
  take(pairs: readonly Pair[]): void {
    for (const [index, [route, version]] of pairs.entries()) {
      const row = this.rowOf(route, version);
      if (row !== index + sharedRows) {
        throw new RangeError(`${route} ${version} is row ${row}, not ${index + sharedRows}`);
      }
    }
  }

  /** Returns all rows, in the order in which they were first seen. */
  all(): readonly Row[] {
    return this.#rows;
  }

  /** Returns how many pairs are counted under `_overflow`. */
  overflowPairs(): number {
    let pairs = this.#unplacedPairs;
    for (const row of this.#rows) if (!row.named && row !== this.#shared) pairs++;
    return pairs;
  }

  /** Notes which rows the snapshot in force uses; the others have left, from now on. */
  inForce(rows: ReadonlySet<number>, nowMs: number): void {
    for (const row of this.#rows) {
      if (rows.has(row.index) || row.index === noRouteRow || row === this.#shared) {
        row.leftAtMs = undefined;
      } else row.leftAtMs ??= nowMs;
    }
  }

  /** A route's own row takes no name from the pairs: there are at most as many again. */
  #hasNameLeft(ofRoute: boolean): boolean {
    let named = 0;
    for (const row of this.#rows) {
      const counts = row.index !== noRouteRow && (row.version === '') === ofRoute;
      if (counts && row.named && row.leftAtMs === undefined) named++;
    }
    return named < this.#maxNamedPairs;
  }

  #place(route: string, version: string, named: boolean): Row {
    const index = this.#rows.length;
    if ((index + 1) * this.columns > this.values.length) {
      const grown = new Float64Array(this.values.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    const row: Row = { index, route, version, named, leftAtMs: undefined };
    this.#rows.push(row);
    this.#versionsOf(route).set(version, row);
    return row;
  }

  #versionsOf(route: string): Map<string, Row> {
    const versions = this.#byRoute.get(route) ?? new Map<string, Row>();
    this.#byRoute.set(route, versions);
    return versions;
  }
}
