import type { MirrorSample } from '#core/mirror/mirror-sample';
import type { Metrics } from './metrics.ts';
import type { NamedIncrement } from './named-counters.ts';

/** What a process has counted since it last told: plain data, to be added up elsewhere. */
export interface Increments {
  /** The status code of each column, in the order in which this process first saw them. */
  readonly codes: readonly string[];
  /** Places in the rows whose numbers have changed. */
  readonly places: Uint32Array;
  /** By how much each of them has; of an instant, what it is now. */
  readonly amounts: Float64Array;
  /** The same of all that belongs to no row. */
  readonly totals: Float64Array;
  readonly audiences: readonly NamedIncrement[];
  readonly unitSources: readonly NamedIncrement[];
  readonly mirrorSamples: readonly MirrorSample[];
}

/** Tells, again and again, what the metrics of this process have counted since the last time. */
export class Telling {
  readonly #metrics: Metrics;
  #rows = new Float64Array(0);
  readonly #totals: Float64Array;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#totals = new Float64Array(metrics.totals.values.length);
  }

  /** Looks at every number there is: a millisecond for a thousand rows. */
  take(): Increments {
    const { codes, totals, audiences, unitSources, mirrorSamples } = this.#metrics;
    const changed = this.#changedRows();
    const since = totals.values.map((value, at) => value - (this.#totals[at] ?? 0));
    this.#totals.set(totals.values);
    return {
      codes: [...codes],
      places: Uint32Array.from(changed.places),
      amounts: Float64Array.from(changed.amounts),
      totals: since,
      audiences: audiences.sinceTold(),
      unitSources: unitSources.sinceTold(),
      mirrorSamples: mirrorSamples.sinceTold(),
    };
  }

  #changedRows(): { readonly places: readonly number[]; readonly amounts: readonly number[] } {
    const { rows, columns } = this.#metrics;
    const { values } = rows;
    const told = this.#told(values.length);
    const places: number[] = [];
    const amounts: number[] = [];
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      const before = told[at] as number;
      if (value === before) continue;
      places.push(at);
      amounts.push(columns.instants.includes(at % columns.total) ? value : value - before);
      told[at] = value;
    }
    return { places, amounts };
  }

  /** Returns what was told of each number, with room for as many as there are. */
  #told(length: number): Float64Array {
    if (this.#rows.length < length) {
      const grown = new Float64Array(length);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    return this.#rows;
  }
}
