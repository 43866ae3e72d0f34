import type { Route, Version } from '#core/routing/route';
import type { Peer } from './client.ts';
import type { InForce } from './fleets.ts';
import { KeptHead } from './kept-head.ts';
import type { RequestOut } from './request-out.ts';
import type { Shared } from './shared.ts';

/** The head of a request as it is sent to its version, and to another one if need be. */
export class WrittenHead {
  #end = 0;
  #isKept = false;
  /** Made for the first request that may have to be written for a second version. */
  #kept: KeptHead | undefined;
  readonly #peer: Peer;
  readonly #shared: Shared;

  constructor(peer: Peer, shared: Shared) {
    this.#peer = peer;
    this.#shared = shared;
  }

  /** Writes the head that was scanned last into the request: its bytes are soon gone. */
  write(request: RequestOut, route: Route, version: Version): void {
    const { requestHead: head, requestWriter } = this.#shared;
    // One that is the same for all versions need not be written again.
    this.#isKept = route.keepsHeads || head.hostEnd === 0;
    if (this.#isKept) {
      this.#kept ??= new KeptHead();
      this.#kept.keep(this.#shared);
    }
    this.#end = requestWriter.write(request, this.#peer, route, version);
    request.start(this.#end, head.framing, head.contentLength);
  }

  /**
   * Writes it for another version, before the body bytes that are there. One that was not kept
   * stays as it is: a later snapshot may have edits that the one it was written by has not.
   */
  rewrite(request: RequestOut, route: Route, version: Version, { snapshot }: InForce): void {
    const { fieldNames } = snapshot;
    request.fieldNames = fieldNames;
    if (!this.#isKept) return;
    this.#kept?.read(this.#shared, this.#peer, fieldNames);
    const { requestWriter } = this.#shared;
    this.#end = requestWriter.rewrite(request, this.#peer, route, version, this.#end);
  }
}
