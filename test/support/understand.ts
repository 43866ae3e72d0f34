import { ChunkedDecoder } from '#core/http1/chunked';
import { framing } from '#core/http1/framing';
import type { Refusal } from '#core/http1/refusal';
import {
  RequestHead,
  requestLimits,
  scanRequestHead,
  stripHopByHop,
  stripUntrusted,
} from '#core/http1/request-head';
import { targetForm } from '#core/http1/target-form';
import { RequestOutline, writeRequestHead } from '#core/http1/write-head';
import type { NodeBytes } from '../../src/proxy/node-bytes.ts';
import { Partial } from '../../src/proxy/partial.ts';
import { RequestOut } from '../../src/proxy/request-out.ts';
import type { CanonicalRequest } from './canonical-request.ts';

/** How a client's stream ends, as far as Turnout is concerned. */
export type End =
  | { readonly kind: 'refused'; readonly code: Refusal; readonly isHead: boolean }
  /** The connection ends after the last answer: nothing behind the offset is read. */
  | { readonly kind: 'closed'; readonly at: number }
  /** A WebSocket is asked for: what follows is not HTTP. */
  | { readonly kind: 'upgrade' }
  /** More may come. `isMidway`: a message has begun. */
  | { readonly kind: 'open'; readonly isMidway: boolean };

/** What a client's stream means to Turnout where one route takes everything. */
export interface Understood {
  /** Requests that go upstream whole. Of the fields only the client's: ours come behind them. */
  readonly requests: readonly CanonicalRequest[];
  /** What goes upstream of them, one after the other. */
  readonly bytes: string;
  /** What goes upstream of a request that never becomes whole. */
  readonly unfinished: string;
  /** The status of each answer, where versions say 200. */
  readonly statuses: readonly number[];
  readonly end: End;
}

/**
 * Returns what a stream means that comes in pieces, cut at the offsets given: the way of a
 * request through all the parts that know no socket, as a connection leads it. `authority` is
 * that of the endpoint, for requests that name no host.
 */
export function understand(
  text: string,
  cuts: readonly number[] = [],
  authority = 'endpoint:80',
): Understood {
  const way = new Way(authority);
  let start = 0;
  for (const cut of [...cuts, text.length]) {
    way.read(text.slice(start, cut));
    start = cut;
  }
  return way.outcome();
}

const none: ReadonlySet<string> = new Set();
/** For a head and what we add. */
const headRoom = 20 * 1024;

class Way {
  readonly #head = new RequestHead();
  readonly #outline = new RequestOutline();
  readonly #out = new RequestOut();
  readonly #decoder = new ChunkedDecoder();
  readonly #partial = new Partial();
  readonly #requests: CanonicalRequest[] = [];
  readonly #statuses: number[] = [];
  #bytes = '';
  /** Bytes of the stream that have been understood. */
  #taken = 0;
  /** The request whose end has not come yet. */
  #open: CanonicalRequest | undefined;
  #end: End | undefined;
  readonly #authority: string;

  constructor(authority: string) {
    this.#authority = authority;
  }

  read(piece: string): void {
    const partial = this.#partial;
    partial.append(Buffer.from(piece, 'latin1') as NodeBytes, 0, piece.length);
    const { bytes, length } = partial;
    let at = 0;
    while (this.#end === undefined && at < length) {
      const next =
        this.#open === undefined
          ? this.#takeHead(bytes, at, length)
          : this.#takeBody(this.#open, bytes, at, length);
      if (next === at) break;
      at = next;
    }
    partial.keep(bytes, at, length);
  }

  outcome(): Understood {
    const isMidway = this.#open !== undefined || this.#partial.length > 0;
    return {
      requests: this.#requests,
      bytes: this.#bytes,
      unfinished: this.#open === undefined ? '' : this.#written(),
      statuses: this.#statuses,
      end: this.#end ?? { kind: 'open', isMidway },
    };
  }

