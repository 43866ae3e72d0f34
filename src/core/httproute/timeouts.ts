import type { Timeouts } from '#core/routing/rules';
import type { Path, Report } from './finding.ts';
import type { HttpRouteRule } from './schema.ts';

/**
 * Returns the time limits that a rule sets. Whoever sets one says how long an answer may take:
 * the limit to its first byte, which is ours, does not end it before.
 */
export function meantTimeouts(
  { request, backendRequest }: NonNullable<HttpRouteRule['timeouts']>,
  path: Path,
  report: Report,
): Partial<Timeouts> {
  if (request === undefined && backendRequest === undefined) return {};
  const isLonger = (backendRequest ?? 0) > (request ?? 0);
  if (request !== undefined && request > 0 && isLonger) {
    report({
      code: 'TN3028',
      severity: 'error',
      path: [...path, 'backendRequest'],
      says: 'must not be longer than request, of which it is a part',
    });
  }
  return {
    firstByteMs: 0,
    ...(request !== undefined && { totalMs: request }),
    ...(backendRequest !== undefined && { attemptMs: backendRequest }),
  };
}
