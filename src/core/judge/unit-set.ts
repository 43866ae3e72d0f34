/** A key is a whole number of 53 bits: where its high ones are not the low ones of another hash. */
const keys = 2 ** 53;
const leastRoom = 1_024;
/** Exact up to here; beyond, half of the units stand for all, then a quarter, and so on. */
const unitsMost = 1_000_000;

/**
 * Units by the hash of their id, and what has been noted of each: eight marks.
 *
 * A table with open addressing, because a Set of as many numbers takes four times the memory. When
 * it is full, the units with the upper half of the keys are forgotten and never noted again: who
 * is left has nothing to do with what becomes of them, so that shares stay as they are.
 */
export class UnitSet {
  /** 0: nobody; else the key and one. */
  #keys = new Float64Array(leastRoom);
  #marks = new Uint8Array(leastRoom);
  #below = keys;
  size = 0;
  readonly #most: number;

  constructor(most = unitsMost) {
    this.#most = most;
  }

  /** For how many units each one stands that is noted. */
  get each(): number {
    return keys / this.#below;
  }

  /** Notes marks of a unit. Returns those that it did not have; 0 where it is not noted at all. */
  add(key: number, marks: number): number {
    if (key >= this.#below) return 0;
    const at = this.#find(key);
    if (this.#keys[at] === 0) {
      this.#keys[at] = key + 1;
      this.#marks[at] = marks;
      if (++this.size * 2 > this.#keys.length) this.#grow();
      return marks;
    }
    const before = this.#marks[at] as number;
    this.#marks[at] = before | marks;
    return marks & ~before;
  }

  /** Takes marks from all units. */
  takeOff(marks: number): void {
    for (let at = 0; at < this.#marks.length; at++) {
      this.#marks[at] = (this.#marks[at] as number) & ~marks;
    }
  }

  /** Returns where a key is, or belongs. Its low bits are as good as any hash of it. */
  #find(key: number): number {
    const mask = this.#keys.length - 1;
    let at = (key >>> 0) & mask;
    while (this.#keys[at] !== 0 && this.#keys[at] !== key + 1) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const isFull = this.size >= this.#most;
    if (isFull) this.#below /= 2;
    const [before, marks] = [this.#keys, this.#marks];
    const room = isFull ? before.length : before.length * 2;
    this.#keys = new Float64Array(room);
    this.#marks = new Uint8Array(room);
    this.size = 0;
    for (let from = 0; from < before.length; from++) {
      const key = (before[from] as number) - 1;
      if (key < 0 || key >= this.#below) continue;
      const at = this.#find(key);
      this.#keys[at] = key + 1;
      this.#marks[at] = marks[from] as number;
      this.size++;
    }
  }
}
