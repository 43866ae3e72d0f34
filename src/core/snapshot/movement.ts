import { murmur3 } from '#core/routing/murmur3';
import { draw } from '#core/routing/rendezvous';
import type { Route, Version } from '#core/routing/route';

/** Who changes version when one route becomes another, by drawing made-up units. */
export interface Movement {
  /** `request`: the route splits per request before and after, so nobody keeps a version. */
  readonly kind: 'units' | 'request';
  /** How many units were drawn. */
  readonly units: number;
  /** Share of the units that change version, 0 to 1. */
  readonly share: number;
  /** The largest first; where a pair moves one way only, its way back stands there with 0. */
  readonly pairs: readonly MovedPair[];
  /** Why everybody is drawn anew; undefined where nobody is. */
  readonly redrawn: 'salt' | 'unit' | undefined;
}

export interface MovedPair {
  /** Undefined for people whom no version takes. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly share: number;
}

/**
 * Returns who moves between two states of a route, by its weights alone: overrides, audiences
 * and sticky cookies are left out.
 *
 * Where the sources of the unit change, people get other ids: what they are given before and
 * after has nothing to do with each other, and they are drawn that way.
 */
export function movement(before: Route, after: Route, units: readonly string[]): Movement {
  const redrawn = whyRedrawn(before, after);
  const kind = before.unit.length === 0 && after.unit.length === 0 ? 'request' : 'units';
  if (kind === 'request') return { kind, units: 0, share: 0, pairs: [], redrawn: undefined };
  const counts = new Map<string, number>();
  for (const [i, unit] of units.entries()) {
    const later = redrawn === 'unit' ? (units[(i + 1) % units.length] ?? unit) : unit;
    const from = nameOf(draw(before.split, before.salt, unit));
    const to = nameOf(draw(after.split, after.salt, later));
    if (from !== to) counts.set(keyOf(from, to), (counts.get(keyOf(from, to)) ?? 0) + 1);
  }
  const pairs = pairsOf(counts, units.length);
  const share = pairs.reduce((sum, pair) => sum + pair.share, 0);
  return { kind, units: units.length, share, pairs, redrawn };
}

/** Returns units as long and as mixed as issued ones; the same at every call. */
export function madeUpUnits(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) =>
    [0, 1, 2, 3].map((seed) => hex(murmur3(`unit ${i}`, seed))).join(''),
  );
}

function hex(hash: number): string {
  return hash.toString(16).padStart(8, '0');
}

function whyRedrawn(before: Route, after: Route): Movement['redrawn'] {
  const sources = (route: Route) => route.unit.map((source) => source.text).join('\n');
  if (sources(before) !== sources(after)) return 'unit';
  return before.salt === after.salt ? undefined : 'salt';
}

/** No version has an empty name. */
function nameOf(version: Version | undefined): string {
  return version?.name ?? '';
}

function keyOf(from: string, to: string): string {
  return `${from}\n${to}`;
}

function pairsOf(counts: Map<string, number>, units: number): MovedPair[] {
  const pairs: (MovedPair & { readonly key: string })[] = [];
  for (const key of counts.keys()) {
    const [from = '', to = ''] = key.split('\n');
    pairs.push({ key, from, to, share: (counts.get(key) ?? 0) / units });
    const back = keyOf(to, from);
    if (!counts.has(back)) pairs.push({ key: back, from: to, to: from, share: 0 });
  }
  return pairs
    .sort((a, b) => b.share - a.share || (a.key < b.key ? -1 : 1))
    .map(({ from, to, share }) => ({ from: from || undefined, to: to || undefined, share }));
}
