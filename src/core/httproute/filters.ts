import type { HeaderEdits, HeaderRules, RedirectRule, RewriteRule } from '#core/routing/rules';
import { type Filter, type FilterType, filterKeys, type RequestMirror } from './filter-schema.ts';
import type { Path, Report } from './finding.ts';
import { headerEdits } from './header-edits.ts';
import type { MeantMatch } from './matches.ts';
import { pathRewrite } from './path-modifier.ts';
import { redirectRule } from './redirect.ts';
import { refusesFilter } from './refused.ts';

/** What the filters of a rule do. */
export interface MeantFilters {
  readonly headers: HeaderRules | undefined;
  readonly redirect: RedirectRule | undefined;
  readonly rewrite: RewriteRule | undefined;
  /** With its place. */
  readonly mirror: { readonly filter: RequestMirror; readonly path: Path } | undefined;
}

interface Placed {
  readonly filter: Filter;
  readonly path: Path;
}

/** Returns what the filters of a rule do; each kind of them may stand there once. */
export function meantFilters(
  filters: readonly Filter[],
  matches: readonly MeantMatch[],
  path: Path,
  report: Report,
): MeantFilters {
  const placed = byType(filters, path, report);
  const redirect = placed.get('RequestRedirect');
  const rewrite = placed.get('URLRewrite');
  const mirror = placed.get('RequestMirror');
  if (redirect !== undefined && rewrite !== undefined) {
    report({
      code: 'TN3027',
      severity: 'error',
      path: [...rewrite.path, 'type'],
      says: 'is URLRewrite, which must not stand beside RequestRedirect',
      hint: 'a redirect has a path and a hostname of its own',
    });
  }
  const { requestRedirect } = redirect?.filter ?? {};
  const { urlRewrite } = rewrite?.filter ?? {};
  const { requestMirror } = mirror?.filter ?? {};
  return {
    headers: headerRules(placed, report),
    redirect:
      redirect &&
      requestRedirect &&
      redirectRule(requestRedirect, matches, [...redirect.path, 'requestRedirect'], report),
    rewrite:
      rewrite &&
      urlRewrite &&
      rewriteRule(urlRewrite, matches, [...rewrite.path, 'urlRewrite'], report),
    mirror: mirror && requestMirror && { filter: requestMirror, path: mirror.path },
  };
}

/** Of a backendRef only its headers may be changed: the request was sent to it already. */
export function headersOfBackend(
  filters: readonly Filter[],
  path: Path,
  report: Report,
): HeaderRules | undefined {
  const placed = byType(filters, path, report);
  for (const [type, { path: place }] of placed) {
    if (type === 'RequestHeaderModifier' || type === 'ResponseHeaderModifier') continue;
    report({
      code: 'TN2033',
      severity: 'error',
      path: [...place, 'type'],
      says: `is ${type}, which is not supported in a backendRef`,
      hint: 'put it into the filters of the rule',
    });
  }
  return headerRules(placed, report);
}

function byType(
  filters: readonly Filter[],
  path: Path,
  report: Report,
): ReadonlyMap<FilterType, Placed> {
  const placed = new Map<FilterType, Placed>();
  for (const [index, filter] of filters.entries()) {
    const place = [...path, index];
    const { type } = filter;
    if (refusesFilter(filter, place, report) || !isSupported(type)) continue;
    if (!placed.has(type)) {
      placed.set(type, { filter, path: place });
      continue;
    }
    const isMirror = type === 'RequestMirror';
    report({
      code: isMirror ? 'TN2033' : 'TN3027',
      severity: 'error',
      path: [...place, 'type'],
      says: isMirror
        ? 'is a second RequestMirror, which is not supported'
        : `is ${type}, which stands there already`,
      hint: 'only one of them may stand in a list of filters',
    });
  }
  return placed;
}

function isSupported(type: Filter['type']): type is FilterType {
  return Object.hasOwn(filterKeys, type);
}

function headerRules(
  placed: ReadonlyMap<FilterType, Placed>,
  report: Report,
): HeaderRules | undefined {
  const request = edits(placed.get('RequestHeaderModifier'), 'requestHeaderModifier', report);
  const response = edits(placed.get('ResponseHeaderModifier'), 'responseHeaderModifier', report);
  return request === undefined && response === undefined ? undefined : { request, response };
}

function edits(
  placed: Placed | undefined,
  key: 'requestHeaderModifier' | 'responseHeaderModifier',
  report: Report,
): HeaderEdits | undefined {
  const modifier = placed?.filter[key];
  return placed && modifier && headerEdits(modifier, [...placed.path, key], report);
}

function rewriteRule(
  { hostname, path: modifier }: NonNullable<Filter['urlRewrite']>,
  matches: readonly MeantMatch[],
  path: Path,
  report: Report,
): RewriteRule {
  return {
    host: hostname,
    path: modifier && pathRewrite(modifier, matches, [...path, 'path'], report),
  };
}
