import { type NodeBytes, newBytes, noBytes } from './node-bytes.ts';

const firstBytes = 2 * 1024;
const LF = 0x0a;
/** By what part of it a head must grow to be looked at again: a 32nd. */
const growth = 5;

/**
 * Bytes of a message that could not be understood yet because the rest is still to come.
 * Reads are good only until they return, so what is left over is copied here.
 *
 * A head is looked at from its beginning, so looking at each byte of one that drips in would
 * take time by the square of its length. Where it can't have become whole it is looked at
 * only once it has grown by a part; until then it `isUnseen`, and somebody looks at the next
 * tick of the clock.
 */
export class Partial {
  bytes: NodeBytes = noBytes;
  length = 0;
  /** How much there was when it was looked at last. */
  #seen = 0;

  get isUnseen(): boolean {
    return this.length > this.#seen;
  }

  /** Appends what was read. Returns whether to look at it now. */
  appendRead(from: NodeBytes, end: number): boolean {
    this.append(from, 0, end);
    if (this.length - this.#seen > this.#seen >> growth) return true;
    // Without an end of a line there is no end of a head.
    for (let at = 0; at < end; at++) if (from[at] === LF) return true;
    return false;
  }

  /** Gives away what there is. */
  take(): NodeBytes {
    const taken = this.bytes.subarray(0, this.length) as NodeBytes;
    this.bytes = noBytes;
    this.length = 0;
    return taken;
  }

  append(from: NodeBytes, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      const larger = newBytes(Math.max(firstBytes, 2 ** Math.ceil(Math.log2(needed))));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    from.copy(this.bytes, this.length, start, end);
    this.length = needed;
  }

  /** Holds nothing any more. */
  clear(): void {
    this.bytes = noBytes;
    this.length = 0;
  }

  /** Holds just what is left of `from` after a look at it, which may be this one's own bytes. */
  keep(from: NodeBytes, start: number, end: number): void {
    if (from === this.bytes) {
      if (start > 0) this.bytes.copyWithin(0, start, end);
      this.length = end - start;
    } else {
      this.length = 0;
      if (end > start) this.append(from, start, end);
    }
    this.#seen = this.length;
  }
}
