import type { Bytes } from './bytes.ts';
import { type HostValue, readHost } from './host-value.ts';

/** The longest Host that can be right: a name of 253 bytes, its dot, a port. */
const maxHostBytes = 260;
/** A power of two: the places are chosen by the low bits of a hash. */
const places = 256;

export interface KnownHost extends HostValue {
  readonly bytes: Uint8Array;
  /** As it came, port and all. */
  readonly whole: string;
}

export const noHost: KnownHost = {
  bytes: new Uint8Array(0),
  whole: '',
  received: '',
  name: '',
  port: 0,
};

/**
 * The values of Host that were read lately, by their bytes.
 *
 * Nearly every request names a host that another one has named before. Reading one anew
 * costs a regular expression and several strings. A place holds one host: who sends hosts
 * that push each other out pays what he would have paid without.
 */
export class KnownHosts {
  readonly #known: (KnownHost | undefined)[] = Array.from({ length: places });

  /** Returns what a value of Host says; undefined where it may not stand. */
  read(bytes: Bytes, start: number, end: number): KnownHost | undefined {
    const length = end - start;
    if (length <= 0 || length > maxHostBytes) return undefined;
    const place = hash(bytes, start, end) & (places - 1);
    const known = this.#known[place];
    if (known !== undefined && isEqual(known.bytes, bytes, start, length)) return known;
    const whole = bytes.latin1Slice(start, end);
    const host = readHost(whole);
    if (host === undefined) return undefined;
    const copy = new Uint8Array(length);
    bytes.copy(copy, 0, start, end);
    const read = { ...host, whole, bytes: copy };
    this.#known[place] = read;
    return read;
  }
}

function isEqual(known: Uint8Array, bytes: Bytes, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}

/** FNV-1a. */
function hash(bytes: Bytes, start: number, end: number): number {
  let hashed = 0x811c9dc5;
  for (let at = start; at < end; at++) {
    hashed = Math.imul(hashed ^ (bytes[at] as number), 0x01000193);
  }
  return hashed ^ (hashed >>> 15);
}
