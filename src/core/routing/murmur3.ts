/**
 * MurmurHash3_x86_32 over byte strings: one character per byte, the high half ignored.
 *
 * Changing anything here moves everybody, everywhere: the hash is a promise to users.
 */

/** A hash that is not finished: what was fed so far, ready to be continued. */
export interface HashState {
  hash: number;
  /** Bytes not mixed in yet, the first one lowest; as many as `length` modulo 4. */
  tail: number;
  length: number;
}

export function newHashState(): HashState {
  return { hash: 0, tail: 0, length: 0 };
}

export function beginHash(state: HashState, seed: number): void {
  state.hash = seed | 0;
  state.tail = 0;
  state.length = 0;
}

/** Feeds bytes. Any way of cutting a text into pieces gives the same hash. */
export function feedBytes(state: HashState, bytes: string): void {
  let { hash, tail, length } = state;
  for (let i = 0; i < bytes.length; i += 1) {
    tail |= (bytes.charCodeAt(i) & 0xff) << ((length & 3) << 3);
    length += 1;
    if ((length & 3) === 0) {
      hash = mixBlock(hash, tail);
      tail = 0;
    }
  }
  state.hash = hash;
  state.tail = tail;
  state.length = length;
}

/** Returns the hash, 0 to 2^32 - 1, of what was fed; the state may be fed on afterwards. */
export function hashOf(state: HashState): number {
  let hash = state.hash ^ scramble(state.tail) ^ state.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const scratch = newHashState();

/** Returns the hash of what `prefix` was fed and then `bytes`, and leaves `prefix` as it is. */
export function hashAfter(prefix: Readonly<HashState>, bytes: string): number {
  scratch.hash = prefix.hash;
  scratch.tail = prefix.tail;
  scratch.length = prefix.length;
  feedBytes(scratch, bytes);
  return hashOf(scratch);
}

export function murmur3(bytes: string, seed: number): number {
  beginHash(scratch, seed);
  feedBytes(scratch, bytes);
  return hashOf(scratch);
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

function mixBlock(hash: number, block: number): number {
  const mixed = hash ^ scramble(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
