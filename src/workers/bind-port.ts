import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';

/**
 * A port that is bound and held open, but on which this process accepts nothing.
 *
 * Its workers listen on it through its file descriptor. As long as it is open here, connections
 * wait in its queue even while no worker is there to accept them.
 */
export interface BoundPort {
  readonly address: string;
  readonly port: number;
  readonly fd: number;
  /** Leaves the port to whoever else has it open. May be called more than once. */
  readonly close: () => void;
}

/** Rejects as `net.Server` does: EADDRINUSE, EACCES, with the port. */
export async function bindPort(to: {
  readonly host: string;
  readonly port: number;
}): Promise<BoundPort> {
  const { address: host, family } = await lookup(to.host);
  // Public since Node 26.4; before, what node:cluster itself is made with.
  const bound =
    'BoundSocket' in net ? bindBySocket(host, to.port) : bindByHandle(host, to.port, family);
  if (bound.fd >= 0) return bound;
  bound.close();
  throw new Error('this system has no file descriptors of sockets: use one worker');
}

/** For a numeric address. */
export function bindBySocket(host: string, port: number): BoundPort {
  try {
    const socket = new net.BoundSocket({ host, port });
    const { address, port: actual } = socket.address();
    return { address, port: actual, fd: socket.fd(), close: () => socket[Symbol.dispose]() };
  } catch (error) {
    throw Object.assign(error as Error, { port });
  }
}

/** The part of a handle of node:net that we rely on. */
interface Handle {
  readonly fd: number;
  getsockname(out: { address?: string; port?: number }): number;
  close(): void;
}

/** The same on a Node that has no such class. */
export function bindByHandle(host: string, port: number, family: number): BoundPort {
  // The types know no such function: what is there is looked at first.
  const { _createServerHandle: create } = net as unknown as {
    readonly _createServerHandle?: (host: string, port: number, family: number) => Handle | number;
  };
  if (create === undefined) throw new Error('this Node cannot share a port: use one worker');
  const handle = create(host, port, family);
  if (typeof handle === 'number') throw listenError(handle, host, port);
  const out: { address?: string; port?: number } = {};
  // A port that is taken shows only now.
  const trouble = handle.getsockname(out);
  if (trouble === 0 && (port === 0 || out.port === port)) {
    const { address = host, port: actual = port } = out;
    return { address, port: actual, fd: handle.fd, close: () => handle.close() };
  }
  handle.close();
  throw listenError(trouble, host, port);
}

function listenError(errno: number, host: string, port: number): Error {
  const code = errno === 0 ? 'EADDRINUSE' : getSystemErrorName(errno);
  return Object.assign(new Error(`bind ${code} ${host}:${port}`), { code, port });
}
