import { type Address, parseAddress } from './parse-address.ts';

/** A block of addresses: those that begin with the first `bits` bits of `address`. */
export interface Cidr {
  readonly address: Address;
  readonly bits: number;
}

/**
 * Returns a block of addresses, or undefined where the text is none. An address alone is a
 * block of one. `::ffff:10.0.0.0/104` is the IPv4 block `10.0.0.0/8`.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const width = address.length * 32;
  if (slash === -1) return { address, bits: width };
  const digits = text.slice(slash + 1);
  if (!prefixLength.test(digits)) return undefined;
  const mapped = address.length === 1 && text.includes(':') ? 96 : 0;
  const bits = Number(digits) - mapped;
  return bits < 0 || bits > width ? undefined : { address, bits };
}

const prefixLength = /^(?:0|[1-9]\d{0,2})$/;

/** Whether a text is an address or a block of addresses. */
export function isCidr(text: string): boolean {
  return parseCidr(text) !== undefined;
}
