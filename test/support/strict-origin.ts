import net from 'node:net';
import { type CanonicalRequest, readCanonical } from './canonical-request.ts';

/** A request that an origin has read, and from whom. */
export interface Counted extends CanonicalRequest {
  /** What X-Forwarded-For says. */
  readonly client: string;
}

export interface StrictOrigin {
  readonly url: string;
  readonly port: number;
  /** All requests, in the order in which they became whole. */
  readonly requests: Counted[];
  /** What came that is not of the one form that Turnout writes. */
  readonly malformed: string[];
  /** What came of requests that never became whole, once their connections have ended. */
  readonly unfinished: string[];
  /** Connections there have been, and that are open. */
  readonly connections: () => number;
  readonly open: () => number;
  readonly close: () => Promise<void>;
}

/** The same for every method. */
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** Starts an origin that counts: it reads every byte by one strict grammar, and answers 200. */
export async function strictOrigin(): Promise<StrictOrigin> {
  const requests: Counted[] = [];
  const malformed: string[] = [];
  const unfinished: string[] = [];
  const sockets = new Set<net.Socket>();
  let connections = 0;

  /** Takes what is whole; returns the rest. */
  function take(text: string, socket: net.Socket): string {
    let at = 0;
    for (;;) {
      const reading = readCanonical(text, at);
      if (reading.kind === 'more') return text.slice(at);
      if (reading.kind === 'malformed') {
        malformed.push(`${reading.why} in ${JSON.stringify(text.slice(at))}`);
        socket.destroy();
        return '';
      }
      at = reading.end;
      requests.push({ ...reading.request, client: clientOf(reading.request) });
      socket.write(ok);
    }
  }

  const server = net.createServer({ noDelay: true }, (socket) => {
    connections++;
    sockets.add(socket);
    let left = '';
    socket.on('data', (chunk: Buffer) => {
      left = take(left + chunk.toString('latin1'), socket);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      if (left !== '') unfinished.push(left);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    malformed,
    unfinished,
    connections: () => connections,
    open: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function clientOf({ fields }: CanonicalRequest): string {
  const at = fields.lastIndexOf('X-Forwarded-For');
  return at < 0 ? '' : (fields[at + 1] ?? '');
}
