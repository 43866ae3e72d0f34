import type { Facts } from '#core/conditions/facts';
import type { Scheme } from '#core/conditions/when';
import type { Bytes } from '#core/http1/bytes';
import { type Refusal, refusals } from '#core/http1/refusal';
import {
  RequestHead,
  requestLimits,
  scanRequestHead,
  stripHopByHop,
  stripUntrusted,
} from '#core/http1/request-head';

/** A request as a person describes it. */
export interface DescribedRequest {
  readonly scheme: Scheme;
  readonly method: string;
  /** Host and port, as in a URL. */
  readonly authority: string;
  /** Path and query, as in a URL. */
  readonly target: string;
  /** Lines `name: value`. */
  readonly headers: readonly string[];
  readonly client: string;
}

/** How the proxy answers a request that it does not even look at. */
export interface RefusedRequest {
  readonly status: number;
  readonly code: Refusal;
  readonly message: string;
}

export type DescribedFacts =
  | { readonly facts: Facts; readonly refused?: never }
  | { readonly facts?: never; readonly refused: RefusedRequest };

/**
 * Returns the facts that the proxy would have of a request, by writing its bytes and reading
 * them as the proxy does; or why the proxy would refuse it.
 */
export function factsOf(
  request: DescribedRequest,
  fieldNames: ReadonlySet<string>,
): DescribedFacts {
  const { scheme, method, authority, target, headers, client } = request;
  const hasHost = headers.some((line) => /^host\s*:/i.test(line));
  const lines = [`${method} ${target} HTTP/1.1`, ...(hasHost ? [] : [`host: ${authority}`])];
  const text = `${[...lines, ...headers].join('\r\n')}\r\n\r\n`;
  // Node's Buffer has the two methods its types do not name.
  const bytes = Buffer.from(text, 'utf8') as Buffer & Bytes;
  const head = new RequestHead();
  if (scanRequestHead(head, bytes, 0, bytes.length, requestLimits) <= 0) {
    const code = head.refusal ?? 'bad_request_line';
    const { status, message } = refusals[code];
    return { refused: { status, code, message } };
  }
  stripHopByHop(head, fieldNames);
  stripUntrusted(head, fieldNames);
  return {
    facts: {
      method: head.method,
      host: head.hostText(),
      path: head.matchedPath(head.forwardedPath()),
      query: head.queryText(),
      client,
      scheme,
      header: (name) => head.fieldText(name),
      cookie: (name) => head.cookie(name),
    },
  };
}
