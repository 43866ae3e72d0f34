import type { RolloutRule } from '#core/rollout/rule';
import type {
  MirrorRule,
  RouteRule,
  ServiceRule,
  Timeouts,
  VersionLimits,
  VersionRule,
} from '#core/routing/rules';
import {
  defaultEjection,
  defaultLimits,
  defaultMirror,
  defaultRetries,
  defaultTimeouts,
} from './defaults.ts';
import type { WrittenDefaults, WrittenRoute } from './document-schema.ts';
import type { WrittenService } from './service-schema.ts';

/**
 * Returns a route with everything filled in that its author left out: first from `defaults`,
 * then from what holds anyway. A key of the route replaces the same key of `defaults` whole;
 * only timeouts and limits are filled in one by one.
 */
export function routeRule(
  route: WrittenRoute,
  defaults: WrittenDefaults,
  versionNames: readonly string[],
): RouteRule {
  const said = { ...defaults, ...route };
  const { ejection = { rule: defaultEjection } } = said;
  const rollout = rolloutRule(route, said.rollout);
  return {
    name: route.name,
    match: route.match,
    versions: versionRules(route, versionNames, said),
    unit: said.unit ?? [{ kind: 'issue', text: 'issue' }],
    salt: route.salt ?? route.name,
    audiences: route.audiences ?? [],
    sticky: said.sticky,
    override: said.override,
    onUnavailable: said.onUnavailable ?? { kind: 'fail' },
    timeouts: timeouts({ ...defaults.timeouts, ...route.timeouts }),
    headers: said.headers,
    rewrite: route.rewrite,
    redirect: route.redirect,
    retries: said.retries ?? defaultRetries,
    health: said.health,
    ejection: ejection.rule,
    slowStartMs: said.slowStart ?? 0,
    limits: limits({ ...defaults.limits, ...route.limits }),
    allowsUpgrade: said.upgrade !== 'off',
    allowsEncodedSlash: said.encodedSlash !== 'refuse',
    mirror: route.mirror ?? copiesOf(rollout),
    fault: route.fault,
    rollout,
    judging: undefined,
    isHeld: false,
  };
}

function versionRules(
  route: WrittenRoute,
  names: readonly string[],
  { tls: tlsOfAll, versionFrom }: Pick<WrittenDefaults, 'tls' | 'versionFrom'>,
): readonly VersionRule[] {
  const rules: VersionRule[] = [];
  for (const name of names) {
    const version = route.versions?.[name];
    if (version === undefined) continue;
    const { slot = name, url, weight = 1, state = 'active', headers } = version;
    const urls = url === undefined ? (version.urls ?? []) : [url];
    const service = version.service && serviceRule(name, version.service, versionFrom);
    const isHttps = service?.protocol === 'https' || urls.some((one) => one.startsWith('https:'));
    const tls = isHttps ? (version.tls ?? tlsOfAll) : undefined;
    const unfound = { isTerminating: false, trouble: '' };
    rules.push({ name, slot, urls, service, ...unfound, weight, state, headers, tls });
  }
  return rules;
}

function serviceRule(
  version: string,
  { name, namespace, port, protocol = 'http', label = version }: WrittenService,
  versionFrom: WrittenDefaults['versionFrom'],
): ServiceRule {
  const podLabel = versionFrom && { key: versionFrom.podLabel, value: label };
  return { name, namespace, port, protocol, podLabel };
}

/** A route that redirects has nothing that could go over. */
function rolloutRule(
  { redirect }: WrittenRoute,
  said: WrittenRoute['rollout'],
): RolloutRule | undefined {
  return said === 'off' || redirect !== undefined ? undefined : said;
}

/** A shadow release without a mirror of the route's own has one that asks for nothing special. */
function copiesOf(rollout: RolloutRule | undefined): MirrorRule | undefined {
  return rollout?.strategy === 'shadow' ? { to: rollout.to, ...defaultMirror } : undefined;
}

function timeouts(written: NonNullable<WrittenRoute['timeouts']>): Timeouts {
  return {
    connectMs: written.connect ?? defaultTimeouts.connectMs,
    firstByteMs: written.firstByte ?? defaultTimeouts.firstByteMs,
    idleMs: written.idle ?? defaultTimeouts.idleMs,
    totalMs: written.total ?? defaultTimeouts.totalMs,
    attemptMs: written.attempt ?? defaultTimeouts.attemptMs,
  };
}

function limits(written: NonNullable<WrittenRoute['limits']>): VersionLimits {
  return {
    connections: written.connections ?? defaultLimits.connections,
    inFlight: written.inFlight ?? defaultLimits.inFlight,
    waiting: written.waiting ?? defaultLimits.waiting,
    waitMs: written.wait ?? defaultLimits.waitMs,
    bodyBytes: written.body ?? defaultLimits.bodyBytes,
  };
}
