/** What a Host field says. */
export interface HostValue {
  /** As received, without the port: the offsets in a head are counted from its length. */
  readonly received: string;
  /** Lower case, without trailing dot; an IPv6 address keeps its brackets. */
  readonly name: string;
  /** 0 where there is none. */
  readonly port: number;
}

const shape = /^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::([1-9][0-9]{0,4}))?$/;
const maxNameLength = 253;
const maxLabelLength = 63;

/**
 * Reads a host and port: labels of letters, digits, `-` and `_`, an IPv4 address, or an
 * IPv6 address in brackets without zone. Narrower than RFC 3986 section 3.2.2, which lets
 * through what no server is named and what readers take differently. Undefined: refused.
 */
export function readHost(text: string): HostValue | undefined {
  const found = shape.exec(text);
  if (found === null) return undefined;
  const [, received = '', portText = '0'] = found;
  const port = Number(portText);
  if (port > 65_535) return undefined;
  if (received.startsWith('[')) {
    return isIpv6(received.slice(1, -1))
      ? { received, name: received.toLowerCase(), port }
      : undefined;
  }
  const name = (received.endsWith('.') ? received.slice(0, -1) : received).toLowerCase();
  return isName(name) ? { received, name, port } : undefined;
}

/** Whether a text may be the value of Host. */
export function validHost(text: string): boolean {
  return readHost(text) !== undefined;
}

function isName(name: string): boolean {
  if (name.length > maxNameLength) return false;
  return name.split('.').every((label) => label.length > 0 && label.length <= maxLabelLength);
}

/** RFC 4291 section 2.2: eight groups, one run of zeros left out, the last two perhaps as IPv4. */
export function isIpv6(text: string): boolean {
  const [before = '', after, more] = text.split('::');
  if (more !== undefined) return false;
  const groups = countGroups(before, after === undefined);
  if (after === undefined) return groups === 8;
  const rest = countGroups(after, true);
  return groups >= 0 && rest >= 0 && groups + rest <= 7;
}

/** Returns how many groups stand here; -1 if they are none. IPv4 counts as two, at the end only. */
function countGroups(text: string, isEnd: boolean): number {
  if (text === '') return 0;
  const groups = text.split(':');
  const last = groups.at(-1) ?? '';
  const hasIpv4 = isEnd && isIpv4(last);
  const hex = hasIpv4 ? groups.slice(0, -1) : groups;
  if (!hex.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return -1;
  return hex.length + (hasIpv4 ? 2 : 0);
}

/** Four numbers from 0 to 255 without leading zeros, which some read as octal. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)
  );
}
