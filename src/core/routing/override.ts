import { bytesOf } from '#core/conditions/byte-text';
import type { Facts } from '#core/conditions/facts';
import type { Mac } from './mac.ts';
import { isToken, tokenRefusals, versionOfToken } from './override-token.ts';
import { queryValue } from './query-value.ts';
import type { Route, Version } from './route.ts';

/** What an override needs from outside. */
export interface OverridePorts {
  readonly mac: Mac;
  readonly epochMs: () => number;
}

/** Where an override may stand, in the order they are looked at. */
export const overridePlaces = ['header', 'query', 'cookie'] as const;
export type OverridePlace = (typeof overridePlaces)[number];

/** Why a wish for a version is not granted. */
export const wishRefusals = [...tokenRefusals, 'untrusted', 'unknown_version', 'disabled'] as const;
export type WishRefusal = (typeof wishRefusals)[number];

/** A wish that was granted. */
export interface Override {
  readonly version: Version;
  readonly place: OverridePlace;
  /** The text that was granted, as received. */
  readonly wish: string;
}

/** Returns what a request may have by override: the first place that grants something. */
export function overrideOf(route: Route, facts: Facts, ports: OverridePorts): Override | undefined {
  if (route.override === undefined) return undefined;
  for (const place of overridePlaces) {
    const wish = wishAt(route, place, facts);
    if (wish === undefined) continue;
    const granted = grant(route, wish, facts, ports);
    if (typeof granted === 'object') return { version: granted, place, wish };
  }
  return undefined;
}

/** Returns what stands in a place of the override, as received. */
export function wishAt(route: Route, place: OverridePlace, facts: Facts): string | undefined {
  const name = route.override?.[place];
  if (name === undefined) return undefined;
  if (place === 'header') return facts.header(name);
  return place === 'cookie' ? facts.cookie(name) : queryValue(facts.query, name);
}

/**
 * Returns the version a wish is granted, or why it is not.
 *
 * A token speaks for itself; a bare name only from a trusted client. Neither reaches a
 * disabled version; both reach one with weight 0 or one that drains.
 */
export function grant(
  route: Route,
  wish: string,
  facts: Facts,
  ports: OverridePorts,
): Version | WishRefusal {
  if (!isToken(wish)) return route.trusts(facts.client) ? reachable(route, wish) : 'untrusted';
  const asked = versionOfToken(route.name, wish, facts.host, ports);
  return asked.kind === 'version' ? reachable(route, asked.version) : asked.refusal;
}

/** `name` is bytes. */
function reachable(route: Route, name: string): Version | WishRefusal {
  for (const version of route.versions) {
    if (bytesOf(version.name) !== name) continue;
    return version.state === 'disabled' ? 'disabled' : version;
  }
  return 'unknown_version';
}
