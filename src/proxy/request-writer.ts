import { takeWishOut } from '#core/exchange/take-wish-out';
import type { RequestHead } from '#core/http1/request-head';
import { scanRequestHead, stripHopByHop, stripUntrusted } from '#core/http1/request-head';
import { RequestOutline, writeRequestHead } from '#core/http1/write-head';
import { rewrittenPath } from '#core/routing/rewrite';
import type { Route, Version } from '#core/routing/route';
import type { Client } from './client.ts';
import { type NodeBytes, newBytes } from './node-bytes.ts';
import type { Shared } from './ports.ts';
import type { RequestOut } from './request-out.ts';

const noNames: ReadonlySet<string> = new Set();

/** What the writer adds at most beside texts of known length. */
const room = 2 * 1024;

/** Writes the heads of a connection's requests, as their route and version say. */
export class RequestWriter {
  readonly #shared: Shared;
  readonly #outline = new RequestOutline();
  /** The head as received, where it may have to be written for a second version. */
  #received: NodeBytes = newBytes(0);
  #receivedEnd = 0;
  /** Of the snapshot that the exchange took: a reload meanwhile is none of its business. */
  #fieldNames = noNames;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Writes the client's head into the request. Returns where it ends. */
  write(request: RequestOut, client: Client, route: Route, version: Version): number {
    const { head } = client;
    const outline = this.#describe(client, route, version);
    const out = request.room(this.#roomFor(head));
    return writeRequestHead(out, 0, head, outline);
  }

  /** Keeps the head: its bytes are good only until the read that brought it returns. */
  keepHead(head: RequestHead, fieldNames: ReadonlySet<string>): void {
    this.#fieldNames = fieldNames;
    const length = head.end - head.start;
    if (this.#received.length < length) this.#received = newBytes(length);
    head.bytes.copy(this.#received, 0, head.start, head.end);
    this.#receivedEnd = length;
  }

  /** Writes the head that was kept for another version, before the same body. */
  rewrite(
    request: RequestOut,
    client: Client,
    route: Route,
    version: Version,
    oldHeadEnd: number,
  ): number {
    const { head } = client;
    const { limits } = this.#shared;
    scanRequestHead(head, this.#received, 0, this.#receivedEnd, limits.head);
    stripHopByHop(head, this.#fieldNames);
    if (!client.isTrusted) stripUntrusted(head, noNames);
    const outline = this.#describe(client, route, version);
    const out = newBytes(this.#roomFor(head));
    const headEnd = writeRequestHead(out, 0, head, outline);
    request.replaceHead(headEnd, out, oldHeadEnd);
    return headEnd;
  }

  #describe(client: Client, route: Route, version: Version): RequestOutline {
    const { head, facts } = client;
    const outline = this.#outline;
    const { rewrite } = route;
    const without = takeWishOut(head, facts, route, client.isTrusted);
    outline.path =
      rewrite?.path === undefined
        ? ''
        : rewrittenPath(rewrite.path, route.cuts, facts, facts.forwardedPath);
    outline.authority =
      rewrite?.host ?? (head.hostEnd === 0 ? (version.endpoints[0]?.authority ?? '') : '');
    outline.peer = client.peer;
    outline.proto = client.isHttps ? 'https' : 'http';
    outline.framing = head.framing;
    outline.contentLength = head.contentLength;
    outline.query = without.query;
    outline.lines = without.lines;
    outline.edits = this.#shared.editsOf(version).request;
    return outline;
  }

  #roomFor(head: RequestHead): number {
    const { path, authority, edits, lines } = this.#outline;
    const added = path.length + authority.length + lines.length + (edits?.lines.length ?? 0);
    return head.end - head.start + added + room;
  }
}
