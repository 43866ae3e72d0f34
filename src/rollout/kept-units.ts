import { asIs } from './marks.ts';

/**
 * Units with their marks as they are kept over a restart: 8 bytes each, the key in 53 bits and 9
 * of marks above. One without any marks says which step the later ones are of.
 */

const bytesEach = 8;
const highBits = 21;
const highMask = 2 ** highBits - 1;
/** Of `asIs`, the two that are not kept lie between these. */
const pairBit = 0x100;

export interface KeptUnit {
  readonly key: number;
  /** Marks, and whether they are of a pair. 0: `key` is the number of a step. */
  readonly what: number;
}

/** Writes units one behind the other. */
export class UnitWriter {
  #view = new DataView(new ArrayBuffer(bytesEach * 16));
  #end = 0;

  add(key: number, what: number): void {
    if (this.#end === this.#view.byteLength) {
      const grown = new Uint8Array(this.#end * 2);
      grown.set(new Uint8Array(this.#view.buffer));
      this.#view = new DataView(grown.buffer);
    }
    const kept = (what & asIs.marks) | ((what & asIs.pair) === 0 ? 0 : pairBit);
    const high = Math.floor(key / 0x1_0000_0000);
    this.#view.setUint32(this.#end, key >>> 0, true);
    this.#view.setUint32(this.#end + 4, high | (kept << highBits), true);
    this.#end += bytesEach;
  }

  /** Returns what was written since the last call. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#view.buffer.slice(0, this.#end));
    this.#end = 0;
    return taken;
  }
}

export function* readUnits(bytes: Uint8Array): Iterable<KeptUnit> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + bytesEach <= bytes.length; at += bytesEach) {
    const high = view.getUint32(at + 4, true);
    const kept = high >>> highBits;
    yield {
      key: (high & highMask) * 0x1_0000_0000 + view.getUint32(at, true),
      what: (kept & asIs.marks) | ((kept & pairBit) === 0 ? 0 : asIs.pair),
    };
  }
}
