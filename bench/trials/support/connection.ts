import net from 'node:net';
import tls from 'node:tls';
import { MessageReader } from './message-reader.ts';

/** A whole answer. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly fields: readonly string[];
  readonly bodyBytes: number;
  /** The beginning of the body: as much as a message of the proxy itself may have. */
  readonly text: string;
}

/** No whole answer. */
export interface Broken {
  readonly kind: 'broken';
  /**
   * `refused`: no connection; `reset` and `ended`: the connection went before the answer was
   * whole; `silent`: not in time; anything else says what is wrong with the bytes.
   */
  readonly reason: string;
  /** Status of the answer that had begun; 0: nothing had. */
  readonly status: number;
}

export type Result = Answer | Broken;

export interface ExchangeOptions {
  readonly isHead?: boolean;
  /** How long the whole answer may take. */
  readonly withinMs?: number;
  readonly onBody?: (bytes: Buffer) => void;
}

const textMost = 512;

export interface ConnectionOptions {
  /** With TLS; whatever certificate is shown is taken. */
  readonly isSecure?: boolean;
}

/** A connection of a client that keeps it: one request at a time, bytes as they are given. */
export class Connection {
  readonly socket: net.Socket;
  /** What lies under TLS; else the same. */
  readonly raw: net.Socket;
  /** It may carry another request. */
  isUsable = true;
  #reader = new MessageReader();
  #settle: ((result: Result) => void) | undefined;
  #text = '';
  #lostBy = '';
  #onBody: ((bytes: Buffer) => void) | undefined;

  constructor(port: number, { isSecure = false }: ConnectionOptions = {}) {
    this.raw = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.raw.on('error', (error: NodeJS.ErrnoException) => {
      this.#lostBy = error.code === 'ECONNREFUSED' ? 'refused' : 'reset';
    });
    this.socket = isSecure
      ? tls.connect({ socket: this.raw, rejectUnauthorized: false, servername: 'trial.test' })
      : this.raw;
    this.socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.socket.on('end', () => this.#ended());
    this.socket.on('error', () => {
      this.#lostBy ||= 'reset';
    });
    this.socket.on('close', () => this.#lost(this.#lostBy || 'ended'));
    this.#reader.onBody = (bytes) => {
      if (this.#text.length < textMost) this.#text += bytes.toString('latin1', 0, textMost);
      this.#onBody?.(bytes);
    };
  }

  /** Sends a request and waits for its answer. Never rejects. */
  exchange(request: string | Buffer, options: ExchangeOptions = {}): Promise<Result> {
    const answered = this.answer(options);
    if (this.isUsable) {
      if (typeof request === 'string') this.socket.write(request, 'latin1');
      else this.socket.write(request);
    }
    return answered;
  }

  /** Waits for an answer to what is being sent by other means. Never rejects. */
  answer({ isHead = false, withinMs = 30_000, onBody }: ExchangeOptions = {}): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<Result>();
    this.#reader.next();
    this.#reader.isAnswerToHead = isHead;
    this.#text = '';
    this.#onBody = onBody;
    const timer = setTimeout(() => this.#lost('silent'), withinMs);
    this.#settle = (result) => {
      this.#settle = undefined;
      clearTimeout(timer);
      resolve(result);
    };
    if (!this.isUsable) this.#lost(this.#lostBy || 'ended');
    return promise;
  }

  /** Resolves when the connection has ended after its answer: `reset`, `ended` or `silent`. */
  async end(withinMs: number): Promise<string> {
    const { socket } = this;
    socket.removeAllListeners('data');
    socket.resume();
    const ended = Promise.race([
      new Promise<string>((resolve) => socket.once('end', () => resolve('ended'))),
      new Promise<string>((resolve) =>
        socket.once('close', () => resolve(this.#lostBy || 'ended')),
      ),
    ]);
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve('silent'), withinMs);
    const how = await Promise.race([ended, late.promise]);
    clearTimeout(timer);
    return how;
  }

  #read(chunk: Buffer): void {
    const reader = this.#reader;
    if (this.#settle === undefined) {
      // Whatever it is, nobody asked for it.
      this.close();
      return;
    }
    const end = reader.read(chunk);
    if (reader.fault !== undefined) this.#lost(reader.fault);
    else if (reader.isWhole && end < chunk.length) this.#lost('bytes behind the answer');
    else if (reader.isWhole) this.#whole();
  }

  #whole(): void {
    const { status, fields, bodyBytes, isLast } = this.#reader;
    if (isLast) this.close();
    this.#settle?.({ kind: 'answer', status, fields, bodyBytes, text: this.#text });
  }

  #ended(): void {
    this.isUsable = false;
    if (this.#settle !== undefined && this.#reader.end()) this.#whole();
    else this.#lost('ended');
  }

  #lost(reason: string): void {
    const status = this.#reader.hasHead ? this.#reader.status : 0;
    this.close();
    this.#settle?.({ kind: 'broken', reason, status });
  }

  close(): void {
    this.isUsable = false;
    this.socket.destroy();
  }
}
