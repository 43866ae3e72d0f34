import { parseAddress } from '#core/address/parse-address';
import type { Endpoint } from '#core/routing/route';

/**
 * Returns the name that an https endpoint is asked for by, and that its certificate must have; ''
 * where it is an address: that is not asked for, and a name has no dot at its end (RFC 6066
 * section 3).
 */
export function serverNameOf({ host, tls }: Pick<Endpoint, 'host' | 'tls'>): string {
  if (tls?.serverName !== undefined) return tls.serverName;
  return parseAddress(host) === undefined ? host.replace(/\.$/, '') : '';
}
