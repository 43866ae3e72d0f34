import type { RouteParts } from '#core/httproute/translate';
import type { RouteRule, VersionRule } from '#core/routing/rules';
import { defaultMirror } from './defaults.ts';
import type { WrittenDefaults } from './document-schema.ts';
import { routeRule } from './normalise.ts';

/**
 * Returns a rule with what holds for all routes filled in. Who writes the weights is the author
 * of the object: a rollout of `defaults` is not about them.
 */
export function httpRouteRule(parts: RouteParts, defaults: WrittenDefaults): RouteRule {
  const { name, mirror, timeouts, retries, headers, versions, ...rest } = parts;
  const held = routeRule({ name }, { ...defaults, rollout: undefined }, []);
  const need = held.onUnavailable;
  const hasFallback = need.kind !== 'fallback' || versions.some((one) => one.name === need.version);
  return {
    ...held,
    ...rest,
    versions: versions.map((version) => withTls(version, defaults)),
    headers: headers ?? held.headers,
    mirror: mirror && { ...mirrorOfAll, ...mirror },
    timeouts: { ...held.timeouts, ...timeouts },
    retries: { ...held.retries, ...retries },
    onUnavailable: hasFallback ? need : { kind: 'fail' },
  };
}

/** Every method is copied, with bodies up to 1 MiB, and the answers are thrown away unseen. */
const mirrorOfAll = {
  ...defaultMirror,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'],
  bodyBytes: 1_048_576,
  compare: undefined,
};

function withTls(version: VersionRule, { tls }: WrittenDefaults): VersionRule {
  return version.urls.some((url) => url.startsWith('https:')) ? { ...version, tls } : version;
}
