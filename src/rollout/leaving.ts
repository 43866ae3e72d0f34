import type { RouteRule } from '#core/routing/rules';

type Place = readonly [route: string, version: string];

/** Returns the versions that less leads to than before: they should get nothing any more. */
export function leavingBetween(
  before: readonly RouteRule[],
  after: readonly RouteRule[],
): readonly Place[] {
  return fallen(before, after);
}

/** Returns the versions that more leads to than before. */
export function returningBetween(
  before: readonly RouteRule[],
  after: readonly RouteRule[],
): readonly Place[] {
  return fallen(after, before);
}

/** Versions of the first that are less reachable in the second. */
function fallen(first: readonly RouteRule[], second: readonly RouteRule[]): readonly Place[] {
  const then = new Map(second.map((rule) => [rule.name, rule]));
  const places: Place[] = [];
  for (const rule of first) {
    const other = then.get(rule.name);
    if (other === rule) continue;
    for (const { name } of rule.versions) {
      if (reach(other, name) < reach(rule, name)) places.push([rule.name, name]);
    }
  }
  return places;
}

/** 2: by the split. 1: by what names it. 0: by nothing. */
function reach(rule: RouteRule | undefined, name: string): 0 | 1 | 2 {
  const version = rule?.versions.find((one) => one.name === name);
  if (version === undefined || version.state === 'disabled') return 0;
  return version.state === 'active' && version.weight > 0 ? 2 : 1;
}
