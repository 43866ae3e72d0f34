import { randomBytes } from 'node:crypto';

/**
 * A ring of random bytes: a body is a place in it and a length, so that whoever knows both can
 * check every byte as it comes. Its length is odd, so that no two places of a body that lie
 * a power of two apart hold the same.
 */
const ring = randomBytes(1024 * 1024 + 7);

/** Returns a piece of the body that begins at `place`: `length` bytes from `from`, or fewer. */
export function piece(place: number, from: number, length: number): Buffer {
  const start = (place + from) % ring.length;
  return ring.subarray(start, Math.min(ring.length, start + length));
}

/** Compares a body with what it should be, piece by piece. */
export class Comparison {
  /** Offset of the first byte that is another one; undefined: all were right so far. */
  differsAt: number | undefined;
  readonly #place: number;
  #at = 0;

  constructor(place: number) {
    this.#place = place;
  }

  take(bytes: Buffer): void {
    let done = 0;
    while (done < bytes.length && this.differsAt === undefined) {
      const expected = piece(this.#place, this.#at + done, bytes.length - done);
      const got = bytes.subarray(done, done + expected.length);
      if (!got.equals(expected)) {
        this.differsAt = this.#at + done + expected.findIndex((byte, index) => byte !== got[index]);
      }
      done += expected.length;
    }
    this.#at += bytes.length;
  }
}
