import { type Failure, failures } from '#core/exchange/failure';

/**
 * What is written where in a row of counters. Each part begins at its offset; the hot path adds
 * to `row * columns + offset + k`.
 */

/** Methods with a series of their own; the rest is `_OTHER`, as OpenTelemetry names it. */
export const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'QUERY',
  '_OTHER',
] as const;

/** Distinct status codes with a column; the last one is `other`. */
export const codeColumns = 64;

export const codeClasses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
export const outcomes = ['success', 'failure', 'ignored'] as const;
export type Outcome = (typeof outcomes)[number];
export const errorReasons = Object.keys(failures) as readonly Failure[];
/** Reasons of a decision without a name to it; audiences are counted by name. */
export const decisionReasons = ['override', 'sticky', 'split', 'fallback'] as const;
export const directions = ['in', 'out'] as const;

/** Upper bounds in milliseconds (OpenTelemetry's http.server.request.duration). */
export const defaultBoundsMs: readonly number[] = [
  5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000,
];
/** `--metrics-buckets fast`: for upstreams that answer within a few milliseconds. */
export const fastBoundsMs: readonly number[] = [1, 2.5, ...defaultBoundsMs];

export interface Columns {
  readonly requests: number;
  readonly durations: number;
  readonly upstream: number;
  readonly outcomes: number;
  readonly errors: number;
  readonly decisions: number;
  readonly bytes: number;
  readonly retries: number;
  readonly inFlight: number;
  readonly held: number;
  /** When the last request ended, by the monotonic clock in milliseconds; 0: none yet. */
  readonly lastEndedAt: number;
  /** Numbers of one histogram: a count per bound, one for what is above all, the sum in ms. */
  readonly histogram: number;
  /** Numbers of a row. */
  readonly total: number;
}

/** Returns the offsets for histograms with this many bounds. */
export function columnsFor(bounds: number): Columns {
  const histogram = bounds + 2;
  let total = 0;
  const next = (size: number): number => {
    total += size;
    return total - size;
  };
  const offsets = {
    requests: next(methods.length * codeColumns),
    durations: next(codeClasses.length * histogram),
    upstream: next(histogram),
    outcomes: next(outcomes.length),
    errors: next(errorReasons.length),
    decisions: next(decisionReasons.length),
    bytes: next(directions.length),
    retries: next(1),
    inFlight: next(1),
    held: next(1),
    lastEndedAt: next(1),
  };
  return { ...offsets, histogram, total };
}
