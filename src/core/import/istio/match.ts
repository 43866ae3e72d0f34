import type { Span } from '#core/document/finding';
import type { Tree } from '#core/document/tree';
import { both, type WrittenCondition } from '../imported-route.ts';
import { literal } from '../literal.ts';
import { isTrueAt, placeOf, textAt, treeAt } from '../value.ts';
import { testOf, whole } from './string-match.ts';

/** What a HTTPMatchRequest asks, as a condition (undefined: nothing), or why that cannot be said. */
export type Said =
  | {
      readonly kind: 'said';
      readonly where: WrittenCondition | undefined;
      readonly path: PathAsked;
    }
  | { readonly kind: 'unsayable'; readonly what: string; readonly span: Span };

/** How the path is asked for: what a rewrite takes away. */
export type PathAsked =
  | { readonly kind: 'none' }
  | { readonly kind: 'prefix'; readonly prefix: string; readonly ignoresCase: boolean }
  | { readonly kind: 'whole' };

/** One part of a match: undefined where it is not there. */
type Part = (match: Tree, bySegments: boolean) => WrittenCondition | 'unsayable' | undefined;

/** Keys of a match, and what each asks. */
const parts: Readonly<Record<string, Part>> = {
  uri: (match, bySegments) => uriCondition(match, bySegments),
  scheme: (match) => {
    const scheme = textAt(match, ['scheme', 'exact']);
    return scheme === 'http' || scheme === 'https' ? { scheme } : 'unsayable';
  },
  method: (match) => {
    const method = textAt(match, ['method', 'exact']);
    return method === undefined ? 'unsayable' : { method };
  },
  authority: (match) => authorityCondition(match),
  headers: (match) => named(match, 'headers', 'header'),
  queryParams: (match) => named(match, 'queryParams', 'query'),
  withoutHeaders: (match) => withoutHeaders(match),
};

/** Keys that say nothing of requests, or are read with another one. */
const silent: readonly string[] = ['name', 'statPrefix', 'ignoreUriCase'];

/**
 * Returns the condition of one match; `gateways` are those of its VirtualService. A prefix is one of
 * characters, unless it is to be taken away: that is done by whole segments.
 */
export function matchOf(match: Tree, gateways: readonly string[], bySegments: boolean): Said {
  let where: WrittenCondition | undefined;
  for (const key of match.children.keys()) {
    if (silent.includes(key) || treeAt(match, [key]) === undefined) continue;
    if (key === 'gateways' && isForAll(match, gateways)) continue;
    const condition = parts[key]?.(match, bySegments) ?? 'unsayable';
    if (condition === 'unsayable')
      return { kind: 'unsayable', what: key, span: placeOf(match, [key]) };
    where = both(where, Object.keys(condition).length === 0 ? undefined : condition);
  }
  return { kind: 'said', where, path: pathAsked(match) };
}

/** Gateways are not told apart: a match for all of them says nothing. */
function isForAll(match: Tree, gateways: readonly string[]): boolean {
  const own = [...(treeAt(match, ['gateways'])?.children.values() ?? [])].map(({ value }) => value);
  return gateways.length > 0 && gateways.every((gateway) => own.includes(gateway));
}

function pathAsked(match: Tree): PathAsked {
  if (treeAt(match, ['uri']) === undefined) return { kind: 'none' };
  const prefix = textAt(match, ['uri', 'prefix']);
  if (prefix === undefined) return { kind: 'whole' };
  return { kind: 'prefix', prefix, ignoresCase: isTrueAt(match, ['ignoreUriCase']) };
}

function uriCondition(match: Tree, bySegments: boolean): WrittenCondition | 'unsayable' {
  const ignoresCase = isTrueAt(match, ['ignoreUriCase']);
  const exact = textAt(match, ['uri', 'exact']);
  if (exact !== undefined) {
    return { path: ignoresCase ? { regex: `(?i)^${literal(exact)}$` } : { exact } };
  }
  const prefix = textAt(match, ['uri', 'prefix']);
  if (prefix === '/') return {};
  if (prefix !== undefined && bySegments) return ignoresCase ? 'unsayable' : { path: prefix };
  if (prefix !== undefined) {
    return { path: { regex: `${ignoresCase ? '(?i)' : ''}^${literal(prefix)}` } };
  }
  const regex = textAt(match, ['uri', 'regex']);
  return regex === undefined ? 'unsayable' : { path: { regex: whole(regex) } };
}

/** The authority has a port where it is not the usual one; a host has none. */
function authorityCondition(match: Tree): WrittenCondition | 'unsayable' {
  const exact = textAt(match, ['authority', 'exact']);
  if (exact !== undefined && /^[\w.-]+$/.test(exact)) return { host: exact };
  const asked = treeAt(match, ['authority']);
  const test = asked === undefined ? undefined : testOf(asked);
  return test === undefined ? 'unsayable' : { header: { host: test } };
}

function named(match: Tree, key: string, part: 'header' | 'query'): WrittenCondition | 'unsayable' {
  const tests: Record<string, unknown> = {};
  for (const [name, asked] of match.children.get(key)?.children ?? []) {
    const test = testOf(asked);
    // A pseudo-header, which Istio lets nobody ask for.
    if (test === undefined || name.startsWith(':')) return 'unsayable';
    tests[name] = test;
  }
  return Object.keys(tests).length === 0 ? {} : { [part]: tests };
}

/** None of the headers may pass its test; one that is not there passes none. */
function withoutHeaders(match: Tree): WrittenCondition | 'unsayable' {
  const asked = named(match, 'withoutHeaders', 'header');
  if (asked === 'unsayable') return asked;
  const tests = Object.entries(asked.header ?? {});
  if (tests.length === 0) return {};
  const each = tests.map(([name, test]) => ({ header: { [name]: test } }));
  const [only] = each;
  return { not: each.length === 1 ? only : { any: each } };
}
