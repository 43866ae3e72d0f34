import type { Readable } from 'node:stream';

/**
 * The body of a request, read only when a connection asks for it: a request whose connection
 * did not come about can still be sent elsewhere. Ending early does not destroy the stream, so
 * that the client can be answered all the same.
 */
export class Upload implements AsyncIterable<Buffer> {
  hasBegun = false;
  readonly #stream: Readable;

  constructor(stream: Readable) {
    this.#stream = stream;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    this.hasBegun = true;
    yield* this.#stream.iterator({ destroyOnReturn: false });
  }
}
