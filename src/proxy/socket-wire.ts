import type { Socket } from 'node:net';
import type { NodeBytes } from './node-bytes.ts';
import { closedWell, type Wire, type WireUser } from './wire.ts';

/** What is built on reads counts on this size. */
const readMost = 64 * 1024;
const nothing = Buffer.alloc(0);

/** A wire on a socket of Node: for TLS, and where handles are not what we know. */
export class SocketWire implements Wire {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  #user: WireUser | undefined;
  #code = closedWell;

  /** The socket must have been opened with `allowHalfOpen`. */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.remoteAddress = socket.remoteAddress ?? '';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#code = error.code ?? error.message;
    });
  }

  /** Begins to read for a user. */
  begin(user: WireUser, openedOn?: 'connect' | 'secureConnect'): void {
    this.#user = user;
    const socket = this.#socket;
    if (openedOn !== undefined) socket.on(openedOn, () => this.#user?.opened());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#user?.halfClosed());
    socket.on('drain', () => this.#user?.drained());
    socket.on('close', () => {
      this.#user?.closed(this.#code);
      this.#user = undefined;
    });
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
    return this.#user === undefined || !this.#socket.writable || this.#socket.write(bytes);
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
