import net from 'node:net';
import tls from 'node:tls';

/** A connection that an origin has been given. */
export interface OriginConnection {
  readonly socket: net.Socket;
  /** All bytes received on it, as latin1 text. */
  received: string;
  isEnded: boolean;
  isClosed: boolean;
}

/** An upstream that answers bytes with bytes, so that a test can make it do anything. */
export interface RawOrigin {
  readonly url: string;
  readonly port: number;
  readonly connections: OriginConnection[];
  /** Waits until `holds` of what the origin has seen. */
  until(holds: (connections: readonly OriginConnection[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts an origin; `onData` is called with each connection when bytes have come, and
 * may write to its socket. With `secure` it speaks TLS. It takes any free port of 127.0.0.1,
 * unless it is told `at` which.
 */
export async function rawOrigin(
  onData: (connection: OriginConnection, all: readonly OriginConnection[]) => void,
  secure?: tls.TlsOptions,
  at: { readonly host?: string; readonly port?: number } = {},
): Promise<RawOrigin> {
  const { host = '127.0.0.1' } = at;
  const connections: OriginConnection[] = [];
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const look of [...waiting]) look();
  };
  const halfOpen = { allowHalfOpen: true, noDelay: true };
  const taken = (socket: net.Socket) => {
    const connection = { socket, received: '', isEnded: false, isClosed: false };
    connections.push(connection);
    socket.on('data', (chunk: Buffer) => {
      connection.received += chunk.toString('latin1');
      onData(connection, connections);
      changed();
    });
    socket.on('end', () => {
      connection.isEnded = true;
      socket.end();
      changed();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      connection.isClosed = true;
      changed();
    });
    changed();
  };
  const server =
    secure === undefined
      ? net.createServer(halfOpen, taken)
      : tls.createServer({ ...secure, ...halfOpen }, taken);
  // With TLS a connection whose handshake failed is in no list but this one.
  const accepted = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => accepted.add(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(at.port ?? 0, host, resolve);
  });
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `http${secure === undefined ? '' : 's'}://${host}:${port}`,
    port,
    connections,
    until: (holds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the origin waited 10 s')), 10_000);
        const look = () => {
          if (!holds(connections)) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of accepted) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Answers each request without a body by `answer`; requests are told apart by their blank line. */
export function answering(answer: string | ((head: string) => string)) {
  const answered = new WeakMap<OriginConnection, number>();
  return (connection: OriginConnection): void => {
    for (;;) {
      const from = answered.get(connection) ?? 0;
      const end = connection.received.indexOf('\r\n\r\n', from);
      if (end < 0) return;
      answered.set(connection, end + 4);
      const head = connection.received.slice(from, end + 4);
      connection.socket.write(typeof answer === 'string' ? answer : answer(head), 'latin1');
    }
  };
}

/** A response with a body of known length. */
export function response(body: string, status = '200 OK', lines = ''): string {
  return `HTTP/1.1 ${status}\r\n${lines}Content-Length: ${body.length}\r\n\r\n${body}`;
}
