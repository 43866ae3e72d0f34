import { createServer, type IncomingMessage, METHODS, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A request as Node's parser reads it. */
export interface NodeRequest {
  readonly method: string;
  readonly target: string;
  /** Names and values in turns, as they came. */
  readonly fields: readonly string[];
  body: string;
  trailers: readonly string[];
  /** Its end has come. */
  isWhole: boolean;
}

export interface ReadByNode {
  readonly requests: readonly NodeRequest[];
  /** Why Node would not read on; '' if it read everything. */
  readonly refusal: string;
}

const known: ReadonlySet<string> = new Set(METHODS);

/** Whether Node knows a method: of others it refuses every request. */
export function isKnownToNode(method: string): boolean {
  return known.has(method);
}

/** The server's side of a connection on which everything has come already. Answers go nowhere. */
class Received extends Duplex {
  constructor(bytes: Buffer) {
    super({ allowHalfOpen: true });
    this.push(bytes);
    // Were the end there at once, a message that is cut off would take those before it along.
    setImmediate(() => this.push(null));
  }

  override _read(): void {}

  override _write(_bytes: Buffer, _encoding: string, done: () => void): void {
    done();
  }

  /** What Node's server asks of a socket, beside being a stream. */
  setTimeout(): this {
    return this;
  }
}

interface Read {
  readonly requests: NodeRequest[];
  refusal: string;
}

/**
 * Returns a reader of requests: Node's own HTTP server, over connections that are no sockets.
 * It is the parser that most services behind a Node proxy have.
 */
export function nodeReader(): (bytes: Buffer) => Promise<ReadByNode> {
  const readings = new WeakMap<object, Read>();
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 0, requestTimeout: 0 });
  const take = (request: IncomingMessage, response: ServerResponse) => {
    const read: NodeRequest = {
      method: request.method ?? '',
      target: request.url ?? '',
      fields: request.rawHeaders,
      body: '',
      trailers: [],
      isWhole: false,
    };
    readings.get(request.socket)?.requests.push(read);
    request.on('data', (bytes: Buffer) => {
      read.body += bytes.toString('latin1');
    });
    request.on('end', () => {
      read.isWhole = true;
      read.trailers = request.rawTrailers;
      response.end();
    });
    // It was cut off: what there is stands in `read`.
    request.on('error', () => {});
  };
  server.on('request', take);
  server.on('checkContinue', take);
  server.on('checkExpectation', take);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const reading = readings.get(socket);
    // A stream that ends within a message is not refused, only short.
    if (reading !== undefined) reading.refusal = error.code ?? error.message;
    socket.destroy();
  });

  return (bytes) =>
    new Promise((resolve) => {
      const connection = new Received(bytes);
      const reading: Read = { requests: [], refusal: '' };
      readings.set(connection, reading);
      connection.on('close', () => resolve(reading));
      server.emit('connection', connection as unknown as Socket);
    });
}
