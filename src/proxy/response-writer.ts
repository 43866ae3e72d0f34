import { framing } from '#core/http1/framing';
import type { ResponseHead } from '#core/http1/response-head';
import { stripResponseHopByHop } from '#core/http1/response-head';
import { ResponseOutline, writeResponseHead } from '#core/http1/write-head';
import type { Assignment } from '#core/routing/assignment';
import type { Route } from '#core/routing/route';
import { issuedCookie, linkCookie, stickyCookie } from '#core/routing/set-cookie';
import type { Client } from './client.ts';
import { editsOf } from './edits.ts';
import type { HttpDate } from './http-date.ts';
import { outBuffer } from './out-buffer.ts';
import type { Ports } from './ports.ts';

export interface Answered {
  readonly route: Route | undefined;
  readonly assignment: Assignment;
  readonly isHead: boolean;
  readonly isHttps: boolean;
  /** What the client speaks: HTTP/1.0 or 1.1. */
  readonly minorVersion: 0 | 1;
  /** The connection ends with this response; set where its end is the only end of the body. */
  close: boolean;
}

/** Writes the heads of responses. */
export class ResponseWriter {
  readonly #ports: Ports;
  readonly #date: HttpDate;
  readonly #outline = new ResponseOutline();

  constructor(ports: Ports, date: HttpDate) {
    this.#ports = ports;
    this.#date = date;
  }

  /** Writes an interim head (1xx). Returns where it ends. */
  interim(at: number, head: ResponseHead): number {
    stripResponseHopByHop(head);
    const outline = this.#outline;
    outline.framing = framing.none;
    outline.connection = '';
    outline.date = '';
    outline.edits = undefined;
    outline.lines = '';
    return writeResponseHead(outBuffer(), at, head, outline);
  }

  /** Writes the final head to the client. */
  write(exchange: Answered, head: ResponseHead, client: Client): void {
    const { assignment, isHead } = exchange;
    const outline = this.#outline;
    stripResponseHopByHop(head);
    const isChunked = this.#frame(exchange, head, isHead);
    outline.connection = connectionOf(exchange, head);
    outline.date = this.#date.text;
    outline.edits =
      assignment.version === undefined ? undefined : editsOf(assignment.version).response;
    outline.lines = this.#cookieLines(exchange);
    const { out } = client;
    out.head(isChunked, writeResponseHead(outBuffer(), out.at, head, outline));
  }

  /** Decides how the client learns where the body ends. Returns whether in chunks. */
  #frame(exchange: Answered, head: ResponseHead, isHead: boolean): boolean {
    const outline = this.#outline;
    const { contentLength, status } = head;
    outline.contentLength = contentLength;
    if (status !== 204 && (isHead || status === 304)) {
      // There is no body; the length is that of the body there would have been.
      outline.framing = contentLength >= 0 ? framing.length : framing.none;
      return false;
    }
    outline.framing = head.framing;
    if (head.framing === framing.none || head.framing === framing.length) return false;
    if (exchange.minorVersion === 1) {
      outline.framing = framing.chunked;
      return true;
    }
    outline.framing = framing.untilClose;
    exchange.close = true;
    return false;
  }

  /** Nobody else may be given an answer that sets a cookie: it is private. */
  #cookieLines({ assignment, route, isHttps: https }: Answered): string {
    const { minted, remember, link, unit, version } = assignment;
    if ((!minted && !remember && link === '') || route === undefined) return '';
    const { assign } = this.#ports;
    const cookies = [
      minted ? issuedCookie(unit, https) : undefined,
      remember && version !== undefined ? stickyCookie(route, version, assign, https) : undefined,
      link === '' ? undefined : linkCookie(route, link, assign.epochMs(), https),
    ];
    const lines = cookies.map((cookie) =>
      cookie === undefined ? '' : `Set-Cookie: ${cookie}\r\n`,
    );
    return `${lines.join('')}Cache-Control: private\r\n`;
  }
}

function connectionOf({ close, minorVersion }: Answered, head: ResponseHead) {
  if (head.status === 101) return 'upgrade';
  if (close) return 'close';
  return minorVersion === 0 ? 'keep-alive' : '';
}
