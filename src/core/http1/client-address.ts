import { isIpv4, isIpv6 } from './host-value.ts';

const maxEntries = 50;

/**
 * Returns the address of the client: the peer, or, if that is a trusted proxy, who it and
 * the trusted proxies before it say they speak for, read from the right. An entry that is
 * no address ends the walk: nobody trusted wrote what stands left of it.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trusts: (address: string) => boolean,
): string {
  let client = unmapped(peer);
  if (forwardedFor === undefined) return client;
  let end = forwardedFor.length;
  for (let entries = 0; entries < maxEntries && end >= 0 && trusts(client); entries++) {
    const comma = end === 0 ? -1 : forwardedFor.lastIndexOf(',', end - 1);
    const address = addressOf(forwardedFor.slice(comma + 1, end).trim());
    if (address === undefined) break;
    client = address;
    end = comma;
  }
  return client;
}

/** Returns the address of an entry without port and brackets, in lower case. */
function addressOf(entry: string): string | undefined {
  const bracketed = /^\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?$/.exec(entry);
  if (bracketed !== null) {
    const [, inside = ''] = bracketed;
    return isIpv6(inside) ? unmapped(inside) : undefined;
  }
  if (isIpv6(entry)) return unmapped(entry);
  const address = entry.replace(/:[0-9]{1,5}$/, '');
  return isIpv4(address) ? address : undefined;
}

const mapped = /^::ffff:([0-9.]+)$/i;

/** An IPv4 address in IPv6's clothes is that IPv4 address. */
export function unmapped(address: string): string {
  const found = mapped.exec(address)?.[1];
  return found !== undefined && isIpv4(found) ? found : address.toLowerCase();
}
