import { scanRequestHead } from '#core/http1/request-head';
import type { Peer } from './client.ts';
import { identify } from './identify.ts';
import { type NodeBytes, newBytes, noBytes } from './node-bytes.ts';
import type { Shared } from './shared.ts';

/** A request's head as received, where it may have to be written for a second version. */
export class KeptHead {
  #bytes: NodeBytes = noBytes;
  #end = 0;

  /** Copies the head that was scanned: its bytes are good only until the read returns. */
  keep({ requestHead: { bytes, start, end } }: Shared): void {
    this.#end = end - start;
    if (this.#bytes.length < this.#end) this.#bytes = newBytes(this.#end);
    bytes.copy(this.#bytes, 0, start, end);
  }

  /** Makes it the head that was scanned last, with its facts: `fieldNames` of the rules it is for. */
  read(shared: Shared, peer: Peer, fieldNames: ReadonlySet<string>): void {
    scanRequestHead(shared.requestHead, this.#bytes, 0, this.#end, shared.limits.head);
    identify(shared, peer, fieldNames);
  }
}
