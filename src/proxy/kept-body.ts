import type { NodeBytes } from './node-bytes.ts';
import { Partial } from './partial.ts';

/** A body that is kept as it passes, up to a limit; one that is longer is not kept at all. */
export class KeptBody {
  isTooLong = false;
  readonly #most: number;
  readonly #kept = new Partial();

  constructor(most: number) {
    this.#most = most;
  }

  add(bytes: NodeBytes, start: number, end: number): void {
    if (this.isTooLong) return;
    if (this.#kept.length + end - start > this.#most) {
      this.isTooLong = true;
      this.#kept.clear();
    } else this.#kept.append(bytes, start, end);
  }

  /** What was kept; undefined where there was more. */
  get bytes(): NodeBytes | undefined {
    if (this.isTooLong) return undefined;
    return this.#kept.bytes.subarray(0, this.#kept.length) as NodeBytes;
  }
}
