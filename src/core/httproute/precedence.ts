import { comparablePath } from '#core/conditions/comparable-path';
import type { HostGroup } from './hostnames.ts';
import type { MeantMatch } from './matches.ts';
import type { PathMatch } from './path-match.ts';

/** Where a match comes from: what decides between matches that are alike. */
export interface Origin {
  /** Milliseconds since 1970; undefined: nobody knows, which counts as new. */
  readonly createdAt: number | undefined;
  /** `namespace/name`. */
  readonly object: string;
  readonly rule: number;
  readonly match: number;
}

/** A match under hostnames of one rank. */
export interface Ranked {
  readonly hosts: HostGroup;
  readonly match: MeantMatch;
  readonly origin: Origin;
}

/**
 * Compares two matches: below 0 where the first one is asked first.
 *
 * The order is that of Gateway API: the more exact hostname; an exact path, then the longest
 * prefix; a method; most headers; most query parameters; the oldest object; its namespace and
 * name by the alphabet; the order in the object. What it leaves open: regular expressions come
 * behind exact paths and before prefixes, the longest first. No two places of a set of objects
 * are equal, so that the order never depends on the order in which objects are read.
 */
export function comparePrecedence(a: Ranked, b: Ranked): number {
  return (
    hostRank(a.hosts) - hostRank(b.hosts) ||
    b.hosts.characters - a.hosts.characters ||
    pathRanks[a.match.path.type] - pathRanks[b.match.path.type] ||
    pathCharacters(b.match.path) - pathCharacters(a.match.path) ||
    Number(b.match.hasMethod) - Number(a.match.hasMethod) ||
    b.match.headers - a.match.headers ||
    b.match.queryParams - a.match.queryParams ||
    compareAges(a.origin.createdAt, b.origin.createdAt) ||
    compareTexts(a.origin.object, b.origin.object) ||
    a.origin.rule - b.origin.rule ||
    a.origin.match - b.origin.match
  );
}

function hostRank({ kind }: HostGroup): number {
  return kind === 'exact' ? 0 : kind === 'wildcard' ? 1 : 2;
}

const pathRanks: Readonly<Record<PathMatch['type'], number>> = {
  Exact: 0,
  RegularExpression: 1,
  PathPrefix: 2,
};

/** Of exact paths none is longer: two that differ take no request in common. */
function pathCharacters({ type, value }: PathMatch): number {
  if (type === 'Exact') return 0;
  // A slash at the end of a prefix asks for nothing.
  return type === 'RegularExpression'
    ? value.length
    : comparablePath(value).replace(/\/$/, '').length;
}

function compareAges(a: number | undefined, b: number | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  return b === undefined ? -1 : a - b;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
