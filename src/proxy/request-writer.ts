import { takeWishOut } from '#core/exchange/take-wish-out';
import type { RequestHead } from '#core/http1/request-head';
import { RequestOutline, writeRequestHead } from '#core/http1/write-head';
import { rewrittenPath } from '#core/routing/rewrite';
import type { Route, Version } from '#core/routing/route';
import type { Peer } from './client.ts';
import { editsOf } from './edits.ts';
import { asksForTunnel } from './local-answer.ts';
import { type NodeBytes, newBytes } from './node-bytes.ts';
import type { RequestFacts } from './request-facts.ts';
import type { RequestOut } from './request-out.ts';

/** What the writer adds at most beside texts of known length. */
const room = 2 * 1024;

/** Writes the head that was scanned last, as its route and version say. */
export class RequestWriter {
  readonly #head: RequestHead;
  readonly #facts: RequestFacts;
  readonly #outline = new RequestOutline();

  constructor(head: RequestHead, facts: RequestFacts) {
    this.#head = head;
    this.#facts = facts;
  }

  /** Writes the head into the request. Returns where it ends. */
  write(request: RequestOut, peer: Peer, route: Route, version: Version): number {
    this.#describe(peer, route, version);
    return writeRequestHead(request.room(this.#roomFor()), 0, this.#head, this.#outline);
  }

  /** Writes the head for another version, before the same body. Returns where it ends. */
  rewrite(
    request: RequestOut,
    peer: Peer,
    route: Route,
    version: Version,
    oldHeadEnd: number,
  ): number {
    this.#describe(peer, route, version);
    const out = newBytes(this.#roomFor());
    const headEnd = writeRequestHead(out, 0, this.#head, this.#outline);
    request.replaceHead(headEnd, out, oldHeadEnd);
    return headEnd;
  }

  /**
   * Writes the head that was written last once more, for another version of its route, with
   * more lines. Returns its bytes.
   */
  writeCopy(peer: Peer, route: Route, version: Version, lines: string): NodeBytes {
    const outline = this.#outline;
    this.#describeFor(peer, route, version);
    outline.lines += lines;
    const out = newBytes(this.#roomFor());
    return out.subarray(0, writeRequestHead(out, 0, this.#head, outline)) as NodeBytes;
  }

  #describe(peer: Peer, route: Route, version: Version): void {
    const outline = this.#outline;
    const without = takeWishOut(this.#head, this.#facts, route, peer.isTrusted);
    outline.query = without.query;
    outline.lines = without.lines;
    this.#describeFor(peer, route, version);
  }

  /** The client's wish has been taken out: that can be done only once. */
  #describeFor(peer: Peer, route: Route, version: Version): void {
    const head = this.#head;
    const facts = this.#facts;
    const outline = this.#outline;
    const { rewrite } = route;
    outline.path =
      rewrite?.path === undefined
        ? ''
        : rewrittenPath(rewrite.path, route.cuts, facts, facts.forwardedPath);
    outline.authority =
      rewrite?.host ?? (head.hostEnd === 0 ? (version.endpoints[0]?.authority ?? '') : '');
    outline.peer = peer.peer;
    outline.proto = peer.isHttps ? 'https' : 'http';
    outline.framing = head.framing;
    outline.contentLength = head.contentLength;
    outline.upgrade = asksForTunnel(head, route);
    outline.edits = editsOf(version).request;
  }

  #roomFor(): number {
    const { path, authority, edits, lines } = this.#outline;
    const added = path.length + authority.length + lines.length + (edits?.lines.length ?? 0);
    return this.#head.end - this.#head.start + added + room;
  }
}
