/** One thing wrong with a document. */
export interface Problem {
  /** `TN1xxx` syntax, `TN2xxx` schema, `TN3xxx` meaning. Never changes once released. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string | undefined;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** Characters to underline; at least 1, never beyond the line. */
  readonly length: number;
}
