/**
 * The one form of everything that Turnout writes, so that no two readers can differ. Written
 * apart from src, and as plainly as can be. Texts are latin1; what is read throws `more` where
 * bytes are missing, and `Malformed` where they are of another form.
 */

export const more = new Error('more bytes are needed');

export class Malformed extends Error {
  constructor(what: string, text: string) {
    super(`${what} ${JSON.stringify(text)}`);
  }
}

export interface CanonicalHead {
  /** The line that a message begins with, without its CRLF. */
  readonly first: string;
  /** Names and values in turns, without what frames the body. */
  readonly fields: readonly string[];
  /** The line that frames the body. */
  readonly framed: string | undefined;
  /** Where the body begins. */
  readonly end: number;
}

export interface CanonicalBody {
  readonly body: string;
  /** Lines of the trailers, each with its CRLF. */
  readonly trailers: string;
  readonly end: number;
}

const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/;
const framingLine = /^(?:content-length|transfer-encoding):/i;
const lengthLine = /^Content-Length: (0|[1-9][0-9]{0,14})$/;
const chunkLine = /^(?:0|[1-9a-f][0-9a-f]{0,7})$/;

export function readHead(text: string, from: number): CanonicalHead {
  const headEnd = text.indexOf('\r\n\r\n', from);
  if (headEnd < 0) throw more;
  const [first = '', ...lines] = text.slice(from, headEnd).split('\r\n');
  const [framed, ...others] = lines.filter((line) => framingLine.test(line));
  if (others.length > 0) throw new Malformed('framing', lines.join('\n'));
  const fields = lines.filter((line) => !framingLine.test(line)).flatMap(fieldOf);
  return { first, fields, framed, end: headEnd + 4 };
}

function fieldOf(line: string): [name: string, value: string] {
  const [, name, value] = fieldLine.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Malformed('field', line);
  return [name, value];
}

/** Reads a body that is framed by the line given; without one there is none. */
export function readBody(text: string, start: number, framed: string | undefined): CanonicalBody {
  if (framed === undefined) return { body: '', trailers: '', end: start };
  if (framed === 'Transfer-Encoding: chunked') return readChunks(text, start);
  const [, digits] = lengthLine.exec(framed) ?? [];
  if (digits === undefined) throw new Malformed('framing', framed);
  const end = start + Number(digits);
  if (end > text.length) throw more;
  return { body: text.slice(start, end), trailers: '', end };
}

function readChunks(text: string, start: number): CanonicalBody {
  let body = '';
  let at = start;
  for (;;) {
    const line = lineAt(text, at);
    if (!chunkLine.test(line)) throw new Malformed('chunk', line);
    const size = Number.parseInt(line, 16);
    at += line.length + 2;
    if (size === 0) return { body, ...readTrailers(text, at) };
    if (text.length < at + size + 2) throw more;
    body += text.slice(at, at + size);
    at += size + 2;
    const end = text.slice(at - 2, at);
    if (end !== '\r\n') throw new Malformed('end of chunk', end);
  }
}

function readTrailers(text: string, start: number): { trailers: string; end: number } {
  let at = start;
  for (;;) {
    const line = lineAt(text, at);
    at += line.length + 2;
    if (line === '') return { trailers: text.slice(start, at - 2), end: at };
    fieldOf(line);
  }
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\r\n', start);
  if (end < 0) throw more;
  return text.slice(start, end);
}
