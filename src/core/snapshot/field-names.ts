import type { When } from '#core/conditions/when';
import type { Document } from '#core/document/document';
import type { HeaderRules, RouteRule } from '#core/routing/rules';

/**
 * Returns the lower-case names of all fields that a document's rules test, read, set, add or
 * remove: those whose places a head must be able to tell at once.
 */
export function fieldNames(document: Document): ReadonlySet<string> {
  const names = new Set<string>();
  for (const route of document.routes) addRoute(names, route);
  return new Set([...names].map((name) => name.toLowerCase()));
}

/** What conditions on these keys read. */
const readBy = {
  cookie: ['cookie'],
  userAgent: ['user-agent'],
  device: ['user-agent', 'sec-ch-ua', 'sec-ch-ua-mobile', 'sec-ch-ua-platform'],
  os: ['user-agent', 'sec-ch-ua', 'sec-ch-ua-mobile', 'sec-ch-ua-platform'],
  browser: ['user-agent', 'sec-ch-ua', 'sec-ch-ua-mobile', 'sec-ch-ua-platform'],
  language: ['accept-language'],
} as const satisfies Partial<Record<keyof When, readonly string[]>>;

/** What decides whether a unit is issued, and brings it back. */
const readByIssue = ['cookie', 'sec-fetch-mode', 'accept'] as const;

function addRoute(names: Set<string>, route: RouteRule): void {
  addWhen(names, route.match);
  for (const audience of route.audiences) addWhen(names, audience.when);
  addWhen(names, route.fault?.when);
  addWhen(names, route.judging?.goal?.when);
  addUnit(names, route.unit);
  if (route.sticky !== undefined || route.override?.cookie !== undefined) names.add('cookie');
  if (route.override?.header !== undefined) names.add(route.override.header);
  addEdits(names, route.headers);
  for (const version of route.versions) addEdits(names, version.headers);
}

function addWhen(names: Set<string>, when: When | undefined): void {
  if (when === undefined) return;
  for (const name of Object.keys(when.header ?? {})) names.add(name);
  for (const key of ['cookie', 'userAgent', 'device', 'os', 'browser', 'language'] as const) {
    if (when[key] !== undefined) addAll(names, readBy[key]);
  }
  for (const part of [...(when.all ?? []), ...(when.any ?? []), when.not]) addWhen(names, part);
}

function addUnit(names: Set<string>, unit: RouteRule['unit']): void {
  if (unit === 'request') return;
  for (const source of unit) {
    if (source.kind === 'header') names.add(source.name);
    if (source.kind === 'cookie') names.add('cookie');
    if (source.kind === 'issue') addAll(names, readByIssue);
  }
}

function addEdits(names: Set<string>, headers: HeaderRules | undefined): void {
  for (const edits of [headers?.request, headers?.response]) {
    if (edits === undefined) continue;
    addAll(names, Object.keys(edits.set));
    addAll(names, Object.keys(edits.add));
    addAll(names, edits.remove);
  }
}

function addAll(names: Set<string>, more: readonly string[]): void {
  for (const name of more) names.add(name);
}
