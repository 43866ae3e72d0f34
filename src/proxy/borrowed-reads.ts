import type { Server, SocketConstructorOpts } from 'node:net';
import net from 'node:net';
import { type NodeBytes, newBytes } from './node-bytes.ts';

/**
 * The one file that knows two ways of reading.
 *
 * Borrowed: all sockets read into one buffer of the process, whose bytes are good only
 * until the callback returns. A request then costs no buffer and no 'data' event, which
 * is most of what a Node proxy costs otherwise (bench/README.md). For sockets that we
 * open, `onread` is public API. Accepted sockets get it only by being built around the
 * handle that the server was given, which is not: so its shape is looked at first, and
 * where it is not what we know, 'data' events do the same work more slowly.
 */

/** Takes what a socket received: bytes from 0 to `end` of `buffer`, good until it returns. */
export interface Reader {
  /** Returns false to stop reading; `socket.resume()` goes on. */
  read(buffer: NodeBytes, end: number): boolean;
}

/** How sockets are read: see above. */
export type ReadingBy = 'borrowed' | 'events';

const readBufferBytes = 64 * 1024;
const shared = newBytes(readBufferBytes);

/** What `onread` wants: the buffer at first, and then `undefined` for "the same again". */
function onreadFor(readerOf: () => Reader | undefined) {
  let given = false;
  return {
    buffer: () => {
      if (given) return undefined as unknown as Uint8Array;
      given = true;
      return shared;
    },
    callback: (bytes: number) => readerOf()?.read(shared, bytes) ?? true,
  };
}

function readByEvents(socket: net.Socket, reader: Reader): void {
  socket.on('data', (chunk: Buffer) => {
    // A chunk may be larger than the shared buffer; what is built on reads counts on its size.
    for (let at = 0; at < chunk.length; at += readBufferBytes) {
      const part = chunk.subarray(at, at + readBufferBytes) as NodeBytes;
      if (!reader.read(part, part.length)) socket.pause();
    }
  });
}

/** Opens a connection whose reads go to `reader`. */
export function connect(
  to: { readonly host: string; readonly port: number },
  reader: Reader,
  wish: ReadingBy,
): net.Socket {
  const options: net.TcpNetConnectOpts = {
    host: to.host,
    port: to.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    allowHalfOpen: true,
  };
  if (wish === 'borrowed') options.onread = onreadFor(() => reader);
  const socket = net.connect(options);
  if (wish === 'events') readByEvents(socket, reader);
  return socket;
}

/** The part of a server's handle that we rely on. */
interface ListenHandle {
  onconnection: (error: number, handle: AcceptedHandle | undefined) => void;
}
interface AcceptedHandle {
  readonly useUserBuffer: unknown;
  readonly readStart: unknown;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean, seconds: number): void;
  close(): void;
}

function listenHandle(server: Server): ListenHandle | undefined {
  const handle = (server as unknown as { _handle?: ListenHandle })._handle;
  return typeof handle?.onconnection === 'function' ? handle : undefined;
}

function isAcceptedHandle(handle: AcceptedHandle | undefined): handle is AcceptedHandle {
  return typeof handle?.useUserBuffer === 'function' && typeof handle.readStart === 'function';
}

/**
 * Makes a listening `server` hand its connections to `accept`, which returns the reader
 * of the socket. Returns which way of reading is in use.
 */
export function acceptConnections(
  server: Server,
  accept: (socket: net.Socket) => Reader,
  wish: ReadingBy,
): ReadingBy {
  server.on('connection', (socket) => readByEvents(socket, accept(socket)));
  const handle = listenHandle(server);
  if (wish === 'events' || handle === undefined) return 'events';

  const standard = handle.onconnection;
  handle.onconnection = function onconnection(error, accepted) {
    if (error !== 0 || !isAcceptedHandle(accepted)) {
      standard.call(this, error, accepted);
      return;
    }
    let reader: Reader | undefined;
    // The types know no such handle: it is how net itself builds an accepted socket.
    const options = {
      handle: accepted,
      allowHalfOpen: true,
      readable: true,
      writable: true,
      onread: onreadFor(() => reader),
    } as unknown as SocketConstructorOpts;
    accepted.setNoDelay(true);
    accepted.setKeepAlive(true, 60);
    reader = accept(new net.Socket(options));
  };
  return 'borrowed';
}
