import { type NodeBytes, newBytes, noBytes } from './node-bytes.ts';

const firstBytes = 2 * 1024;

/**
 * Bytes of a message that could not be understood yet because the rest is still to come.
 * Reads are good only until they return, so what is left over is copied here.
 */
export class Partial {
  bytes: NodeBytes = noBytes;
  length = 0;

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

  /** Holds just what is left of `from`, which may be this one's own bytes. */
  keep(from: NodeBytes, start: number, end: number): void {
    if (from === this.bytes) {
      if (start > 0) this.bytes.copyWithin(0, start, end);
      this.length = end - start;
      return;
    }
    this.length = 0;
    if (end > start) this.append(from, start, end);
  }
}
