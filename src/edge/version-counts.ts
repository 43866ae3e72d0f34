import { outcomes } from '#core/exchange/outcome';
import { routeLabel } from '#core/routing/route-label';
import type { CountsOf } from '../rollout/departures.ts';
import { errorReasons } from '../telemetry/columns.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** What becomes of requests that wait for a version in vain. */
const unserved = ['hold_timeout', 'overflow', 'connect_failure', 'no_endpoint'] as const;

/** Returns what tells, at each call, what is counted of a version now. */
export function countsOf(metrics: Metrics): CountsOf {
  const { rows, columns } = metrics;
  const failureAt = outcomes.indexOf('failure');
  const unservedAt = unserved.map((failure) => errorReasons.indexOf(failure));
  return (route, version) => {
    const base = rows.rowOf(routeLabel(route), version) * columns.total;
    const at = (column: number) => rows.values[base + column] ?? 0;
    const counted = outcomes.map((_, index) => at(columns.outcomes + index));
    return {
      requests: counted.reduce((sum, count) => sum + count, 0),
      failures: counted[failureAt] ?? 0,
      inFlight: at(columns.inFlight),
      held: at(columns.held),
      unserved: unservedAt.reduce((sum, index) => sum + at(columns.errors + index), 0),
      sent: at(columns.sent),
      lastSentAt: epochMs(at(columns.lastSentAt)),
      lastEndedAt: epochMs(at(columns.lastEndedAt)),
    };
  };
}

/** Instants are kept by the monotonic clock; 0 stands for never. */
function epochMs(monotonicMs: number): number | undefined {
  if (monotonicMs === 0) return undefined;
  return Math.round(performance.timeOrigin + monotonicMs);
}
