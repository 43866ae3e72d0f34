const newline = 0x0a;

/**
 * Cuts bytes into lines, however they come: a line may come in many pieces, cut inside of a
 * character, and one piece may hold many lines.
 */
export class Lines {
  readonly #maxBytes: number;
  #held = Buffer.allocUnsafe(4_096);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Returns the lines that end in a piece, without empty ones. Throws where one is too long. */
  take(piece: Buffer): readonly string[] {
    const lines: string[] = [];
    let start = 0;
    for (;;) {
      const end = piece.indexOf(newline, start);
      if (end === -1) break;
      const line = this.#with(piece.subarray(start, end)).toString();
      this.#length = 0;
      if (line.trim() !== '') lines.push(line);
      start = end + 1;
    }
    this.#with(piece.subarray(start));
    return lines;
  }

  /** Whether a line has begun that has not ended. */
  get isCut(): boolean {
    return this.#length > 0;
  }

  /** Adds to the line that has not ended. Returns all of it. */
  #with(part: Buffer): Buffer {
    const length = this.#length + part.length;
    if (length > this.#maxBytes)
      throw new RangeError(`a line of more than ${this.#maxBytes} bytes`);
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    part.copy(this.#held, this.#length);
    this.#length = length;
    return this.#held.subarray(0, length);
  }
}
