import type { Failure } from '#core/exchange/failure';
import { failures } from '#core/exchange/failure';
import type { Outcome } from './columns.ts';

/** Failures of Turnout itself that say nothing about a version. */
const ownChoice: ReadonlySet<Failure> = new Set(['shed', 'upgrade_refused']);

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
