import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { NodeBytes } from './node-bytes.ts';
import { closedWell, type Wire, type WireUser } from './wire.ts';

/** What is built on reads counts on this size. */
const readMost = 64 * 1024;
const nothing = Buffer.alloc(0);

export interface BeginOptions {
  /** The event that says that the connection is there, of one that is being opened. */
  readonly openedOn?: 'connect' | 'secureConnect';
  /** The socket hands what it reads to `received` itself. */
  readonly hasReader?: boolean;
}

/** A wire on a socket of Node: for TLS, and where handles are not what we know. */
export class SocketWire implements Wire {
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  keepsBytes = false;
  readonly #socket: Socket;
  #user: WireUser | undefined;
  #code = closedWell;

  /** The socket must have been opened with `allowHalfOpen`. */
  constructor(socket: Socket, remoteAddress = socket.remoteAddress ?? '') {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    this.isSecure = socket instanceof TLSSocket;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#code = codeOf(error);
      // TLS in a mess tells of it and leaves the connection open.
      socket.destroy();
    });
  }

  /** Begins to read for a user. */
  begin(user: WireUser, { openedOn, hasReader = false }: BeginOptions = {}): void {
    this.#user = user;
    const socket = this.#socket;
    if (openedOn !== undefined) socket.on(openedOn, () => this.#user?.opened());
    if (!hasReader) socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#user?.halfClosed());
    socket.on('drain', () => this.#user?.drained());
    socket.on('close', () => {
      this.#user?.closed(this.#code);
      this.#user = undefined;
    });
  }

  handTo(user: WireUser): void {
    this.#user = user;
  }

  /** Takes what a reader of the socket's own has got. Returns false to stop reading. */
  received(buffer: NodeBytes, end: number): boolean {
    return this.#user?.read(buffer, end) ?? true;
  }

  #read(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += readMost) {
      const part = chunk.subarray(at, at + readMost) as NodeBytes;
      if (this.#user?.read(part, part.length) === false) this.#socket.pause();
    }
  }

  get unsentBytes(): number {
    return this.#user === undefined ? 0 : this.#socket.writableLength;
  }

  get takenBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  get needsDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(bytes: NodeBytes): boolean {
    const socket = this.#socket;
    if (this.#user === undefined || !socket.writable) {
      this.keepsBytes = false;
      return true;
    }
    const isFirst = socket.writableLength === 0;
    const goOn = socket.write(bytes);
    // TLS encrypts or copies what is first in line before it returns, though it says so later.
    // What waits behind other bytes has not got there yet.
    this.keepsBytes = socket.writableLength > 0 && !(isFirst && this.isSecure);
    return goOn;
  }

  whenTaken(done: () => void): void {
    // An empty write ends when all writes before it have ended, well or badly.
    this.#socket.write(nothing, done);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroySoon(): void {
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#user = undefined;
    this.#socket.destroy();
  }

  reset(): void {
    this.#user = undefined;
    this.#socket.resetAndDestroy();
  }
}

/** What TLS itself has to say is in the message, names of the certificate and all. */
function codeOf({ code = 'unknown', message }: NodeJS.ErrnoException): string {
  return code.startsWith('ERR_TLS_') ? `${code} (${message})` : code;
}
