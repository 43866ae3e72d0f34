import type { Outcome } from '../config/reload.ts';
import type { Log } from '../telemetry/log.ts';

/** Writes what became of a document. */
export function logOutcome(log: Log, outcome: Outcome): void {
  if (outcome.kind === 'refused') {
    const { text, hash } = outcome.refusal;
    log.event('error', 'document_refused', text, { hash, inForce: outcome.inForce });
  } else if (outcome.kind === 'unchanged') {
    log.event('debug', 'document_unchanged', 'the document is what is in force', {
      hash: outcome.hash,
    });
  } else {
    const { hash, previous, routes, tookMs, warnings } = outcome;
    log.event('info', 'document_applied', 'a document is in force', {
      hash,
      previous,
      routes,
      tookMs,
    });
    if (warnings !== '') log.event('warn', 'document_applied', warnings, { hash });
  }
}
