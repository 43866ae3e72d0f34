import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { messageOf, stackOf } from './errors.ts';

export interface FaultPorts {
  readonly log: Log;
  readonly metrics: Metrics;
  /** The process: told of what nobody caught. */
  readonly events: NodeJS.EventEmitter;
  /** Sees to it that the process ends even if its own end hangs. */
  readonly endLater: () => void;
}

/**
 * Resolves with a sentence at the first throw that nobody caught: the process should finish what
 * is begun and end. Every one is logged and counted.
 */
export function firstFault({ log, metrics, events, endLater }: FaultPorts): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  events.on('uncaughtException', (error: unknown) => {
    metrics.bug();
    log.event('error', 'bug_caught', messageOf(error), { stack: stackOf(error) });
    resolve(`a bug of Turnout: ${messageOf(error)}`);
    endLater();
  });
  return promise;
}

/** What is begun has 5 s to end after a fault: whoever is here after twice that hangs. */
export function endLater(): void {
  setTimeout(() => process.exit(1), 10_000).unref();
}
