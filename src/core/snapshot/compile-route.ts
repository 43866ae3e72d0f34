import { cidrSet } from '#core/address/cidr-set';
import { bytesOf } from '#core/conditions/byte-text';
import type { Condition } from '#core/conditions/condition';
import { compileWhen } from '#core/conditions/registry';
import type { PathTest, When } from '#core/conditions/when';
import { type PathCut, targetPath } from '#core/routing/rewrite';
import type { Audience, Fault, Judged, Mirror, Route, Split, Version } from '#core/routing/route';
import { routeLabel } from '#core/routing/route-label';
import type {
  AudienceRule,
  HeaderEdits,
  OverrideRule,
  RedirectRule,
  RewriteRule,
  RouteRule,
  UnitSource,
  VersionRule,
} from '#core/routing/rules';
import { serviceText } from '#core/routing/service-text';
import { newSplit } from '#core/routing/split';
import { percentSafe } from '#core/routing/sticky';
import { compileEndpoint } from './compile-endpoint.ts';
import type { Shared } from './shared.ts';

/** Returns the row of the counters of a version of a route; '' stands for no version. */
export type RowOf = (route: string, version: string) => number;

/** What the routes of one snapshot have in common. */
export interface Common {
  readonly rowOf: RowOf;
  /** Returns 0, 1, 2, … */
  readonly nextIndex: () => number;
  readonly shared: Shared;
}

export function compileRoute(rule: RouteRule, index: number, common: Common): Route {
  const { rowOf, shared } = common;
  const versions = rule.versions.map((version) => compileVersion(rule, version, common));
  const unit = shared.list(rule.unit === 'request' ? [] : rule.unit.map(compileSource));
  const audiences = rule.audiences.map((audience, place) =>
    compileAudience(audience, place, versions, shared),
  );
  return Object.freeze({
    // What every assignment reads stands together: it fits two lines of the processor's cache.
    index,
    unit,
    override: rule.override && compileOverride(rule.override),
    audienceConditions: shared.conditions(audiences.map(conditionOf)),
    sticky: rule.sticky && { ...rule.sticky, cookie: bytesOf(rule.sticky.cookie) },
    split: shared.split(newSplit(versions, (version) => version.weight)),
    salt: bytesOf(rule.salt),
    row: rowOf(routeLabel(rule.name), ''),
    name: rule.name,
    rule,
    matches: rule.match === undefined ? always : whenAsked(rule.match),
    versions: Object.freeze(versions),
    audiences: Object.freeze(audiences),
    issueSource: unit.findIndex((source) => source.kind === 'issue'),
    trusts: cidrSet(rule.override?.trusted ?? []),
    onUnavailable: rule.onUnavailable,
    // What else is looked at for every request.
    fallback: fallbackOf(rule, versions),
    keepsHeads: keepsHeads(rule),
    isHeld: rule.isHeld,
    judging: compileJudging(rule, versions, shared),
    timeouts: rule.timeouts,
    cuts: cutsPrefix(rule) ? (rule.match?.path ?? []).map(cutOf) : [],
    rewrite: rule.rewrite && withTargetPath(rule.rewrite),
    redirect: rule.redirect && withTargetPath(rule.redirect),
    retries: rule.retries,
    health: rule.health,
    ejection: rule.ejection,
    endpointsGo: rule.rollout?.strategy === 'recreate' || rule.rollout?.strategy === 'ramped',
    slowStartMs: rule.slowStartMs,
    limits: rule.limits,
    allowsUpgrade: rule.allowsUpgrade,
    allowsEncodedSlash: rule.allowsEncodedSlash,
    mirror: compileMirror(rule, versions),
    fault: compileFault(rule, versions, shared),
  });
}

function always(): boolean {
  return true;
}

function never(): boolean {
  return false;
}

function conditionOf({ split, holds }: Audience): Condition {
  return split === undefined ? never : holds;
}

/** The index asks less of a request; the whole condition is compiled for who explains. */
function whenAsked(match: When): Condition {
  let condition: Condition | undefined;
  return (facts) => {
    condition ??= compileWhen(match);
    return condition(facts);
  };
}

function cutsPrefix({ rewrite, redirect }: RouteRule): boolean {
  return rewrite?.path?.kind === 'prefix' || redirect?.path?.kind === 'prefix';
}

/** A regular expression says nothing of segments: it cuts none. */
function cutOf(test: PathTest): PathCut {
  const holds = compileWhen({ path: [test] });
  if (test.exact !== undefined) return { holds, segments: Number.POSITIVE_INFINITY };
  const segments = (test.prefix ?? '').split('/').filter((segment) => segment !== '').length;
  return { holds, segments };
}

