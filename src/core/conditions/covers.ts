import { cidrContains } from '#core/address/cidr-contains';
import { bytesOf } from './byte-text.ts';
import { comparablePath } from './comparable-path.ts';
import type { NamedTests } from './named-values.ts';
import { compileRegex } from './regex.ts';
import type { PathTest, Test, When } from './when.ts';

/**
 * Whether every request for which `narrow` holds is one for which `wide` holds. Says yes only
 * where that can be proved from how they are written; undefined stands for every request.
 */
export function covers(wide: When | undefined, narrow: When | undefined): boolean {
  if (wide === undefined) return true;
  const inner = narrow ?? {};
  // Most pairs differ in their keys: what is asked of many pairs must say no at once.
  for (const key in wide) if (!(key in inner) && !isAsked(key, wide)) return false;
  for (const check of checks) if (!check(wide, inner)) return false;
  return true;
}

/** Whether a key of `wide` may hold though `narrow` does not have it. */
function isAsked(key: string, wide: When): boolean {
  if (key === 'path') return takesEveryPath(wide);
  return key === 'all' || key === 'any' || wide[key as keyof When] === undefined;
}

function takesEveryPath(wide: When): boolean {
  return wide.path?.some((test) => test.prefix === '/') ?? false;
}

/** One check for each key: does what `wide` asks follow from what `narrow` asks? */
const checks: readonly ((wide: When, narrow: When) => boolean)[] = [
  (wide, narrow) => lists(wide.host, narrow.host, hostCovers),
  (wide, narrow) => takesEveryPath(wide) || lists(wide.path, narrow.path, pathCovers),
  (wide, narrow) => lists(wide.method, narrow.method, same),
  (wide, narrow) => lists(wide.scheme, narrow.scheme, same),
  (wide, narrow) => named(wide.header, narrow.header, (name) => name.toLowerCase()),
  (wide, narrow) => named(wide.query, narrow.query, (name) => name),
  (wide, narrow) => named(wide.cookie, narrow.cookie, (name) => name),
  (wide, narrow) => lists(wide.userAgent, narrow.userAgent, testCovers),
  (wide, narrow) => lists(wide.device, narrow.device, same),
  (wide, narrow) => lists(wide.os, narrow.os, same),
  (wide, narrow) => lists(wide.browser, narrow.browser, same),
  (wide, narrow) => lists(wide.language, narrow.language, languageCovers),
  (wide, narrow) => lists(wide.client, narrow.client, cidrContains),
  (wide, narrow) => wide.all?.every((each) => covers(each, narrow)) ?? true,
  (wide, narrow) => wide.any?.some((each) => covers(each, narrow)) ?? true,
  notCovers,
];

/** Longer lists than a hundred by a hundred are not compared: no proof is worth that. */
const maxComparisons = 10_000;

/** Of a list any value must hold: each of the narrow ones has to be inside a wide one. */
function lists<Value>(
  wide: readonly Value[] | undefined,
  narrow: readonly Value[] | undefined,
  inside: (wide: Value, narrow: Value) => boolean,
): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined || wide.length * narrow.length > maxComparisons) return false;
  return narrow.every((value) => wide.some((outer) => inside(outer, value)));
}

function same<Value>(wide: Value, narrow: Value): boolean {
  return wide === narrow;
}

function hostCovers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  return wide.startsWith('*.') && narrow.replace(/^\*/, 'x').endsWith(wide.slice(1));
}

function pathCovers(wide: PathTest, narrow: PathTest): boolean {
  if (wide.exact !== undefined) {
    return (
      narrow.exact !== undefined && comparablePath(wide.exact) === comparablePath(narrow.exact)
    );
  }
  if (wide.regex !== undefined) return pathMatches(wide.regex, narrow);
  const path = narrow.exact ?? narrow.prefix;
  if (wide.prefix === undefined || path === undefined) return false;
  const prefix = comparablePath(wide.prefix).replace(/\/$/, '');
  const inner = comparablePath(path);
  return inner === prefix || inner.startsWith(`${prefix}/`);
}

function pathMatches(regex: string, narrow: PathTest): boolean {
  if (narrow.regex !== undefined) return regex === narrow.regex;
  return narrow.exact !== undefined && compileRegex(regex)(comparablePath(narrow.exact));
}

function named(
  wide: NamedTests | undefined,
  narrow: NamedTests | undefined,
  nameOf: (name: string) => string,
): boolean {
  if (wide === undefined) return true;
  for (const name in wide) {
    if (!lists(wide[name], testsOf(narrow, nameOf(name), nameOf), testCovers)) return false;
  }
  return true;
}

function testsOf(
  tests: NamedTests | undefined,
  wanted: string,
  nameOf: (name: string) => string,
): readonly Test[] | undefined {
  for (const name in tests) if (nameOf(name) === wanted) return tests[name];
  return undefined;
}

function testCovers(wide: Test, narrow: Test): boolean {
  const { exact } = narrow;
  if (wide.present !== undefined) return wide.present === (narrow.present ?? true);
  if (wide.exact !== undefined) return wide.exact === exact;
  if (wide.regex !== undefined) return valueMatches(wide.regex, narrow);
  if (wide.prefix !== undefined) return begins(exact ?? narrow.prefix, wide.prefix);
  if (wide.suffix !== undefined) return ends(exact ?? narrow.suffix, wide.suffix);
  const text = exact ?? narrow.prefix ?? narrow.suffix ?? narrow.contains;
  return text?.includes(wide.contains ?? '') ?? false;
}

function begins(text: string | undefined, prefix: string): boolean {
  return text?.startsWith(prefix) ?? false;
}

function ends(text: string | undefined, suffix: string): boolean {
  return text?.endsWith(suffix) ?? false;
}

function valueMatches(regex: string, narrow: Test): boolean {
  if (narrow.regex !== undefined) return regex === narrow.regex;
  return narrow.exact !== undefined && compileRegex(regex)(bytesOf(narrow.exact));
}

function languageCovers(wide: string, narrow: string): boolean {
  return `${narrow.toLowerCase()}-`.startsWith(`${wide.toLowerCase()}-`);
}

/** Nothing that `wide.not` holds for may be left: it has to be inside what `narrow` excludes. */
function notCovers(wide: When, narrow: When): boolean {
  if (wide.not === undefined) return true;
  return narrow.not !== undefined && covers(narrow.not, wide.not);
}
