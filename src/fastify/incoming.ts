import type { IncomingMessage } from 'node:http';
import type { Facts } from '#core/conditions/facts';
import type { Scheme } from '#core/conditions/when';
import type { Bytes } from '#core/http1/bytes';
import { clientAddress } from '#core/http1/client-address';
import { clientScheme } from '#core/http1/client-scheme';
import type { Refusal } from '#core/http1/refusal';
import {
  RequestHead,
  requestLimits,
  scanRequestHead,
  stripDoubtful,
  stripHopByHop,
  stripUntrusted,
} from '#core/http1/request-head';

/** A request that Node has read, as the proxy's own scanner sees it. */
export interface Incoming {
  readonly head: RequestHead;
  readonly facts: Facts;
  /** The path without dot segments, before any rewrite. */
  readonly forwardedPath: string;
  /** Address of the other end of the connection. */
  readonly peer: string;
  /** The peer is a trusted proxy: what it says of the client is believed. */
  readonly isTrusted: boolean;
}

export interface ReadingOptions {
  readonly trusts: (address: string) => boolean;
  /** Names a client cannot have removed by naming them in Connection. */
  readonly protectedNames: ReadonlySet<string>;
}

/**
 * Returns a request as it would be if its bytes had come to Turnout itself, or why they would
 * have been refused.
 *
 * Node takes some requests that readers understand differently: two Hosts, `gzip, chunked`, a
 * coding on HTTP/1.0. So its head is written down once more and scanned: what is refused,
 * what conditions see and what is forwarded is then the same as in the proxy.
 */
export function readIncoming(
  raw: IncomingMessage,
  { trusts, protectedNames }: ReadingOptions,
): Incoming | Refusal {
  // Node's types leave out what its buffers have.
  const bytes = Buffer.from(headText(raw), 'latin1') as Buffer & Bytes;
  const head = new RequestHead();
  const end = scanRequestHead(head, bytes, 0, bytes.length, requestLimits);
  if (end <= 0) return head.refusal ?? 'bad_request_line';
  // A line break in what Node gives us would have ended the head early.
  if (end !== bytes.length) return 'bad_request_line';
  stripHopByHop(head, protectedNames);
  const peer = clientAddress(raw.socket.remoteAddress ?? '', undefined, trusts);
  const isTrusted = trusts(peer);
  let scheme: Scheme =
    'encrypted' in raw.socket && raw.socket.encrypted === true ? 'https' : 'http';
  let client = peer;
  if (isTrusted) {
    stripDoubtful(head);
    client = clientAddress(peer, head.fieldText('x-forwarded-for'), trusts);
    scheme = clientScheme(head, scheme);
  } else {
    stripUntrusted(head, protectedNames);
  }
  const forwardedPath = head.forwardedPath();
  return {
    head,
    facts: factsOf(head, client, scheme, forwardedPath),
    forwardedPath,
    peer,
    isTrusted,
  };
}

function headText({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2)
    text += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  return `${text}\r\n`;
}

function factsOf(head: RequestHead, client: string, scheme: Scheme, forwardedPath: string): Facts {
  return {
    method: head.method,
    host: head.hostText(),
    path: head.matchedPath(forwardedPath),
    query: head.queryText(),
    client,
    scheme,
    header: (name) => head.fieldText(name),
    cookie: (name) => head.cookie(name),
  };
}
