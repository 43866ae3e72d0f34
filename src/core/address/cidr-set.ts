import { type Address, parseAddress, parseIpv4 } from './parse-address.ts';
import { type Cidr, parseCidr } from './parse-cidr.ts';

/**
 * Returns whether an address is in any of these blocks. What is no address is in none.
 *
 * Asked for every request: an IPv4 address is compared without making an object.
 * @throws where a text of the list is no block: `isCidr` comes first.
 */
export function cidrSet(list: readonly string[]): (address: string) => boolean {
  const cidrs = list.map(parsed);
  const ipv4 = cidrs.filter(({ address }) => address.length === 1).map(ipv4Block);
  const ipv6 = cidrs.filter(({ address }) => address.length === 4);
  if (cidrs.length === 0) return () => false;
  return (text) => {
    if (!text.includes(':')) return inIpv4(ipv4, parseIpv4(text));
    const address = parseAddress(text);
    if (address === undefined) return false;
    const [first] = address;
    return address.length === 1
      ? inIpv4(ipv4, first)
      : ipv6.some((cidr) => beginsAlike(cidr.address, address, cidr.bits));
  };
}

function parsed(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`"${text}" is no block of addresses`);
  return cidr;
}

/** A block as its first address and the number of addresses it holds. */
interface Ipv4Block {
  readonly first: number;
  readonly end: number;
}

function ipv4Block({ address, bits }: Cidr): Ipv4Block {
  const size = 2 ** (32 - bits);
  const first = Math.floor(address[0] / size) * size;
  return { first, end: first + size };
}

function inIpv4(blocks: readonly Ipv4Block[], bits: number): boolean {
  for (const block of blocks) {
    if (bits >= block.first && bits < block.end) return true;
  }
  return false;
}

export function beginsAlike(a: Address, b: Address, bits: number): boolean {
  let left = bits;
  for (const [index, word] of a.entries()) {
    if (left <= 0) return true;
    const size = 2 ** Math.max(0, 32 - left);
    if (Math.floor(word / size) !== Math.floor((b[index] ?? 0) / size)) return false;
    left -= 32;
  }
  return true;
}
