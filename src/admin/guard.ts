import { isIP } from 'node:net';

/** On every answer: none is a page, none is kept, none is for another site. */
export const guardHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * Returns whether a request may be meant for this listener, by its `Host`.
 *
 * A page of a stranger can point a name of its own at our address (DNS rebinding); the browser
 * then sends that name. It cannot do so with an address or with `localhost`. A request without
 * any Host comes from no browser.
 */
export function isHostAllowed(host: string | undefined, names: ReadonlySet<string>): boolean {
  if (host === undefined) return true;
  const name = nameOf(host);
  return name === 'localhost' || isIP(name) !== 0 || names.has(name);
}

/** Returns the name in a `Host`: lower case, without port, brackets and the last dot. */
function nameOf(host: string): string {
  const [, address, name = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return address ?? name.toLowerCase().replace(/\.$/, '');
}
