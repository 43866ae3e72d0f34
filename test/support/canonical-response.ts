import { Malformed, more, readBody, readHead } from './canonical-message.ts';

/** A response as Turnout writes it for a client of HTTP/1.1. Texts are latin1. */
export interface CanonicalResponse {
  readonly status: number;
  readonly reason: string;
  /** Names and values in turns, without what frames the body. */
  readonly fields: readonly string[];
  /** The line that frames the body, also where there is none. */
  readonly framed: string | undefined;
  readonly body: string;
  /** Lines of the trailers, each with its CRLF. */
  readonly trailers: string;
}

export interface Responses {
  /** Interim ones too. */
  readonly responses: readonly CanonicalResponse[];
  /** What stands behind the last one that is whole. */
  readonly rest: string;
  /** Why the rest is no response. */
  readonly malformed: string | undefined;
}

/** Reads what a client is sent. `isHead` of a number says whether that final response answers HEAD. */
export function readResponses(
  text: string,
  isHead: (number: number) => boolean = () => false,
): Responses {
  const responses: CanonicalResponse[] = [];
  let at = 0;
  let finals = 0;
  let malformed: string | undefined;
  try {
    while (at < text.length) {
      const { response, end } = readResponse(text, at, isHead(finals));
      responses.push(response);
      if (response.status >= 200) finals++;
      at = end;
    }
  } catch (error) {
    if (error instanceof Malformed) malformed = error.message;
    else if (error !== more) throw error;
  }
  return { responses, rest: text.slice(at), malformed };
}

const statusLine = /^HTTP\/1\.1 ([1-5][0-9]{2}) ([\t\x20-\x7e\x80-\xff]*)$/;

function readResponse(text: string, from: number, isHead: boolean) {
  const { first, fields, framed, end: start } = readHead(text, from);
  const [, digits, reason = ''] = statusLine.exec(first) ?? [];
  if (digits === undefined) throw new Malformed('status line', first);
  const status = Number(digits);
  const isEmpty = isHead || status < 200 || status === 204 || status === 304;
  const { body, trailers, end } = readBody(text, start, isEmpty ? undefined : framed);
  const response: CanonicalResponse = { status, reason, fields, framed, body, trailers };
  return { response, end };
}
