import { Malformed, more, readBody, readHead } from './canonical-message.ts';

/** A request as Turnout forwards it. Texts are latin1. */
export interface CanonicalRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  /** Names and values in turns, without Host and what frames the body. */
  readonly fields: readonly string[];
  readonly body: string;
  /** Lines of the trailers, each with its CRLF. */
  readonly trailers: string;
}

/** What stands at an offset of a stream. */
export type Reading =
  | { readonly kind: 'request'; readonly request: CanonicalRequest; readonly end: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'malformed'; readonly why: string };

/** Reads what a version is sent. */
export function readCanonical(text: string, from = 0): Reading {
  try {
    return readRequest(text, from);
  } catch (error) {
    if (error === more) return { kind: 'more' };
    if (error instanceof Malformed) return { kind: 'malformed', why: error.message };
    throw error;
  }
}

const requestLine = /^([A-Z-]{1,24}) (\/[!-~]*) HTTP\/1\.1$/;

function readRequest(text: string, from: number): Reading {
  const head = readHead(text, from);
  const [, method, target] = requestLine.exec(head.first) ?? [];
  if (method === undefined || target === undefined) throw new Malformed('request line', head.first);
  // Host comes first, and once.
  const [hostName, host, ...fields] = head.fields;
  const isOther = (name: string, at: number) => at % 2 === 1 || !/^host$/i.test(name);
  if (hostName !== 'Host' || host === undefined || !fields.every(isOther)) {
    throw new Malformed('Host', head.fields.join());
  }
  const { body, trailers, end } = readBody(text, head.end, head.framed);
  return { kind: 'request', request: { method, target, host, fields, body, trailers }, end };
}
