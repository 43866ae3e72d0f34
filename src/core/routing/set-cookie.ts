import { tokenExpiresAt } from './override-token.ts';
import type { Route, Version } from './route.ts';
import { type StickyPorts, stickyValue } from './sticky.ts';
import { issuedCookieNames } from './unit.ts';

const issuedMaxAgeSeconds = 90 * 24 * 3600;

/** Returns the value of the Set-Cookie field that issues a unit. */
export function issuedCookie(unit: string, https: boolean): string {
  const name = https ? issuedCookieNames.https : issuedCookieNames.http;
  return setCookie(name, unit, issuedMaxAgeSeconds, https);
}

/** Returns the value of the Set-Cookie field that remembers a version; the route has `sticky`. */
export function stickyCookie(
  route: Route,
  version: Version,
  ports: StickyPorts,
  https: boolean,
): string | undefined {
  if (route.sticky === undefined) return undefined;
  const { cookie, maxAgeSeconds } = route.sticky;
  return setCookie(cookie, stickyValue(route, version, ports), maxAgeSeconds, https);
}

/**
 * Returns the value of the Set-Cookie field that keeps a preview link for the requests after
 * it, for as long as its token is good; the route has `override.cookie`.
 */
export function linkCookie(
  route: Route,
  token: string,
  epochMs: number,
  https: boolean,
): string | undefined {
  const name = route.override?.cookie;
  if (name === undefined) return undefined;
  const leftSeconds = Math.max(0, tokenExpiresAt(token) - Math.floor(epochMs / 1_000));
  return setCookie(name, token, leftSeconds, https);
}

function setCookie(name: string, value: string, maxAgeSeconds: number, https: boolean): string {
  const secure = https ? '; Secure' : '';
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}
