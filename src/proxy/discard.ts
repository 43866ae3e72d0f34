import type { NodeBytes } from './node-bytes.ts';
import type { Shared } from './shared.ts';
import type { Upstream, UpstreamUser } from './upstream.ts';

/** A connection whose answer has more than this left is not worth its end. */
const worthReading = 64 * 1024;

/**
 * Reads an answer to its end that nobody is given, because the request is sent again: then the
 * connection can be used for something else.
 */
export class Discard implements UpstreamUser {
  readonly isHead: boolean;
  readonly #shared: Shared;
  #upstream: Upstream | undefined;
  #left = worthReading;

  /** Takes over a connection from within its user's call of `head`. */
  constructor(upstream: Upstream, isHead: boolean, shared: Shared) {
    this.isHead = isHead;
    this.#shared = shared;
    this.#upstream = upstream;
    upstream.passTo(this);
  }

  body(_upstream: Upstream, _bytes: NodeBytes, start: number, end: number): void {
    this.#left -= end - start;
    if (this.#left < 0) this.end();
  }

  ended(upstream: Upstream, _trailers: string, isClean: boolean): void {
    this.#upstream = undefined;
    if (isClean && upstream.isPersistent && upstream.wire.unsentBytes === 0) {
      upstream.release(this.#shared.ports.now());
    } else upstream.destroy();
  }

  lost(): void {
    this.#upstream = undefined;
  }

  /** It is not waited for any longer. */
  end(): void {
    this.#upstream?.destroy();
    this.#upstream = undefined;
  }

  flush(): boolean {
    return true;
  }

  bug(error: unknown): void {
    this.#shared.ports.bug(error);
  }

  connected(): void {}

  interim(): void {}

  head(): void {}

  drained(): void {}
}
