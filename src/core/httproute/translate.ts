import type { When } from '#core/conditions/when';
import type {
  HeaderRules,
  MirrorRule,
  RedirectRule,
  Retries,
  RewriteRule,
  Timeouts,
  VersionRule,
} from '#core/routing/rules';
import { meantBackends } from './backends.ts';
import { meantFilters } from './filters.ts';
import type { Path, Report } from './finding.ts';
import { type HostGroup, hostGroups } from './hostnames.ts';
import { type MeantMatch, meantMatch } from './matches.ts';
import { nameOfObject } from './names.ts';
import type { Ranked } from './precedence.ts';
import { refuseParts } from './refused.ts';
import type { HttpRoute, HttpRouteRule } from './schema.ts';
import type { Services } from './services.ts';
import { meantTimeouts } from './timeouts.ts';

/** What a rule of an HTTPRoute says of a route; the rest is what holds for all routes. */
export interface RouteParts {
  readonly name: string;
  readonly salt: string;
  readonly match: When | undefined;
  readonly versions: readonly VersionRule[];
  readonly headers: HeaderRules | undefined;
  readonly rewrite: RewriteRule | undefined;
  readonly redirect: RedirectRule | undefined;
  readonly mirror: Pick<MirrorRule, 'to' | 'percent'> | undefined;
  readonly timeouts: Partial<Timeouts>;
  readonly retries: Partial<Retries>;
}

/** A match of an HTTPRoute as a route, with what decides who comes first. */
export interface Translated extends Ranked {
  readonly parts: RouteParts;
  /** Of its rule, in the object. */
  readonly path: Path;
}

/**
 * Returns an HTTPRoute as routes: one for each match of a rule under hostnames of one rank, for
 * each of them has its own place among those of all objects. The routes of a rule are counted as
 * one. Users are split by the name of the object, so that rules with the same backends and
 * weights give a user the same one.
 */
export function translate(
  object: HttpRoute,
  services: readonly Services[],
  report: Report,
): readonly Translated[] {
  const { hostnames = [], rules = [{}] } = object.spec;
  const groups = hostGroups(hostnames);
  const own = object.services === undefined ? [] : [object.services];
  const places = rulePlaces(rules, report);
  return rules.flatMap((rule, index) => {
    const path = ['spec', 'rules', index];
    const place = { object, label: places[index] ?? '', index, path };
    return translatedRule(rule, place, groups, [...own, ...services], report);
  });
}

interface RulePlace {
  readonly object: HttpRoute;
  readonly label: string;
  readonly index: number;
  readonly path: Path;
}

function translatedRule(
  rule: HttpRouteRule,
  { object, label, index, path }: RulePlace,
  groups: readonly HostGroup[],
  services: readonly Services[],
  report: Report,
): readonly Translated[] {
  const { namespace = 'default', creationTimestamp } = object.metadata;
  const createdAt = creationTimestamp === undefined ? undefined : Date.parse(creationTimestamp);
  const written = rule.matches ?? [];
  const matches = (written.length === 0 ? [{}] : written).map(meantMatch);
  refuseParts(rule, path, report);
  const { mirror, ...filters } = meantFilters(
    rule.filters ?? [],
    matches,
    [...path, 'filters'],
    report,
  );
  const backendRefs = rule.backendRefs ?? [];
  const isRedirect = filters.redirect !== undefined;
  if (isRedirect && backendRefs.length > 0) {
    report({
      code: 'TN3027',
      severity: 'error',
      path: [...path, 'backendRefs'],
      says: 'must not stand beside the filter RequestRedirect: nothing is sent to them',
    });
  }
  if (isRedirect) besideRedirect(rule, path, report);
  const around = { namespace, services };
  const backends = isRedirect
    ? { versions: [], mirror: undefined }
    : meantBackends(backendRefs, mirror, around, path, report);
  const salt = nameOfObject(object);
  const name = `${salt}${label}`;
  const shared = {
    salt,
    ...filters,
    ...backends,
    timeouts: meantTimeouts(rule.timeouts ?? {}, [...path, 'timeouts'], report),
    retries: meantRetries(rule.retry),
  };
  const both = groups.flatMap((hosts) => matches.map((match) => ({ hosts, match })));
  return both.map(({ hosts, match }, place) => ({
    parts: { ...shared, name: entryName(name, place), match: meantWhen(hosts, match) },
    path,
    hosts,
    match,
    origin: { createdAt, object: salt, rule: index, match: place },
  }));
}

/** What changes requests, answers or copies does nothing where no backend is asked. */
function besideRedirect({ filters = [] }: HttpRouteRule, path: Path, report: Report): void {
  for (const [index, { type }] of filters.entries()) {
    if (type !== 'RequestMirror' && !type.endsWith('HeaderModifier')) continue;
    const says = `is ${type}, which does nothing beside RequestRedirect`;
    const place = [...path, 'filters', index, 'type'];
    report({ code: 'TN3011', severity: 'warning', path: place, says });
  }
}

/** Returns what stands behind the object's name for each rule: '', `#2`, or `#` and its own name. */
function rulePlaces(rules: readonly HttpRouteRule[], report: Report): readonly string[] {
  const taken = new Map<string, number>();
  return rules.map(({ name }, index) => {
    const place = name === undefined ? (index === 0 ? '' : `#${index + 1}`) : `#${name}`;
    const before = taken.get(place);
    if (before === undefined) taken.set(place, index);
    else {
      const says = `is how spec.rules[${before}] is called already`;
      report({ code: 'TN3001', severity: 'error', path: ['spec', 'rules', index, 'name'], says });
    }
    return place;
  });
}

/** The first match of a rule has the rule's own name, which they are counted under (route-label.ts). */
function entryName(name: string, place: number): string {
  return place === 0 ? name : `${name}:${place + 1}`;
}

function meantWhen({ hosts }: HostGroup, { when }: MeantMatch): When | undefined {
  const match = hosts.length === 0 ? when : { host: hosts, ...when };
  return Object.keys(match).length === 0 ? undefined : match;
}

function meantRetries(retry: HttpRouteRule['retry']): Partial<Retries> {
  const { attempts, codes } = retry ?? {};
  return {
    ...(attempts !== undefined && { attempts }),
    ...(codes !== undefined && { statuses: codes }),
  };
}
