import type { NodeBytes } from './node-bytes.ts';
import { outBuffer, send } from './out-buffer.ts';
import type { Wire } from './wire.ts';

const chunkRoom = 32;

/**
 * A response on its way to the client.
 *
 * Head and body bytes of one upstream read are put together in the out buffer and sent
 * in one write by `flush`, which must come before anybody else writes.
 */
export class ResponseOut {
  /** Bytes of body sent, framing not counted. */
  bodyBytes = 0;
  /** The final head is on its way: the status cannot change any more. */
  hasHead = false;
  readonly #wire: Wire;
  #at = 0;
  #isChunked = false;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  start(): void {
    this.bodyBytes = 0;
    this.hasHead = false;
    this.#at = 0;
    this.#isChunked = false;
  }

  /** Puts a head by `write(out, at)`, which returns where it ends. */
  head(isChunked: boolean, end: number): void {
    this.hasHead = true;
    this.#isChunked = isChunked;
    this.#at = end;
  }

  /** Where the next head begins. */
  get at(): number {
    return this.#at;
  }

  /** An interim head was put up to `end`. */
  interim(end: number): void {
    this.#at = end;
  }

  body(bytes: NodeBytes, start: number, end: number): void {
    if (end <= start) return;
    const out = outBuffer();
    let at = this.#at;
    // A read is never larger than the room left; what was collected before a body may be.
    if (at + end - start + chunkRoom > out.length) {
      this.flush();
      at = 0;
    }
    const target = outBuffer();
    this.bodyBytes += end - start;
    if (this.#isChunked) at += target.latin1Write(`${(end - start).toString(16)}\r\n`, at);
    at += bytes.copy(target, at, start, end);
    if (this.#isChunked) at += target.latin1Write('\r\n', at);
    this.#at = at;
  }

  end(trailers: string): void {
    if (!this.#isChunked) return;
    const out = outBuffer();
    if (this.#at + trailers.length + chunkRoom > out.length) this.flush();
    this.#at += outBuffer().latin1Write(`0\r\n${trailers}\r\n`, this.#at);
  }

  /** Sends what was put. Returns false if the client wants a pause. */
  flush(): boolean {
    const end = this.#at;
    if (end === 0) return !this.#wire.needsDrain;
    this.#at = 0;
    return send(this.#wire, end);
  }
}
