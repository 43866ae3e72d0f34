/** The lines of a text: where an offset is, as editors count. */
export class Lines {
  readonly #text: string;
  readonly #starts: readonly number[];
  #last: { readonly start: number; readonly at: number; readonly column: number };

  /** Takes the text without a byte order mark: no editor counts it as a column. */
  constructor(text: string) {
    this.#text = text;
    const starts = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      starts.push(at + 1);
    this.#starts = starts;
    this.#last = { start: 0, at: 0, column: 1 };
  }

  get count(): number {
    return this.#starts.length;
  }

  /** Returns a line without its break; '' for one that is not there. Lines count from 1. */
  line(number: number): string {
    const start = this.#starts[number - 1];
    if (start === undefined) return '';
    const next = this.#starts[number];
    const line = this.#text.slice(start, next === undefined ? this.#text.length : next - 1);
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  /** Returns line and column of an offset, both from 1. Columns count characters, not bytes. */
  placeOf(offset: number): { readonly line: number; readonly column: number } {
    const at = Math.min(Math.max(offset, 0), this.#text.length);
    const number = this.#lineOf(at);
    const start = this.#starts[number - 1] ?? 0;
    const end = Math.min(at, start + this.line(number).length);
    // A document of one long line may have many problems: count on from the one before.
    const last = this.#last;
    const known = last.start === start && last.at <= end ? last : { start, at: start, column: 1 };
    const column = known.column + characters(this.#text.slice(known.at, end));
    this.#last = { start, at: end, column };
    return { line: number, column };
  }

  /** Returns how many characters of a part of the text are on its first line. */
  charactersOnLine(start: number, end: number): number {
    const newline = this.#text.indexOf('\n', start);
    const part = this.#text.slice(start, newline === -1 ? end : Math.min(end, newline));
    return characters(part.endsWith('\r') ? part.slice(0, -1) : part);
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}

/** Returns the text of a document without its byte order mark. */
export function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** Returns how many characters a text has: one beyond the basic plane is one, not two. */
export function characters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += widthAt(text, at)) count += 1;
  return count;
}

/** Returns where the character with this number begins, counted from 0. */
export function offsetOfCharacter(text: string, number: number): number {
  let at = 0;
  for (let count = 0; count < number && at < text.length; count += 1) at += widthAt(text, at);
  return at;
}

function widthAt(text: string, at: number): 1 | 2 {
  const code = text.charCodeAt(at);
  if (code < 0xd800 || code >= 0xdc00) return 1;
  const next = text.charCodeAt(at + 1);
  return next >= 0xdc00 && next < 0xe000 ? 2 : 1;
}
