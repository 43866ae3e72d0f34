/** Connection close (RFC 6455 section 5.5.1). */
const closeOpcode = 0x8;
const maskBytes = 4;

/** Which byte of a frame's head comes next. */
type Next = 'opcode' | 'length' | 'extended length';

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 section 5.2), however its bytes
 * are cut. Nothing is judged and nothing is kept: the one question is where a frame ends,
 * because only there a frame of ours may stand. That may be within a fragmented message.
 */
export class FrameCount {
  /** A Close has gone by whole: nothing more is to be said in this direction. */
  hasClosed = false;
  #next: Next = 'opcode';
  #isClose = false;
  #isMasked = false;
  /** Bytes of the extended length that are still to come. */
  #lengthBytes = 0;
  #length = 0;
  /** Bytes of the mask and the payload that are still to come. */
  #left = 0;

  /** No frame has been begun that has not ended. */
  get isBetween(): boolean {
    return this.#next === 'opcode' && this.#left === 0;
  }

  /**
   * Takes bytes. Returns how far: to `end`, or where `stopsBetween` to the first byte at which
   * no frame is under way, which may be `start` itself.
   */
  take(bytes: Uint8Array, start: number, end: number, stopsBetween: boolean): number {
    let at = start;
    while (at < end) {
      if (stopsBetween && this.isBetween) return at;
      if (this.#left > 0) {
        const step = Math.min(this.#left, end - at);
        at += step;
        this.#left -= step;
        if (this.#left === 0) this.#ended();
      } else this.#head(bytes[at++] as number);
    }
    return at;
  }

  #head(byte: number): void {
    if (this.#next === 'opcode') {
      this.#isClose = (byte & 0x0f) === closeOpcode;
      this.#next = 'length';
    } else if (this.#next === 'length') {
      this.#isMasked = (byte & 0x80) !== 0;
      this.#firstLength(byte & 0x7f);
    } else {
      this.#length = this.#length * 256 + byte;
      if (--this.#lengthBytes === 0) this.#payload(this.#length);
    }
  }

  #firstLength(length: number): void {
    if (length < 126) {
      this.#payload(length);
      return;
    }
    this.#next = 'extended length';
    this.#lengthBytes = length === 126 ? 2 : 8;
    this.#length = 0;
  }

  #payload(length: number): void {
    this.#next = 'opcode';
    this.#left = length + (this.#isMasked ? maskBytes : 0);
    if (this.#left === 0) this.#ended();
  }

  #ended(): void {
    if (this.#isClose) this.hasClosed = true;
  }
}
