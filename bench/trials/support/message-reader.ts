/** How much of the body is still to come, and how that is known. */
type Part = 'start' | 'fields' | 'counted' | 'size' | 'data' | 'dataEnd' | 'trailers' | 'untilEnd';

/**
 * Reads HTTP/1.1 messages, one after the other, line by line.
 *
 * It shares nothing with the scanner of the proxy, and is strict where the proxy must be:
 * what it does not understand is a fault of the message.
 */
export class MessageReader {
  /** Request line or status line of the present message. */
  startLine = '';
  /** Field lines of its head. */
  fields: string[] = [];
  bodyBytes = 0;
  isWhole = false;
  /** What is wrong with the message, if anything. */
  fault: string | undefined;
  /** A response to HEAD has no body whatever its head says. */
  isAnswerToHead = false;
  onHead: (() => void) | undefined;
  /** Given each piece of the body; good until it returns. */
  onBody: ((bytes: Buffer) => void) | undefined;
  #part: Part = 'start';
  #line = '';
  #left = 0;

  get status(): number {
    return this.startLine.startsWith('HTTP/1.') ? Number(this.startLine.slice(9, 12)) : 0;
  }

  /** Nothing of a message has been read. */
  get isFresh(): boolean {
    return this.#part === 'start' && this.#line === '';
  }

  /** The head of the present message is here. */
  get hasHead(): boolean {
    return this.isWhole || (this.#part !== 'start' && this.#part !== 'fields');
  }

  field(name: string): string | undefined {
    const line = this.fields.find((each) => each.toLowerCase().startsWith(`${name}:`));
    return line?.slice(name.length + 1).trim();
  }

  /** Whether the sender says that the connection ends with this message. */
  get isLast(): boolean {
    return this.#part === 'untilEnd' || /\bclose\b/i.test(this.field('connection') ?? '');
  }

  /** Forgets the message that was read; the next one begins. */
  next(): void {
    this.startLine = '';
    this.fields = [];
    this.bodyBytes = 0;
    this.isWhole = false;
    this.#part = 'start';
  }

  /** Takes bytes up to the end of the present message. Returns the offset behind what was taken. */
  read(bytes: Buffer, from = 0): number {
    let at = from;
    while (at < bytes.length && !this.isWhole && this.fault === undefined) {
      if (this.#part === 'untilEnd') {
        this.#body(bytes.subarray(at));
        return bytes.length;
      }
      at = this.#isCounting() ? this.#count(bytes, at) : this.#readLine(bytes, at);
    }
    return at;
  }

  /** The other side has sent its FIN. Returns whether that is a clean end of the message. */
  end(): boolean {
    if (this.#part !== 'untilEnd') return false;
    this.isWhole = true;
    return true;
  }

  #isCounting(): boolean {
    return this.#part === 'counted' || this.#part === 'data';
  }

  #body(piece: Buffer): void {
    this.bodyBytes += piece.length;
    this.onBody?.(piece);
  }

  #count(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    this.#body(bytes.subarray(at, end));
    if (this.#left > 0) return end;
    if (this.#part === 'data') this.#part = 'dataEnd';
    else this.isWhole = true;
    return end;
  }

  #readLine(bytes: Buffer, at: number): number {
    const newline = bytes.indexOf(0x0a, at);
    this.#line += bytes.toString('latin1', at, newline < 0 ? bytes.length : newline + 1);
    if (newline < 0) return bytes.length;
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r\n')) this.fault = `a line without CRLF: ${JSON.stringify(line)}`;
    else this.#take(line.slice(0, -2));
    return newline + 1;
  }

  #take(line: string): void {
    switch (this.#part) {
      case 'start':
        this.startLine = line;
        this.#part = 'fields';
        break;
      case 'fields':
        if (line === '') this.#headRead();
        else this.fields.push(line);
        break;
      case 'size':
        this.#sizeRead(line);
        break;
      case 'dataEnd':
        if (line !== '') this.fault = `bytes behind a chunk: ${JSON.stringify(line)}`;
        this.#part = 'size';
        break;
      default:
        if (line === '') this.isWhole = true;
    }
  }

  #sizeRead(line: string): void {
    if (!/^[0-9a-f]{1,8}$/i.test(line)) this.fault = `a chunk size: ${JSON.stringify(line)}`;
    this.#left = Number.parseInt(line, 16);
    this.#part = this.#left === 0 ? 'trailers' : 'data';
  }

  #headRead(): void {
    const { status } = this;
    if (status >= 100 && status < 200 && status !== 101) {
      // An interim response: the final one follows.
      this.next();
      return;
    }
    this.#frame(status);
    this.onHead?.();
  }

  #frame(status: number): void {
    const length = this.field('content-length');
    const hasNoBody = this.isAnswerToHead || status === 204 || status === 304 || status === 101;
    if (hasNoBody) this.isWhole = true;
    else if (this.field('transfer-encoding') !== undefined) this.#part = 'size';
    else if (length !== undefined) this.#frameByLength(length);
    else if (status > 0) this.#part = 'untilEnd';
    else this.isWhole = true;
  }

  #frameByLength(length: string): void {
    if (!/^\d{1,15}$/.test(length)) this.fault = `a Content-Length: ${JSON.stringify(length)}`;
    this.#left = Number(length);
    this.#part = 'counted';
    this.isWhole = this.#left === 0;
  }
}
