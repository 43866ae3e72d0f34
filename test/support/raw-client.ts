import net from 'node:net';
import tls from 'node:tls';

/** A client that writes and reads bytes as they are. Texts are latin1. */
export class RawClient {
  readonly socket: net.Socket;
  /** All that has been received. */
  received = '';
  /** The other side has sent its FIN. */
  isEnded = false;
  /** The connection is gone; `resetBy` says how, if badly. */
  isClosed = false;
  resetBy: string | undefined;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      this.#changed();
    });
    socket.on('end', () => {
      this.isEnded = true;
      this.#changed();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.resetBy = error.code ?? error.message;
    });
    socket.on('close', () => {
      this.isClosed = true;
      this.#changed();
    });
  }

  /** `from`: the address to connect from, where it matters. */
  static async connect(port: number, host = '127.0.0.1', from?: string): Promise<RawClient> {
    const options = { port, host, allowHalfOpen: true, noDelay: true };
    const socket = net.connect(from === undefined ? options : { ...options, localAddress: from });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  /** Connects and agrees on TLS. Rejects where that fails. */
  static async connectSecure(port: number, options: tls.ConnectionOptions): Promise<RawClient> {
    // The types of `tls` have left it out; the reference has it.
    const halfOpen = { allowHalfOpen: true };
    const socket = tls.connect({ port, host: '127.0.0.1', ...options, ...halfOpen });
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look();
  }

  write(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Waits until `holds`; after `withinMs` it rejects with what was received. */
  until(holds: (client: this) => boolean, withinMs = 10_000): Promise<this> {
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        if (error === undefined) resolve(this);
        else reject(error);
      };
      const look = () => {
        if (holds(this)) done();
      };
      const timer = setTimeout(
        () =>
          done(
            new Error(
              `nothing of the kind in ${withinMs} ms; received ${JSON.stringify(this.received.slice(-500))}`,
            ),
          ),
        withinMs,
      );
      this.#waiting.add(look);
      look();
    });
  }

  /** Waits for a text to have been received. */
  receives(text: string | RegExp): Promise<this> {
    return this.until(({ received }) =>
      typeof text === 'string' ? received.includes(text) : text.test(received),
    );
  }

  ends(): Promise<this> {
    return this.until(({ isEnded, isClosed }) => isEnded || isClosed);
  }

  closes(): Promise<this> {
    return this.until(({ isClosed }) => isClosed);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
