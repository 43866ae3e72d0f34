import { type Failure, failures } from './failure.ts';

export const outcomes = ['success', 'failure', 'ignored'] as const;
export type Outcome = (typeof outcomes)[number];

/** Failures by our own choice, which say nothing about a version. */
const ownChoice: ReadonlySet<Failure> = new Set(['shed', 'fault']);

/**
 * Returns what an exchange says about its version: the same for metric, judge and dashboard.
 *
 * A client's fault is not a version's: who leaves, or sends nonsense, is ignored. An answer
 * that came late, cut or not at all is a failure, as is any 5xx.
 */
export function outcomeOf(failure: Failure | undefined, status: number): Outcome {
  if (failure === undefined) return status >= 500 ? 'failure' : 'success';
  if (failures[failure].side === 'downstream' || ownChoice.has(failure)) return 'ignored';
  return 'failure';
}
