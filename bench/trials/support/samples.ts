/** What one look at `/metrics` has shown. */
export class Samples {
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#lines = text.split('\n');
  }

  /** Returns the sum over all series of a metric whose labels hold each text of `labels`. */
  sum(name: string, ...labels: readonly string[]): number {
    return this.#values(name, labels).reduce((sum, value) => sum + value, 0);
  }

  /** The same without signs. */
  sumOfSizes(name: string): number {
    return this.#values(name, []).reduce((sum, value) => sum + Math.abs(value), 0);
  }

  /**
   * Returns the series that stand lower than their mark, and raises the marks of the others: of
   * what only grows none may fall. One that is not there just now has not fallen.
   */
  fallenBelow(marks: Map<string, number>): string[] {
    const fallen: string[] = [];
    for (const [series, value] of this.#growing()) {
      const mark = marks.get(series) ?? 0;
      if (value < mark) fallen.push(`${series} ${mark} ${value}`);
      else marks.set(series, value);
    }
    return fallen;
  }

  /** The series of counters and histograms. */
  #growing(): Map<string, number> {
    const types = new Map<string, string>();
    const growing = new Map<string, number>();
    for (const line of this.#lines) {
      const [, typed = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      if (typed !== '') types.set(typed, type);
      if (line === '' || line.startsWith('#')) continue;
      const end = line.lastIndexOf(' ');
      const [name = ''] = line.split(/[{ ]/, 1);
      const family = types.get(name) ?? types.get(name.replace(/_(?:bucket|sum|count)$/, ''));
      if (family === 'counter' || family === 'histogram') {
        growing.set(line.slice(0, end), Number(line.slice(end + 1)));
      }
    }
    return growing;
  }

  #values(name: string, labels: readonly string[]): number[] {
    const series = this.#lines.filter(
      (line) =>
        (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) &&
        labels.every((label) => line.includes(label)),
    );
    return series.map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
}
