import { type Failure, failures } from '#core/exchange/failure';
import {
  codeClasses,
  decisionReasons,
  durationBoundsSeconds,
  endpointStates,
  faultKinds,
  mirrorAnswers,
  mirrorFindings,
  mirrorResults,
  namedMethods,
  retryReasons,
  troubles,
  tunnelEnds,
} from '#core/exchange/labels';
import { outcomes } from '#core/exchange/outcome';

/**
 * What is written where in a row of counters. Each part begins at its offset; the hot path adds
 * to `row * columns + offset + k`.
 */

export const methods = [...namedMethods, '_OTHER'] as const;

/** Distinct status codes with a column; the last one is `other`. */
export const codeColumns = 64;

export const errorReasons = Object.keys(failures) as readonly Failure[];
export const directions = ['in', 'out'] as const;

/** Upper bounds of the histograms, in milliseconds. */
export const defaultBoundsMs: readonly number[] = durationBoundsSeconds.map((s) => s * 1_000);

export interface Columns {
  readonly requests: number;
  readonly durations: number;
  readonly upstream: number;
  readonly outcomes: number;
  readonly errors: number;
  readonly decisions: number;
  readonly bytes: number;
  readonly retries: number;
  readonly retriesDenied: number;
  readonly ejections: number;
  readonly mirrorResults: number;
  readonly mirrorFindings: number;
  readonly mirrorDurations: number;
  readonly faults: number;
  readonly inFlight: number;
  readonly held: number;
  readonly waiting: number;
  readonly endpoints: number;
  readonly panicking: number;
  readonly tunnels: number;
  readonly tunnelBytes: number;
  readonly tunnelEnds: number;
  /** Requests that a connection was given. */
  readonly sent: number;
  /** When the last one was, by the monotonic clock in milliseconds; 0: none yet. */
  readonly lastSentAt: number;
  /** When the last request ended. */
  readonly lastEndedAt: number;
  /** Numbers of one histogram: a count per bound, one for what is above all, the sum in ms. */
  readonly histogram: number;
  /** Numbers of a row. */
  readonly total: number;
  /** The columns whose numbers may fall. */
  readonly gauges: readonly number[];
  /** The columns that hold an instant: of several processes the latest one counts. */
  readonly instants: readonly number[];
}

/** Returns the offsets for histograms with this many bounds. */
export function columnsFor(bounds: number): Columns {
  const histogram = bounds + 2;
  let total = 0;
  const next = (size: number): number => {
    total += size;
    return total - size;
  };
  const gauges: number[] = [];
  const gauge = (size = 1): number => {
    const first = next(size);
    for (let at = first; at < first + size; at++) gauges.push(at);
    return first;
  };
  const offsets = {
    requests: next(methods.length * codeColumns),
    durations: next(codeClasses.length * histogram),
    upstream: next(histogram),
    outcomes: next(outcomes.length),
    errors: next(errorReasons.length),
    decisions: next(decisionReasons.length),
    bytes: next(directions.length),
    retries: next(retryReasons.length),
    retriesDenied: next(1),
    ejections: next(troubles.length),
    mirrorResults: next(mirrorResults.length),
    mirrorFindings: next(mirrorFindings.length),
    mirrorDurations: next(mirrorAnswers.length * histogram),
    faults: next(faultKinds.length),
    inFlight: gauge(),
    held: gauge(),
    waiting: gauge(),
    endpoints: gauge(endpointStates.length),
    panicking: gauge(),
    tunnels: gauge(),
    tunnelBytes: next(directions.length),
    tunnelEnds: next(tunnelEnds.length),
    sent: next(1),
    lastSentAt: next(1),
    lastEndedAt: next(1),
  };
  const instants = [offsets.lastSentAt, offsets.lastEndedAt];
  return { ...offsets, histogram, total, gauges, instants };
}
