import type { Mirrored } from '../proxy/mirror-copy.ts';
import type { Tally } from '../rollout/tally.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Counts a copy that is over, and keeps what its answer had that the original's had not. */
export function countMirrored(metrics: Metrics, tally: Tally, copy: Mirrored): void {
  const { route, mirror, result, originalMs, copyMs, compared, method, path } = copy;
  const { row, name: version } = mirror.version;
  metrics.mirroredAs(row, result);
  tally.observePair({
    ...copy,
    version: mirror.version,
    isCompared: compared !== undefined && !compared.isIncomplete,
    differs: compared !== undefined && compared.differences.length > 0,
  });
  if (originalMs !== undefined && copyMs !== undefined) {
    metrics.mirrorTimed(row, originalMs, copyMs);
  }
  if (compared === undefined) return;
  const { differences, isIncomplete } = compared;
  if (isIncomplete) metrics.mirrorFound(row, 'not_compared');
  for (const what of new Set(differences.map((difference) => difference.what))) {
    metrics.mirrorFound(row, what);
  }
  if (differences.length === 0) return;
  const at = Date.now();
  metrics.mirrorSamples.add({ route: route.name, version, at, method, path, differences });
}