function withTargetPath<Rule extends RewriteRule | RedirectRule>(rule: Rule): Rule {
  const { path } = rule;
  return path === undefined ? rule : { ...rule, path: { ...path, path: targetPath(path.path) } };
}

function compileVersion(
  route: RouteRule,
  rule: VersionRule,
  { rowOf, nextIndex, shared }: Common,
): Version {
  const slotBytes = shared.text(bytesOf(rule.slot));
  return Object.freeze({
    name: rule.name,
    slot: rule.slot,
    slotBytes,
    stickySlot: percentSafe(slotBytes),
    weight: rule.weight,
    state: rule.state,
    endpoints: Object.freeze(rule.urls.map((url) => compileEndpoint(url, rule.tls))),
    service: rule.service && serviceText(rule.service),
    isTerminating: rule.isTerminating,
    trouble: rule.trouble,
    invalid: rule.invalid,
    index: nextIndex(),
    row: rowOf(routeLabel(route.name), rule.name),
    requestHeaders: inOrder(route.headers?.request, rule.headers?.request),
    responseHeaders: inOrder(route.headers?.response, rule.headers?.response),
  });
}

/** The route's edits come first, so that a version has the last word. */
function inOrder(...edits: (HeaderEdits | undefined)[]): readonly HeaderEdits[] | undefined {
  const present = edits.filter((edit) => edit !== undefined);
  return present.length === 0 ? undefined : present;
}

/** An audience sent to one version gets all of it, whatever its weight in the route. */
function compileAudience(
  { name, when, to }: AudienceRule,
  index: number,
  versions: readonly Version[],
  shared: Shared,
): Audience {
  const weightOf = (version: Version): number => {
    if (to.kind === 'split') return to.weights.get(version.name) ?? 0;
    return version.name === to.version ? 1 : 0;
  };
  const split = shared.split(newSplit(versions, weightOf));
  return Object.freeze({ name, index, holds: shared.condition(when), split: unlessEmpty(split) });
}

function unlessEmpty(split: Split): Split | undefined {
  return split.versions.length === 0 ? undefined : split;
}

function compileSource(source: UnitSource): UnitSource {
  if (source.kind === 'issue') return source;
  const name = bytesOf(source.name);
  return { ...source, name: source.kind === 'header' ? name.toLowerCase() : name };
}

function compileOverride(rule: OverrideRule): OverrideRule {
  return {
    header: rule.header === undefined ? undefined : bytesOf(rule.header).toLowerCase(),
    query: rule.query === undefined ? undefined : bytesOf(rule.query),
    cookie: rule.cookie === undefined ? undefined : bytesOf(rule.cookie),
    trusted: rule.trusted,
  };
}

/** Who waits may come to another version; nothing is sent before that in a route that is held. */
function keepsHeads({ onUnavailable, isHeld, versions }: RouteRule): boolean {
  const differ = versions.some(({ headers }) => headers?.request !== undefined);
  return onUnavailable.kind === 'fallback' || isHeld || differ;
}

function fallbackOf(rule: RouteRule, versions: readonly Version[]): Version | undefined {
  const { onUnavailable } = rule;
  return onUnavailable.kind === 'fallback' ? active(versions, onUnavailable.version) : undefined;
}

function compileMirror({ mirror }: RouteRule, versions: readonly Version[]): Mirror | undefined {
  if (mirror === undefined) return undefined;
  const { to, methods, ...rest } = mirror;
  const version = active(versions, to);
  return version && Object.freeze({ version, methods: new Set(methods), ...rest });
}

/** A version that drains takes nobody new: not in need, and no copies. */
function active(versions: readonly Version[], name: string): Version | undefined {
  return versions.find((version) => version.name === name && version.state === 'active');
}

function compileFault(
  { fault }: RouteRule,
  versions: readonly Version[],
  shared: Shared,
): Fault | undefined {
  if (fault === undefined) return undefined;
  const { when, version, ...rest } = fault;
  return Object.freeze({
    holds: when && shared.condition(when),
    version: versions.find(({ name }) => name === version),
    ...rest,
  });
}

/** A rollout between versions that are not both there is not judged. */
function compileJudging(
  { judging }: RouteRule,
  versions: readonly Version[],
  shared: Shared,
): Judged | undefined {
  if (judging === undefined) return undefined;
  const { from, to, goal, ...rest } = judging;
  const stable = versions.find(({ name }) => name === from);
  const candidate = versions.find(({ name }) => name === to);
  if (stable === undefined || candidate === undefined) return undefined;
  return Object.freeze({
    ...rest,
    stable,
    candidate,
    goal: goal && { holds: shared.condition(goal.when), statuses: goal.statuses },
  });
}
