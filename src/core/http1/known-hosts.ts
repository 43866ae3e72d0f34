import type { Bytes } from './bytes.ts';
import { type HostValue, readHost } from './host-value.ts';

/** The longest Host that can be right: a name of 253 bytes, its dot, a port. */
const maxHostBytes = 260;
/**
 * A power of two: pairs of places are chosen by the low bits of a hash. Enough for the hosts of a
 * large gateway; all of them taken by the longest hosts are 4 MiB.
 */
const pairs = 2_048;

export interface KnownHost extends HostValue {
  readonly bytes: Uint8Array;
  /** Of its bytes. */
  readonly hash: number;
  /** As it came, port and all. */
  readonly whole: string;
}

export const noHost: KnownHost = {
  bytes: new Uint8Array(0),
  hash: 0,
  whole: '',
  received: '',
  name: '',
  port: 0,
};

/**
 * The values of Host that were read lately, by their bytes.
 *
 * Nearly every request names a host that another one has named before. Reading one anew
 * costs a regular expression and several strings. A pair of places holds the two hosts of its
 * hash that were read last: who sends hosts that push each other out pays what he would have
 * paid without.
 */
export class KnownHosts {
  readonly #known: (KnownHost | undefined)[] = Array.from({ length: 2 * pairs });

  /** Returns what a value of Host says; undefined where it may not stand. */
  read(bytes: Bytes, start: number, end: number): KnownHost | undefined {
    const length = end - start;
    if (length <= 0 || length > maxHostBytes) return undefined;
    const hashed = hash(bytes, start, end);
    const place = 2 * (hashed & (pairs - 1));
    const last = this.#known[place];
    if (last !== undefined && isEqual(last.bytes, bytes, start, length)) return last;
    const before = this.#known[place + 1];
    if (before !== undefined && isEqual(before.bytes, bytes, start, length)) {
      this.#known[place + 1] = last;
      this.#known[place] = before;
      return before;
    }
    const whole = bytes.latin1Slice(start, end);
    const host = readHost(whole);
    if (host === undefined) return undefined;
    const copy = new Uint8Array(length);
    bytes.copy(copy, 0, start, end);
    const { received, name, port } = host;
    const read = { received, name, port, whole, bytes: copy, hash: hashed };
    this.#known[place + 1] = last;
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
