import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Returns all addresses of a name; an address is its own. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))];
}
