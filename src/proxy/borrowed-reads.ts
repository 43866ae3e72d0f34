import net, { type Server } from 'node:net';
import { HandleWire } from './handle-wire.ts';
import { connectSecurely, type SecureDestination } from './secure-wire.ts';
import { SocketWire } from './socket-wire.ts';
import { tcpHandles } from './tcp-handles.ts';
import type { Wire, WireUser } from './wire.ts';

/**
 * How connections are read. Borrowed: into one buffer of the process, on the sockets' handles
 * (handle-wire.ts). Events: as Node's sockets do it, more slowly.
 */
export type ReadingBy = 'borrowed' | 'events';

/** Where a connection leads. */
export type Destination =
  | { readonly host: string; readonly port: number; readonly context?: never }
  | SecureDestination;

/** Opens a connection for a user. */
export function connect(to: Destination, user: WireUser, wish: ReadingBy): Wire {
  if (to.context !== undefined) return connectSecurely(to, user, wish === 'borrowed');
  const { host, port } = to;
  if (wish === 'borrowed' && tcpHandles !== undefined && net.isIP(host) !== 0) {
    return HandleWire.connect(tcpHandles, host, port, user);
  }
  const socket = net.connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    allowHalfOpen: true,
  });
  const wire = new SocketWire(socket);
  wire.begin(user, { openedOn: 'connect' });
  return wire;
}

/**
 * Makes a listening `server` hand its connections to `accept`, which returns the user of the
 * wire. Returns which way of reading is in use.
 */
export function acceptConnections(
  server: Server,
  accept: (wire: Wire) => WireUser | undefined,
  wish: ReadingBy,
): ReadingBy {
  server.on('connection', (socket) => {
    const wire = new SocketWire(socket);
    const user = accept(wire);
    if (user !== undefined) wire.begin(user);
  });
  const handles = tcpHandles;
  if (wish === 'events' || handles === undefined) return 'events';
  const isTaken = handles.accept(server, (handle) => {
    const wire = HandleWire.accepted(handles, handle);
    const user = accept(wire);
    if (user !== undefined) wire.begin(user);
  });
  return isTaken ? 'borrowed' : 'events';
}
