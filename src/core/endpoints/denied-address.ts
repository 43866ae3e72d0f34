import { cidrSet } from '#core/address/cidr-set';
import { parseAddress } from '#core/address/parse-address';

const isLinkLocal = cidrSet(['169.254.0.0/16', 'fe80::/10']);
/** The unspecified address leads to the own machine too. */
const isOwnMachine = cidrSet(['127.0.0.0/8', '::1', '0.0.0.0/8', '::']);

export const denials = {
  not_an_address: 'is no address',
  link_local: 'is link-local: the metadata of clouds is there',
  loopback: 'is this machine itself, which the document does not name',
  admin: 'is the admin listener',
} as const;
export type Denial = keyof typeof denials;

/**
 * Returns why no connection may be made to an address, which is what `host` of the document is or
 * stands for; undefined where one may.
 *
 * A name says what its DNS server wants it to: it must not lead to what only this machine, or
 * only this cloud account, can reach. An IPv4 address in IPv6's clothes is that address.
 */
export function deniedAddress(host: string, address: string): Denial | undefined {
  if (parseAddress(address) === undefined) return 'not_an_address';
  if (isLinkLocal(address)) return 'link_local';
  return isOwnMachine(address) && !namesOwnMachine(host) ? 'loopback' : undefined;
}

/** By an address of it, or by the name that can mean nothing else (RFC 6761 section 6.3). */
function namesOwnMachine(host: string): boolean {
  return isOwnMachine(host) || /(?:^|\.)localhost\.?$/.test(host);
}
