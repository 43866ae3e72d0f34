import type net from 'node:net';
import tls, { type SecureContext, type TLSSocket } from 'node:tls';
import { newBytes } from './node-bytes.ts';
import { SocketWire } from './socket-wire.ts';
import type { WireUser } from './wire.ts';

/**
 * Wires that speak TLS: on Node's own TLS sockets, which encrypt and copy what they are given
 * before `write` returns.
 *
 * They read into one buffer, as plain ones do (handle-wire.ts). Of a connection that we open
 * that is public API (`onread`). A socket that TLS is put around takes no such option, so it
 * is given afterwards what the option would have given it; where it is not what we know,
 * Node's 'data' events do the same work more slowly.
 */
const shared = newBytes(64 * 1024);

/** What TLS needs to know of the other side of a connection that we open. */
export interface SecureDestination {
  readonly host: string;
  readonly port: number;
  readonly context: SecureContext;
  /** What is asked for and looked for in the certificate; '' where `host` is the address it names. */
  readonly serverName: string;
  /** Whether the certificate's chain and name are checked. */
  readonly verify: boolean;
  /** Of an earlier connection under the same settings. */
  readonly session: Buffer | undefined;
  /** The other side can be reached: what goes wrong from here on is a matter of TLS. */
  readonly reached: () => void;
  /** What a later connection may resume. */
  readonly resumable: (session: Buffer) => void;
}

/** Opens a connection that may be used once TLS is agreed. */
export function connectSecurely(
  to: SecureDestination,
  user: WireUser,
  borrows: boolean,
): SocketWire {
  let wire: SocketWire | undefined;
  const options: tls.ConnectionOptions & net.TcpNetConnectOpts = {
    host: to.host,
    port: to.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    allowHalfOpen: true,
    secureContext: to.context,
    servername: to.serverName,
    // Said in any case: an environment variable would be believed otherwise.
    rejectUnauthorized: to.verify,
    ALPNProtocols: ['http/1.1'],
  };
  if (to.session !== undefined) options.session = to.session;
  if (borrows) {
    options.onread = {
      buffer: shared,
      callback: (bytes) => wire?.received(shared, bytes) ?? true,
    };
  }
  const socket = tls.connect(options);
  socket.on('connect', to.reached);
  socket.on('session', to.resumable);
  // Its own throws: only a socket whose handle is TCP can be reset.
  socket.resetAndDestroy = () => socket.destroy();
  wire = new SocketWire(socket);
  wire.begin(user, { openedOn: 'secureConnect', hasReader: borrows });
  return wire;
}

/** Begins to read an accepted socket, whose handshake has just ended, for a user. */
export function beginSecurely(
  wire: SocketWire,
  socket: TLSSocket,
  user: WireUser,
  borrows: boolean,
): void {
  wire.begin(user, { hasReader: borrows && borrowReads(socket, wire) });
}

/** Where a socket keeps what the option `onread` gave it: buffer, callback, next buffer. */
const onreadSymbols = ['kBuffer', 'kBufferCb', 'kBufferGen'] as const;

/** The symbols of this Node; none where they are not what we know. All sockets have the same. */
let known: readonly symbol[] | undefined;

function symbolsIn(socket: TLSSocket): readonly symbol[] {
  const own = Object.getOwnPropertySymbols(socket);
  const found = onreadSymbols.map((name) => own.find(({ description }) => description === name));
  return found.every((symbol) => symbol !== undefined) ? found : [];
}

interface SecureHandle {
  useUserBuffer(buffer: Uint8Array): void;
}

function handleOf(socket: TLSSocket): SecureHandle | undefined {
  const handle = (socket as unknown as { _handle?: SecureHandle })._handle;
  return typeof handle?.useUserBuffer === 'function' ? handle : undefined;
}

/** Makes a socket read into the shared buffer. Returns whether it could. */
function borrowReads(socket: TLSSocket, wire: SocketWire): boolean {
  known ??= symbolsIn(socket);
  const [buffer, callback, next] = known;
  const handle = handleOf(socket);
  const isKnown = buffer !== undefined && callback !== undefined && next !== undefined;
  if (!isKnown || handle === undefined || socket.readableLength > 0) return false;
  Object.assign(socket, {
    [buffer]: shared,
    [callback]: (bytes: number) => wire.received(shared, bytes),
    [next]: null,
  });
  handle.useUserBuffer(shared);
  return true;
}
