import type { Facts } from '#core/conditions/facts';
import { type PathCut, rewrittenPath } from './rewrite.ts';
import type { RedirectRule } from './rules.ts';

/** What facts do not tell of a request that is to be redirected. */
export interface RedirectedRequest {
  /** The port the client's Host names, or undefined. */
  readonly port: number | undefined;
  /** The path received, without dot segments. */
  readonly forwardedPath: string;
}

/**
 * Returns the value of `Location`: always with scheme and host, unless the request names none.
 *
 * What the rule does not say stays as requested; a rule that changes the scheme leaves the old
 * scheme's port behind. The query stays. A port that its scheme implies is left out.
 */
export function redirectLocation(
  rule: RedirectRule,
  cuts: readonly PathCut[],
  facts: Facts,
  request: RedirectedRequest,
): string {
  const { forwardedPath } = request;
  const keep = { kind: 'prefix', path: '/' } as const;
  const path = rule.path
    ? rewrittenPath(rule.path, cuts, facts, forwardedPath)
    : rewrittenPath(keep, [], facts, forwardedPath);
  const target = facts.query === '' ? path : `${path}?${facts.query}`;
  const host = rule.host ?? facts.host;
  if (host === '') return target;
  const scheme = rule.scheme ?? facts.scheme;
  const port = rule.port ?? (scheme === facts.scheme ? request.port : undefined);
  return `${scheme}://${bracketed(host)}${portText(scheme, port)}${target}`;
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function portText(scheme: 'http' | 'https', port: number | undefined): string {
  const implied = scheme === 'https' ? 443 : 80;
  return port === undefined || port === implied ? '' : `:${port}`;
}
