/** An address as numbers: `[a]` of IPv4 (32 bits), four times 32 bits of IPv6. */
export type Address = readonly [number] | readonly [number, number, number, number];

/**
 * Returns an address, or undefined where the text is none.
 *
 * Strict: four decimal parts without leading zeros, which some readers take as octal; no zone;
 * no brackets. An IPv4 address inside IPv6 (`::ffff:192.0.2.1`) comes back as IPv4, so that
 * one client has one address whatever kind of socket it came by.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > maxLength) return undefined;
  if (text.includes(':')) return unwrapped(parseIpv6(text));
  const bits = parseIpv4(text);
  return bits === -1 ? undefined : [bits];
}

/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` */
const maxLength = 45;

/** Returns the 32 bits of an IPv4 address, -1 where the text is none. Makes no object. */
export function parseIpv4(text: string): number {
  let bits = 0;
  let start = 0;
  for (let part = 0; part < 4; part += 1) {
    const end = part === 3 ? text.length : text.indexOf('.', start);
    const value = partValue(text, start, end);
    if (value === -1) return -1;
    bits = bits * 256 + value;
    start = end + 1;
  }
  return bits;
}

/** One to three digits, no leading zero, at most 255. */
function partValue(text: string, start: number, end: number): number {
  const digits = end - start;
  if (digits < 1 || digits > 3) return -1;
  if (digits > 1 && text.charCodeAt(start) === zeroChar) return -1;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = text.charCodeAt(at) - zeroChar;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value > 255 ? -1 : value;
}

const zeroChar = 0x30;

function parseIpv6(text: string): readonly number[] | undefined {
  const gap = text.indexOf('::');
  if (gap === -1) {
    const groups = groupsOf(text, true);
    return groups?.length === 8 ? groups : undefined;
  }
  const head = groupsOf(text.slice(0, gap), false);
  const tail = groupsOf(text.slice(gap + 2), true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...Array<number>(missing).fill(0), ...tail];
}

/** Returns the 16-bit groups of a part of an IPv6 address; the last may be written as IPv4. */
function groupsOf(text: string, mayEndInIpv4: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (group.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const bits = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : -1;
    if (bits === -1) return undefined;
    groups.push(bits >>> 16, bits & 0xffff);
  }
  return groups;
}

const group = /^[0-9a-fA-F]{1,4}$/;

function unwrapped(groups: readonly number[] | undefined): Address | undefined {
  if (groups === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  if (a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0xffff) {
    return [g * 0x1_0000 + h];
  }
  const words = [a * 0x1_0000 + b, c * 0x1_0000 + d, e * 0x1_0000 + f, g * 0x1_0000 + h] as const;
  return words;
}
