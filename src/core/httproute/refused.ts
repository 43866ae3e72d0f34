import type { Filter, RefusedFilter } from './filter-schema.ts';
import type { Path, Report } from './finding.ts';
import type { HttpRouteRule } from './schema.ts';

/** What of Gateway API is refused, and what to do instead. */
const filterHints: Readonly<Record<RefusedFilter, string>> = {
  CORS: 'the service may answer such requests itself; ResponseHeaderModifier sets fixed headers',
  ExternalAuth: 'let the service, or a proxy before it, ask who the client is',
  ExtensionRef: 'extensions belong to the gateway they were written for',
};

/** Reports a filter that is refused wherever it stands. Returns whether it is one. */
export function refusesFilter({ type }: Filter, path: Path, report: Report): boolean {
  if (!isRefused(type)) return false;
  const says = `is ${type}, which is not supported`;
  report({
    code: 'TN2033',
    severity: 'error',
    path: [...path, 'type'],
    says,
    hint: filterHints[type],
  });
  return true;
}

function isRefused(type: Filter['type']): type is RefusedFilter {
  return Object.hasOwn(filterHints, type);
}

/** Reports the parts of a rule that are refused. */
export function refuseParts(rule: HttpRouteRule, path: Path, report: Report): void {
  if (isThere(rule.sessionPersistence)) {
    report({
      code: 'TN2033',
      severity: 'error',
      path: [...path, 'sessionPersistence'],
      says: 'is not supported',
      hint: 'users keep their version by their id anyway; defaults.sticky remembers it in a cookie',
    });
  }
  if (isThere(rule.retry?.backoff)) {
    report({
      code: 'TN2033',
      severity: 'error',
      path: [...path, 'retry', 'backoff'],
      says: 'is not supported: requests are repeated after 25 to 250 ms',
      hint: 'leave it out',
    });
  }
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
