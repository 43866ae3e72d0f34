import type { Log } from '../telemetry/log.ts';
import type { CrewEvent } from '../workers/ports.ts';

/** Writes what happened to the workers. */
export function logCrewEvent(log: Log, event: CrewEvent): void {
  const { kind, ...facts } = withTenths(event);
  switch (kind) {
    case 'started':
      log.event('info', 'worker_started', 'a worker accepts connections', facts);
      break;
    case 'died':
      log.event('error', 'worker_died', 'a worker has ended without being told to', facts);
      break;
    case 'unburdened':
      log.event('debug', 'worker_unburdened', 'a worker lets connections go', facts);
      break;
    case 'lagged':
      log.event('error', 'worker_lagged', 'a worker does not answer and is ended', facts);
      break;
    case 'faulty':
      log.event('error', 'worker_faulty', 'a worker has a bug and is replaced', facts);
      break;
    case 'agreed':
      log.event('info', 'workers_agreed', 'all workers serve the document', facts);
  }
}

/** A tenth of a millisecond is enough to read. */
function withTenths(event: CrewEvent): CrewEvent {
  const values = Object.entries(event).map(([name, value]) => [
    name,
    typeof value === 'number' ? Math.round(value * 10) / 10 : value,
  ]);
  return Object.fromEntries(values);
}
