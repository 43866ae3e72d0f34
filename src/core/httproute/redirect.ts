import type { RedirectRule } from '#core/routing/rules';
import type { RequestRedirect } from './filter-schema.ts';
import type { Path, Report } from './finding.ts';
import type { MeantMatch } from './matches.ts';
import { pathRewrite } from './path-modifier.ts';

const wellKnown = { http: 80, https: 443 } as const;

/**
 * Returns where a redirect leads. One that names a scheme and no port leads to the port of that
 * scheme; one that names neither, to the port that the client has named.
 */
export function redirectRule(
  { scheme, hostname, path: modifier, port, statusCode = 302 }: RequestRedirect,
  matches: readonly MeantMatch[],
  path: Path,
  report: Report,
): RedirectRule {
  return {
    scheme,
    host: hostname,
    port: port ?? (scheme && wellKnown[scheme]),
    path: modifier && pathRewrite(modifier, matches, [...path, 'path'], report),
    status: statusCode,
  };
}
