import type { Family, Labels, Sample } from './family.ts';
import type { NamedCounters } from './named-counters.ts';
import type { ShownRow, ShownRows } from './shown-rows.ts';

/** Whether a row has a series from the beginning, at 0. */
export type Foreseen = (row: ShownRow, name: string) => boolean;

export const pairs: Foreseen = (row) => row.kind === 'pair';
export const always: Foreseen = () => true;

/** Ways to read the series of a family out of the rows of counters. */
export class Series {
  readonly #shown: ShownRows;
  readonly #bounds: readonly Labels[];
  /** Labels of a row with one more, made once: by row and by the text of the other. */
  readonly #joined = new WeakMap<Labels, Map<string, Labels>>();

  constructor(shown: ShownRows, boundsMs: Iterable<number>) {
    this.#shown = shown;
    this.#bounds = Array.from(boundsMs, (ms) => Object.freeze({ le: String(ms / 1_000) }));
  }

  /** Reads one number of each row. */
  single(column: number, foreseen: Foreseen): Family['read'] {
    return () =>
      this.#each((row) => {
        const value = this.#shown.read(row, column);
        return value > 0 || foreseen(row, '') ? [{ value, sharedLabels: row.labels }] : [];
      });
  }

  /** Reads whether there is any: several processes may each have counted one. */
  flag(column: number, foreseen: Foreseen): Family['read'] {
    const read = this.single(column, foreseen);
    return function* () {
      for (const samples of read()) {
        yield samples.map((sample) => ({ ...sample, value: Math.min(1, sample.value) }));
      }
    };
  }

  /** Reads one number for each name of a list, the first one at `column`. */
  listed(
    column: number,
    names: readonly string[],
    labelsOf: (name: string) => Labels,
    foreseen: Foreseen,
  ): Family['read'] {
    return () =>
      this.#each((row) => {
        const samples: Sample[] = [];
        for (const [at, name] of names.entries()) {
          const value = this.#shown.read(row, column + at);
          if (value === 0 && !foreseen(row, name)) continue;
          samples.push({ value, labels: labelsOf(name), sharedLabels: row.labels });
        }
        return samples;
      });
  }

  /** Reads the counters that a document names. */
  named(counters: NamedCounters, labelsOf: (name: string) => Labels): Family['read'] {
    return () =>
      this.#each((row) => {
        const sums = new Map<string, number>();
        for (const one of row.rows) {
          for (const [name, value] of counters.of(one)) {
            sums.set(name, (sums.get(name) ?? 0) + value);
          }
        }
        return Array.from(sums, ([name, value]) => ({
          value,
          labels: labelsOf(name),
          sharedLabels: row.labels,
        }));
      });
  }

  /** Reads a histogram of each row. */
  histogram(name: string, column: number, foreseen: Foreseen): Family['read'] {
    return () =>
      this.#each((row) => this.#buckets(row, name, column, row.labels, foreseen(row, '')));
  }

  /** Reads a histogram for each name of a list, one behind the other. */
  histograms(
    name: string,
    column: number,
    label: string,
    names: readonly string[],
    foreseen: Foreseen,
  ): Family['read'] {
    const size = this.#bounds.length + 2;
    return () =>
      this.#each((row) =>
        names.flatMap((one, at) => {
          const labels = this.#with(row.labels, label, one);
          return this.#buckets(row, name, column + at * size, labels, foreseen(row, one));
        }),
      );
  }

  *#each(read: (row: ShownRow) => readonly Sample[]): Iterable<readonly Sample[]> {
    for (const row of this.#shown.all()) yield read(row);
  }

  #buckets(row: ShownRow, name: string, column: number, labels: Labels, always: boolean): Sample[] {
    const samples: Sample[] = [];
    const line = (suffix: string, value: number, le?: Labels) =>
      samples.push({ value, labels: le, sharedLabels: labels, metricName: `${name}_${suffix}` });
    let count = 0;
    for (const [at, le] of this.#bounds.entries()) {
      count += this.#shown.read(row, column + at);
      line('bucket', count, le);
    }
    const above = column + this.#bounds.length;
    count += this.#shown.read(row, above);
    if (count === 0 && !always) return [];
    line('bucket', count, infinite);
    line('sum', this.#shown.read(row, above + 1) / 1_000);
    line('count', count);
    return samples;
  }

  #with(labels: Labels, label: string, value: string): Labels {
    const known = this.#joined.get(labels) ?? new Map<string, Labels>();
    this.#joined.set(labels, known);
    const joined = known.get(value) ?? Object.freeze({ ...labels, [label]: value });
    known.set(value, joined);
    return joined;
  }
}

const infinite: Labels = Object.freeze({ le: '+Inf' });
