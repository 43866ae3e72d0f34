import { beginHash, feedBytes, hashAfter, newHashState } from './murmur3.ts';

const slices = 100;
const separator = '\x1f';
/** Any other seed than that of all the rest. */
const secondSeed = 0x9747b28c;
const secondBits = 2 ** 21;

/**
 * What a unit is counted by, under one salt: the same in all processes. It has nothing to do with
 * the version that the unit is assigned.
 */
export class UnitHash {
  readonly #first = newHashState();
  readonly #second = newHashState();

  constructor(salt: string) {
    for (const [state, seed] of [
      [this.#first, 0],
      [this.#second, secondSeed],
    ] as const) {
      beginHash(state, seed);
      feedBytes(state, `slice${separator}${salt}${separator}`);
    }
  }

  /** Returns the hash of a unit that its slice follows from, 0 to 2^32 - 1. */
  of(unit: string): number {
    return hashAfter(this.#first, unit);
  }

  /** Returns a number of 53 bits for a unit with this hash: no two units have the same, nearly. */
  keyOf(unit: string, hash: number): number {
    return (hashAfter(this.#second, unit) % secondBits) * 0x1_0000_0000 + hash;
  }
}

/** Returns the slice of all units that one with this hash is in: 0 to 99. */
export function sliceOf(hash: number): number {
  return Math.floor((hash * slices) / 0x1_0000_0000);
}
