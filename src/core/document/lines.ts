/** The lines of a text: where an offset is, as editors count. */
export class Lines {
  readonly #text: string;
  readonly #starts: readonly number[];

  /** Takes the text without a byte order mark: no editor counts it as a column. */
  constructor(text: string) {
    this.#text = text;
    const starts = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      starts.push(at + 1);
    this.#starts = starts;
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
    const number = this.#lineOf(Math.min(Math.max(offset, 0), this.#text.length));
    const start = this.#starts[number - 1] ?? 0;
    const before = this.line(number).slice(0, Math.max(0, offset - start));
    return { line: number, column: characters(before) + 1 };
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
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (code >= 0xd800 && code < 0xdc00 && next >= 0xdc00 && next < 0xe000) at += 1;
    count += 1;
  }
  return count;
}