  /** Returns the offset behind the head; `start` where it is not whole. */
  #takeHead(bytes: NodeBytes, start: number, end: number): number {
    const head = this.#head;
    const next = scanRequestHead(head, bytes, start, end, requestLimits);
    if (next < 0) this.#refuse(head.refusal);
    if (next <= 0) return start;
    this.#taken += next - start;
    if (isForUs(head)) this.#answerOurselves();
    else if (head.wantsUpgrade) this.#end = { kind: 'upgrade' };
    else this.#begin();
    return next;
  }

  #answerOurselves(): void {
    const head = this.#head;
    this.#statuses.push(204);
    const hasBody = head.framing === framing.chunked || head.contentLength > 0;
    if (hasBody || !head.persistent) this.#close();
  }

  #begin(): void {
    const head = this.#head;
    const outline = this.#outline;
    stripHopByHop(head, none);
    stripUntrusted(head, none);
    outline.peer = '127.0.0.1';
    outline.authority = head.hostEnd === 0 ? this.#authority : '';
    outline.framing = head.framing;
    outline.contentLength = head.contentLength;
    const headEnd = writeRequestHead(this.#out.room(headRoom), 0, head, outline);
    this.#out.start(headEnd, head.framing, head.contentLength);
    this.#decoder.reset();
    this.#open = requestOf(head, head.hostEnd === 0 ? this.#authority : head.authorityText());
    if (this.#out.isRead) this.#finish(this.#open);
  }

  #takeBody(open: CanonicalRequest, bytes: NodeBytes, start: number, end: number): number {
    let { body, trailers } = open;
    if (this.#head.framing === framing.chunked) {
      // Decoding moves bytes: the ones that are to be forwarded are decoded there.
      const copy = Buffer.from(bytes.subarray(start, end)) as NodeBytes;
      this.#decoder.decode(copy, 0, copy.length);
      body += copy.latin1Slice(this.#decoder.dataStart, this.#decoder.dataEnd);
      trailers = this.#decoder.trailerText;
    } else {
      body += bytes.latin1Slice(
        start,
        Math.min(end, start + this.#head.contentLength - body.length),
      );
    }
    const next = this.#out.take(bytes, start, end);
    this.#taken += next - start;
    this.#open = { ...open, body, trailers };
    if (this.#out.refusal !== undefined) this.#refuse(this.#out.refusal);
    else if (this.#out.isRead) this.#finish(this.#open);
    return next;
  }

  #finish(request: CanonicalRequest): void {
    this.#requests.push(request);
    this.#bytes += this.#written();
    this.#statuses.push(200);
    this.#open = undefined;
    if (!this.#head.persistent) this.#close();
  }

  #refuse(code: Refusal = 'bad_request_line'): void {
    this.#end = { kind: 'refused', code, isHead: this.#head.method === 'HEAD' };
  }

  #close(): void {
    this.#end = { kind: 'closed', at: this.#taken };
  }

  #written(): string {
    return this.#out.kept.latin1Slice(0, this.#out.keptEnd);
  }
}

function isForUs({ targetForm: form, method, maxForwards }: RequestHead): boolean {
  return form === targetForm.asterisk || (method === 'OPTIONS' && maxForwards === 0);
}

/** What a stripped head says, apart from what is written anew. */
function requestOf(head: RequestHead, host: string): CanonicalRequest {
  const query = head.hasQuery ? `?${head.queryText()}` : '';
  return {
    method: head.method,
    target: `${head.forwardedPath()}${query}`,
    host,
    fields: keptFields(head),
    body: '',
    trailers: '',
  };
}

const writtenAnew = new Set(['host', 'content-length', 'transfer-encoding', 'connection']);

function keptFields({ lines, dropped, framing: bodyFraming, maxForwards }: RequestHead): string[] {
  const fields: string[] = [];
  for (let index = 0; index < lines.count; index++) {
    const name = lines.name(index);
    if (dropped[index] === 1 || writtenAnew.has(name)) continue;
    if (name === 'trailer' && bodyFraming !== framing.chunked) continue;
    if (name === 'max-forwards' && maxForwards > 0) continue;
    fields.push(
      lines.bytes.latin1Slice(lines.nameStart(index), lines.nameEnd(index)),
      lines.value(index),
    );
  }
  return fields;
}
