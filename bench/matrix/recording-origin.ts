import net from 'node:net';

/** What reached the origin on one connection. */
interface Connection {
  text: string;
  answered: number;
}

/** An origin that keeps what it is sent, byte for byte, and answers whatever may be a request. */
export class RecordingOrigin {
  readonly #connections = new Set<Connection>();
  readonly #servers: net.Server[] = [];

  /** Listens on ports of loopback. */
  async listen(...ports: readonly number[]): Promise<void> {
    for (const port of ports) {
      const server = net.createServer({ noDelay: true }, (socket) => this.#take(socket));
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      this.#servers.push(server);
    }
  }

  /** Forgets what has come so far. */
  clear(): void {
    for (const connection of this.#connections) {
      connection.text = '';
      connection.answered = 0;
    }
  }

  /** Everything since the last `clear`, as latin1. */
  received(): string {
    return [...this.#connections].map(({ text }) => text).join('');
  }

  /** How many requests have been whole since then, as somebody reads them who takes everything. */
  requests(): number {
    return [...this.#connections].reduce((sum, { answered }) => sum + answered, 0);
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  #take(socket: net.Socket): void {
    const connection = { text: '', answered: 0 };
    this.#connections.add(connection);
    socket.on('data', (chunk: Buffer) => {
      connection.text += chunk.toString('latin1');
      const whole = countRequests(connection.text);
      for (; connection.answered < whole; connection.answered++) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
  }
}

/** Counts requests that are whole, taking every line end, every framing. */
function countRequests(text: string): number {
  let count = 0;
  let rest = text;
  for (;;) {
    const head = /^(?:\r?\n)*[^\n]+\n(?:[^\n]*[^\r\n][^\n]*\n)*\r?\n/.exec(rest)?.[0];
    if (head === undefined) return count;
    const end = head.length + bodyLength(head, rest.slice(head.length));
    if (!(end <= rest.length)) return count;
    count++;
    rest = rest.slice(end);
  }
}

/** Returns how long the body is; NaN where it is not whole. */
function bodyLength(head: string, behind: string): number {
  if (/^transfer-encoding[ \t]*:.*chunked/im.test(head)) {
    const last = /(?:^|\n)0+[^\n]*\r?\n(?:[^\n]*[^\r\n][^\n]*\n)*\r?\n/.exec(behind);
    return last === null ? Number.NaN : last.index + last[0].length;
  }
  const length = Number(/^content-length[ \t]*:[ \t]*\+?(\d+)/im.exec(head)?.[1] ?? 0);
  return length <= behind.length ? length : Number.NaN;
}
