import type { EventName, Level, Log } from '../telemetry/log.ts';
import type { CrewEvent } from '../workers/ports.ts';

const words: Readonly<
  Record<CrewEvent['kind'], readonly [level: Level, name: EventName, message: string]>
> = {
  started: ['info', 'worker_started', 'a worker accepts connections'],
  died: ['error', 'worker_died', 'a worker has ended without being told to'],
  lagged: ['error', 'worker_lagged', 'a worker does not answer and is ended'],
  faulty: ['error', 'worker_faulty', 'a worker has a bug and is replaced'],
  unburdened: ['debug', 'worker_unburdened', 'a worker lets connections go'],
  agreed: ['info', 'workers_agreed', 'all workers serve the document'],
};

/** Writes what happened to the workers. */
export function logCrewEvent(log: Log, { kind, ...facts }: CrewEvent): void {
  const [level, name, message] = words[kind];
  log.event(level, name, message, withTenths(facts));
}

/** A tenth of a millisecond is enough to read. */
function withTenths(facts: object): Readonly<Record<string, unknown>> {
  const values = Object.entries(facts).map(([name, value]) => [
    name,
    typeof value === 'number' ? Math.round(value * 10) / 10 : value,
  ]);
  return Object.fromEntries(values);
}
