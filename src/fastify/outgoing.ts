import type { WithoutWish } from '#core/exchange/take-wish-out';
import type { Bytes } from '#core/http1/bytes';
import { framing } from '#core/http1/framing';
import { RequestOutline, writeRequestHead } from '#core/http1/write-head';
import { rewrittenPath } from '#core/routing/rewrite';
import type { Endpoint, Route, Version } from '#core/routing/route';
import { editsOf } from './header-edits.ts';
import type { Incoming } from './incoming.ts';

/** A request that has been given a version. */
export interface Assigned {
  readonly incoming: Incoming;
  readonly route: Route;
  /** What takes the place of its wish for a version. */
  readonly wish: WithoutWish;
}

/** A request as its version gets it, in the form that undici takes. */
export interface Outgoing {
  /** Path and query. */
  readonly target: string;
  /** Names and values in turn. */
  readonly headers: string[];
}

/** undici writes these itself, or refuses to; Node answers 100-continue and drops trailers. */
const notGiven: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'te',
  'trailer',
  'transfer-encoding',
]);
/** What the writer adds at most beside texts of known length. */
const roomBytes = 2 * 1024;

/**
 * Returns the request that an endpoint of a version is sent: what the proxy would write,
 * because it is the proxy's writer that writes it.
 */
export function outgoing(
  { incoming, wish, route }: Assigned,
  version: Version,
  endpoint: Endpoint,
  hasBody: boolean,
): Outgoing {
  const { head, facts, forwardedPath, peer } = incoming;
  const { drop, added } = editsOf(version.requestHeaders);
  const outline = new RequestOutline();
  const path = route.rewrite?.path;
  outline.path = path === undefined ? '' : rewrittenPath(path, route.cuts, facts, forwardedPath);
  outline.authority = route.rewrite?.host ?? (head.hostEnd === 0 ? endpoint.authority : '');
  outline.peer = peer;
  outline.proto = facts.scheme;
  // A body that Fastify gives nobody, as of a GET, cannot be announced either.
  outline.framing = hasBody ? head.framing : framing.none;
  outline.contentLength = head.contentLength;
  outline.edits = { drop, lines: added.map(([name, value]) => `${name}: ${value}\r\n`).join('') };
  outline.query = wish.query;
  outline.lines = wish.lines;

  const texts = outline.path.length + outline.authority.length + outline.edits.lines.length;
  const length = head.end - head.start + texts + wish.lines.length + roomBytes;
  // Node's types leave out what its buffers have.
  const out = Buffer.allocUnsafe(length) as Buffer & Bytes;
  const written = out.latin1Slice(0, writeRequestHead(out, 0, head, outline));
  return parsed(written);
}

function parsed(written: string): Outgoing {
  const [requestLine = '', ...lines] = written.split('\r\n');
  const [, target = '/'] = requestLine.split(' ');
  const headers: string[] = [];
  for (const line of lines) {
    const nameEnd = line.indexOf(':');
    const name = line.slice(0, nameEnd);
    if (nameEnd <= 0 || notGiven.has(name.toLowerCase())) continue;
    headers.push(name, line.slice(nameEnd + 1).trim());
  }
  return { target, headers };
}
