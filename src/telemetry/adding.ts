import { codeColumns, methods } from './columns.ts';
import type { Increments } from './increments.ts';
import type { Metrics } from './metrics.ts';

/**
 * Adds what one other process counts to the metrics of this one.
 *
 * What has happened stays counted, whatever becomes of that process. How things stand with it
 * (what is in flight, its connections) is taken out again when it is gone.
 */
export class Adding {
  readonly #metrics: Metrics;
  /** By place: what that process has in the gauges of the rows. */
  readonly #gauges = new Map<number, number>();
  readonly #totals: Float64Array;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#totals = new Float64Array(metrics.totals.values.length);
  }

  add({ codes, places, amounts, totals, audiences, unitSources, mirrorSamples }: Increments): void {
    const metrics = this.#metrics;
    const columnHere = codes.map((code) => metrics.columnOf(Number(code)));
    for (const [k, place] of places.entries()) {
      this.#addToRow(this.#placeHere(place, columnHere), amounts[k] as number);
    }
    for (const [at, amount] of totals.entries()) this.#addToTotals(at, amount);
    metrics.audiences.addAll(audiences);
    metrics.unitSources.addAll(unitSources);
    for (const sample of mirrorSamples) metrics.mirrorSamples.add(sample);
  }

  /** Takes out how things stood with that process: it is gone. */
  drop(): void {
    for (const [place, amount] of this.#gauges) this.#addToRow(place, -amount);
    for (const [at, amount] of this.#totals.entries()) this.#addToTotals(at, -amount);
    this.#gauges.clear();
  }

  /** Codes have the columns in which each process first saw them; all else is where it is. */
  #placeHere(place: number, columnHere: readonly number[]): number {
    const { columns } = this.#metrics;
    const column = place % columns.total;
    const isOfRequests = column >= columns.requests && column < requestsEnd(columns.requests);
    if (!isOfRequests) return place;
    const code = (column - columns.requests) % codeColumns;
    return place - code + (columnHere[code] ?? codeColumns - 1);
  }

  #addToRow(place: number, amount: number): void {
    const { rows, columns } = this.#metrics;
    const { values } = rows;
    const now = values[place];
    // Both have the same rows, because this process has told the other which there are.
    if (now === undefined) throw new RangeError(`there is no place ${place} in the rows`);
    const column = place % columns.total;
    if (columns.instants.includes(column)) values[place] = Math.max(now, amount);
    else values[place] = now + amount;
    if (columns.gauges.includes(column)) {
      this.#gauges.set(place, (this.#gauges.get(place) ?? 0) + amount);
    }
  }

  #addToTotals(at: number, amount: number): void {
    const { values, isGauge } = this.#metrics.totals;
    values[at] = (values[at] as number) + amount;
    if (isGauge[at] === 1) this.#totals[at] = (this.#totals[at] as number) + amount;
  }
}

function requestsEnd(start: number): number {
  return start + methods.length * codeColumns;
}
