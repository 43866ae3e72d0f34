export type Labels = Readonly<Record<string, string>>;

/** One line of an exposition. */
export interface Sample {
  readonly value: number;
  readonly labels?: Labels | undefined;
  /** The same object at every scrape: the client keeps its text. */
  readonly sharedLabels?: Labels | undefined;
  /** Name of the line where it is not the family's: `…_bucket`. */
  readonly metricName?: string | undefined;
}

/** A metric with all its series: what is read of it at scrape time, and its row in the reference. */
export interface Family {
  readonly name: `turnout_${string}`;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** The closed list of its labels; `le` is understood. */
  readonly labels: readonly string[];
  /**
   * Yields the series in parts that belong together. Between two of them other work may be done,
   * so that a scrape of many series does not stop the traffic.
   */
  readonly read: () => Iterable<readonly Sample[]>;
}
