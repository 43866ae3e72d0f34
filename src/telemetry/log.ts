import { type DestinationStream, type Logger, pino } from 'pino';

/** What may happen to Turnout itself: past tense, the same word in log and reference. */
export const eventNames = [
  'process_started',
  'process_draining',
  'process_ended',
  'document_applied',
  'document_unchanged',
  'document_refused',
  'document_written',
  'source_warned',
  'watch_lost',
  'watch_resumed',
  'watch_restarted',
  'connections_limited',
  'load_shed',
  'certificate_applied',
  'certificate_refused',
  'rollout_changed',
  'rollout_troubled',
  'replica_leads',
  'replica_follows',
  'replica_troubled',
  'ledger_awaited',
  'ledger_unreadable',
  'worker_started',
  'worker_died',
  'worker_unburdened',
  'worker_lagged',
  'worker_faulty',
  'workers_agreed',
  'endpoint_ejected',
  'endpoint_failed',
  'endpoint_recovered',
  'endpoints_awaited',
  'endpoints_failed',
  'name_failed',
  'name_recovered',
  'admin_failed',
  'admin_tokens_refused',
  'watch_lost',
  'watch_found',
  'exchange_failed',
  'bug_caught',
] as const;
export type EventName = (typeof eventNames)[number];

export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

/** Named values of an event. Ids, cookies, queries and addresses of clients are none of them. */
export type Facts = Readonly<Record<string, unknown>>;

export interface Log {
  event(level: Level, name: EventName, message: string, facts?: Facts): void;
  /** Writes what is still in memory. */
  flush(): void;
}

export interface LogOptions {
  readonly level?: Level | 'silent';
  /** The place of the worker that writes: on every line of it. */
  readonly worker?: number;
  /** Where lines go; standard error unless told otherwise. */
  readonly destination?: DestinationStream;
}

/** Fields that are never written, wherever in the facts they are. */
const secrets = [
  'authorization',
  'cookie',
  'set-cookie',
  'proxy-authorization',
  'x-api-key',
  'token',
  'secret',
  'password',
];
const redactedPaths = secrets.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/**
 * Returns the log of the process: one JSON object a line.
 *
 * Every event has its name in `event.name`, so that a person greps for the message and a program
 * for the name.
 */
export function logOf(options: LogOptions = {}): Log {
  const logger: Logger = pino(
    {
      level: options.level ?? 'info',
      base: options.worker === undefined ? null : { worker: options.worker },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[redacted]' },
    },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  );
  return {
    event(level, name, message, facts = {}) {
      logger[level]({ 'event.name': name, ...facts }, message);
    },
    flush() {
      logger.flush();
    },
  };
}
