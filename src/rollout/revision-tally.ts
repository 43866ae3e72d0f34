import { binOf, latencyBins } from '#core/judge/latency-bins';
import type { Judged } from '#core/routing/route';
import { UnitHash } from '#core/routing/unit-hash';
import { addTo, countDone } from './counts.ts';
import { places, requestsSize, type TallyIncrement } from './increment.ts';
import { News, type ToldUnits } from './told-units.ts';

const { counts } = places;

/** What has been counted of one release under one revision, since it was last told. */
export class RevisionTally {
  readonly units: ToldUnits;
  readonly judged: Judged;
  readonly hash: UnitHash;
  readonly requests = new Float64Array(requestsSize);
  readonly pairs = new Float64Array(places.pairs.size);
  readonly news = new News();
  /** There is something to tell. */
  isTouched = false;
  readonly #slices = new Float64Array(2 * places.slices * counts.size);
  readonly #latencies = new Float64Array(2 * latencyBins);

  constructor(judged: Judged, salt: string, units: ToldUnits) {
    this.judged = judged;
    this.units = units;
    this.hash = new UnitHash(salt);
  }

  /** Counts a request to the slice that its unit is in. */
  inSlice(side: number, at: number, done: number): void {
    countDone(this.#slices, (side * places.slices + at) * counts.size, done);
  }

  took(side: number, ms: number): void {
    addTo(this.#latencies, side * latencyBins + binOf(ms), 1);
  }

  /** Returns what there is to tell, and begins anew. */
  take(): TallyIncrement {
    const { release, revision, step } = this.judged;
    const slices = takeRows(this.#slices, counts.size);
    const bins = takeRows(this.#latencies, 1);
    this.isTouched = false;
    return {
      release,
      revision,
      step,
      requests: takeAll(this.requests),
      slices: slices.rows,
      sliceCounts: slices.values,
      bins: bins.rows,
      binCounts: bins.values,
      ...this.news.take(),
      pairs: takeAll(this.pairs),
    };
  }
}

function takeAll(values: Float64Array): Float64Array {
  const taken = values.slice();
  values.fill(0);
  return taken;
}

/** Takes the rows out of a table that are not all 0. */
function takeRows(
  table: Float64Array,
  size: number,
): { readonly rows: Uint16Array; readonly values: Float64Array } {
  const rows: number[] = [];
  const values: number[] = [];
  for (let row = 0; row * size < table.length; row++) {
    const taken = table.subarray(row * size, (row + 1) * size);
    // The first number of a row counts all of them.
    if (taken[0] === 0) continue;
    rows.push(row);
    values.push(...taken);
  }
  table.fill(0);
  return { rows: Uint16Array.from(rows), values: Float64Array.from(values) };
}
