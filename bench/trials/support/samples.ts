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

  #values(name: string, labels: readonly string[]): number[] {
    const series = this.#lines.filter(
      (line) =>
        (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) &&
        labels.every((label) => line.includes(label)),
    );
    return series.map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
}
