import type { Measurement, Pair } from '#core/judge/measurement';
import type { TallyIncrement } from './increment.ts';
import { ReleaseMeasure } from './release-measure.ts';

/** What was counted of all releases that are judged, in the process that judges them. */
export class Measures {
  readonly #releases = new Map<string, ReleaseMeasure>();
  /** Their last exchanges may end after they have. */
  readonly #forgotten = new Set<string>();

  /** Adds what a process has told. In which order, and in how many parts, does not matter. */
  add(increment: TallyIncrement): void {
    if (!this.#forgotten.has(increment.release)) this.#of(increment.release).add(increment);
  }

  /**
   * Returns what was added to a release since the last call. `sharesOf`: what of the split the
   * stable version and the candidate have under a revision of the weights.
   */
  measure(
    release: string,
    at: number,
    sharesOf: (revision: number) => Pair,
    how: Pick<Measurement, 'isWarm' | 'isAgreed'>,
  ): Measurement {
    return this.#of(release).take(at, sharesOf, how);
  }

  /** Returns the latencies of both versions since the release began, by bins. */
  histograms(release: string): readonly [stable: Float64Array, candidate: Float64Array] {
    return this.#of(release).histograms;
  }

  /** Returns what has become known of units since the last call, to be kept for `restore`. */
  newUnits(release: string): Uint8Array {
    return this.#of(release).newUnits();
  }

  /** Takes over what `newUnits` has returned before a restart, one behind the other. */
  restore(release: string, units: Uint8Array): void {
    this.#forgotten.delete(release);
    this.#of(release).restore(units);
  }

  /** The release is over. */
  forget(release: string): void {
    this.#releases.delete(release);
    this.#forgotten.add(release);
  }

  /** All but these are over. */
  retain(releases: ReadonlySet<string>): void {
    for (const release of this.#releases.keys()) if (!releases.has(release)) this.forget(release);
  }

  #of(release: string): ReleaseMeasure {
    const known = this.#releases.get(release);
    if (known !== undefined) return known;
    const begun = new ReleaseMeasure();
    this.#releases.set(release, begun);
    return begun;
  }
}
