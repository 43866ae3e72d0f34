import { bytesOf } from '#core/conditions/byte-text';
import type { Facts } from '#core/conditions/facts';
import { equalInConstantTime } from './constant-time.ts';
import type { Mac } from './mac.ts';
import { percentEscape } from './percent.ts';
import type { Route, Version } from './route.ts';

/** What the sticky cookie needs from outside. */
export interface StickyPorts {
  readonly mac: Mac;
  /** The key new cookies are signed with; without one they are not signed. */
  readonly stickyKeyId?: string | undefined;
}

/**
 * Returns the version a request's sticky cookie remembers, or undefined: no cookie, one that
 * we did not sign, or a version that is gone or disabled.
 *
 * The cookie holds the slot and not the name, so that a version which takes over another's
 * slot takes over its people too. Of two versions with one slot the active one is meant.
 */
export function rememberedVersion(
  route: Route,
  facts: Facts,
  ports: StickyPorts,
): Version | undefined {
  if (route.sticky === undefined) return undefined;
  const value = facts.cookie(route.sticky.cookie);
  if (value === undefined) return undefined;
  const slotEnd = value.indexOf('.');
  const slot = slotEnd === -1 ? value : value.slice(0, slotEnd);
  if (ports.stickyKeyId !== undefined && !isSigned(route, slot, value.slice(slot.length), ports)) {
    return undefined;
  }
  return versionOfSlot(route, slot);
}

/** Returns the value of the cookie that remembers a version. */
export function stickyValue(route: Route, version: Version, ports: StickyPorts): string {
  const keyId = ports.stickyKeyId;
  const mac =
    keyId === undefined ? undefined : ports.mac(keyId, signedText(route, version.stickySlot));
  return mac === undefined ? version.stickySlot : `${version.stickySlot}.${keyId}.${mac}`;
}

/** Returns bytes as a text that may stand in a cookie and has no dot in it. */
export function percentSafe(bytes: string): string {
  return bytes.replace(/[^\w-]/g, percentEscape);
}

/** `signature` is `.<key>.<mac>`: the key that signed is named, so that keys can be changed. */
function isSigned(route: Route, slot: string, signature: string, ports: StickyPorts): boolean {
  const [nothing, keyId, mac, ...more] = signature.split('.');
  if (nothing !== '' || keyId === undefined || mac === undefined || more.length > 0) return false;
  const expected = ports.mac(keyId, signedText(route, slot));
  return expected !== undefined && equalInConstantTime(mac, expected);
}

function signedText(route: Route, slot: string): string {
  return `turnout-sticky\n${percentSafe(bytesOf(route.name))}\n${slot}`;
}

function versionOfSlot(route: Route, slot: string): Version | undefined {
  let draining: Version | undefined;
  for (const version of route.versions) {
    if (version.stickySlot !== slot) continue;
    if (version.state === 'active') return version;
    if (version.state === 'drain') draining ??= version;
  }
  return draining;
}
