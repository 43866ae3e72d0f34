import type { RouteRule, Timeouts, VersionRule } from '#core/routing/rules';
import type { WrittenDefaults, WrittenRoute } from './document-schema.ts';

const defaultTimeouts: Timeouts = {
  connectMs: 2_000,
  firstByteMs: 30_000,
  idleMs: 300_000,
  totalMs: 0,
};

/**
 * Returns a route with everything filled in that its author left out: first from `defaults`,
 * then from what holds anyway. A key of the route replaces the same key of `defaults` whole;
 * only timeouts are filled in one by one.
 */
export function routeRule(
  route: WrittenRoute,
  defaults: WrittenDefaults,
  versionNames: readonly string[],
): RouteRule {
  return {
    name: route.name,
    match: route.match,
    versions: versionRules(route, versionNames),
    unit: route.unit ?? defaults.unit ?? [{ kind: 'issue', text: 'issue' }],
    salt: route.salt ?? route.name,
    audiences: route.audiences ?? [],
    sticky: route.sticky ?? defaults.sticky,
    override: route.override ?? defaults.override,
    onUnavailable: route.onUnavailable ?? defaults.onUnavailable ?? { kind: 'fail' },
    timeouts: timeouts({ ...defaults.timeouts, ...route.timeouts }),
    headers: route.headers ?? defaults.headers,
    rewrite: route.rewrite,
    redirect: route.redirect,
  };
}

function versionRules(route: WrittenRoute, names: readonly string[]): readonly VersionRule[] {
  const rules: VersionRule[] = [];
  for (const name of names) {
    const version = route.versions?.[name];
    if (version === undefined) continue;
    const { slot = name, url, urls = [], weight = 1, state = 'active', headers } = version;
    rules.push({ name, slot, urls: url === undefined ? urls : [url], weight, state, headers });
  }
  return rules;
}

function timeouts(written: NonNullable<WrittenRoute['timeouts']>): Timeouts {
  return {
    connectMs: written.connect ?? defaultTimeouts.connectMs,
    firstByteMs: written.firstByte ?? defaultTimeouts.firstByteMs,
    idleMs: written.idle ?? defaultTimeouts.idleMs,
    totalMs: written.total ?? defaultTimeouts.totalMs,
  };
}
