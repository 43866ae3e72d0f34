import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** What Node's own parser made of the bytes on one connection. */
export interface Received {
  readonly requests: { method: string; url: string; fields: readonly string[]; body: string }[];
  /** The parser refused them. */
  refused: boolean;
}

/** Starts a node:http server that tells what each of its connections received. */
export async function nodeOrigin() {
  const byPort = new Map<number | undefined, Received>();
  const server = createServer();
  const of = (port: number | undefined) => byPort.get(port) ?? { requests: [], refused: false };
  server.on('connection', (socket) =>
    byPort.set(socket.remotePort, { requests: [], refused: false }),
  );
  server.on('request', async (request: IncomingMessage, response) => {
    const { socket, method = '', url = '', rawHeaders } = request;
    const received = of(socket.remotePort);
    const read = { method, url, fields: rawHeaders, body: '' };
    received.requests.push(read);
    request.setEncoding('latin1');
    try {
      for await (const part of request) read.body += part;
    } catch {
      // Its end never came, or what came was refused.
      received.requests.splice(received.requests.indexOf(read), 1);
      return;
    }
    response.end();
  });
  server.on('clientError', (_, socket) => {
    const { remotePort } = socket as typeof socket & { remotePort: number };
    of(remotePort).refused = true;
    socket.destroy();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;

  /** Sends bytes and ends the connection; returns what was received on it. */
  async function send(text: string): Promise<Received> {
    const socket = connect({ port, host: '127.0.0.1' });
    await new Promise<void>((connected) => socket.on('connect', connected));
    const { localPort } = socket;
    socket.on('error', () => {});
    socket.end(text, 'latin1');
    socket.resume();
    await new Promise<void>((closed) => socket.on('close', () => closed()));
    return of(localPort);
  }

  return { send, close: () => server.close() };
}
