import type { Server } from 'node:net';
import { getSystemErrorMap } from 'node:util';

/**
 * The one file that knows what Node does not document: the handles below `net.Socket`.
 *
 * They are what makes a connection cheap (bench/README.md): no stream, no event, and reads
 * into a buffer of ours. Their shape has been the same since Node 12 but for `writeBuffer`,
 * which once took a request object and now makes one itself. Everything is looked at before
 * it is used; where it is not what we know, `tcpHandles` is undefined and Node's own sockets
 * do the same work more slowly.
 */

/** An open TCP socket. Numbers returned are 0 or the system's error below 0. */
export interface TcpHandle {
  /** Called with what was received; see `HandlesOfNode.received`. */
  onread: (this: TcpHandle) => void;
  readonly writeQueueSize: number;
  readonly bytesWritten: number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: WriteRequest | null, bytes: Uint8Array): number | WriteRequest;
  shutdown(request: ShutdownRequest): number;
  close(): void;
  reset(): number;
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  getpeername(into: { address?: string }): number;
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, seconds: number): number;
}

export interface WriteRequest {
  oncomplete: (status: number) => void;
  /** Where it was already over before anybody could listen. */
  writeStatus?: number | null;
  /** Ours: what waits for the end of this write. */
  whenOver?: () => void;
}
interface ShutdownRequest {
  oncomplete: () => void;
}
interface ConnectRequest {
  oncomplete: (status: number) => void;
}

interface Bindings {
  readonly stream: {
    readonly streamBaseState: Int32Array;
    readonly kReadBytesOrError: number;
    readonly kLastWriteWasAsync: number;
    readonly WriteWrap: new () => WriteRequest;
    readonly ShutdownWrap: new () => ShutdownRequest;
  };
  readonly tcp: {
    readonly TCP: (new (kind: number) => TcpHandle) & { readonly prototype: TcpHandle };
    readonly TCPConnectWrap: new () => ConnectRequest;
    readonly constants: { readonly SOCKET: number };
  };
  /** Node's own source of what writes. */
  readonly writer: string;
}

/** What Node can do with handles here. */
export interface TcpHandles {
  /** Returns a socket that is not connected yet. */
  open(): TcpHandle;
  /** Returns the bytes of the read being reported, or the system's error below 0. */
  received(): number;
  /** Returns 0 where all was taken, an error below 0, or the request that is under way. */
  write(handle: TcpHandle, bytes: Uint8Array): number | WriteRequest;
  /** Calls `done` when what was written is sent, and FIN behind it. */
  shutdown(handle: TcpHandle, done: () => void): void;
  /** Calls `done` with 0 or an error below 0, never before it returns. */
  connect(handle: TcpHandle, address: string, port: number, done: (status: number) => void): void;
  /** Hands every connection of a listening server to `accept`. Returns whether it could. */
  accept(server: Server, accept: (handle: TcpHandle) => void): boolean;
}

const systemErrors = getSystemErrorMap();

/** What a read reports when the other side has sent its FIN. */
export const endOfFile = [...systemErrors].find(([, [name]]) => name === 'EOF')?.[0] ?? -4_095;

/** Returns the system's name of an error: `ECONNRESET`. */
export function errorName(status: number): string {
  return systemErrors.get(status)?.[0] ?? `error ${status}`;
}

const methods = [
  'useUserBuffer',
  'readStart',
  'readStop',
  'writeBuffer',
  'shutdown',
  'close',
  'reset',
  'connect',
  'connect6',
  'getpeername',
  'setNoDelay',
  'setKeepAlive',
] as const satisfies readonly (keyof TcpHandle)[];

/** Node names no type for it, and some ways of running Node take it away. */
function bindings(): Bindings | undefined {
  const { binding } = process as unknown as { binding?: (name: string) => unknown };
  if (binding === undefined) return undefined;
  try {
    const natives = binding('natives') as Record<string, string | undefined>;
    return {
      stream: binding('stream_wrap') as Bindings['stream'],
      tcp: binding('tcp_wrap') as Bindings['tcp'],
      writer: natives['internal/stream_base_commons'] ?? '',
    };
  } catch {
    return undefined;
  }
}

function isKnown({ stream, tcp, writer }: Bindings): boolean {
  return (
    stream.streamBaseState instanceof Int32Array &&
    Number.isInteger(stream.kReadBytesOrError) &&
    Number.isInteger(stream.kLastWriteWasAsync) &&
    [stream.WriteWrap, stream.ShutdownWrap, tcp.TCP, tcp.TCPConnectWrap].every(
      (made) => typeof made === 'function',
    ) &&
    Number.isInteger(tcp.constants.SOCKET) &&
    methods.every((name) => typeof tcp.TCP.prototype[name] === 'function') &&
    /handle\.writeBuffer\((?:null|req), /.test(writer)
  );
}

function handlesOf({ stream, tcp, writer }: Bindings): TcpHandles {
  const { streamBaseState: state, kReadBytesOrError, kLastWriteWasAsync } = stream;
  const makesRequests = writer.includes('handle.writeBuffer(null, ');
  return {
    open: () => new tcp.TCP(tcp.constants.SOCKET),
    received: () => state[kReadBytesOrError] as number,
    write: makesRequests
      ? (handle, bytes) => handle.writeBuffer(null, bytes)
      : (handle, bytes) => {
          const request = new stream.WriteWrap();
          const error = handle.writeBuffer(request, bytes);
          return error === 0 && state[kLastWriteWasAsync] !== 0 ? request : error;
        },
    shutdown: (handle, done) => {
      const request = new stream.ShutdownWrap();
      request.oncomplete = done;
      if (handle.shutdown(request) !== 0) process.nextTick(done);
    },
    connect: (handle, address, port, done) => {
      const request = new tcp.TCPConnectWrap();
      request.oncomplete = done;
      const error = address.includes(':')
        ? handle.connect6(request, address, port)
        : handle.connect(request, address, port);
      if (error !== 0) process.nextTick(done, error);
    },
    accept: acceptHandles,
  };
}

/** The part of a server's handle that we rely on. */
interface ListenHandle {
  onconnection: (error: number, handle: TcpHandle | undefined) => void;
  setNoDelay?: (on: boolean) => number;
  setKeepAlive?: (on: boolean, seconds: number) => number;
}

function acceptHandles(server: Server, accept: (handle: TcpHandle) => void): boolean {
  const { _handle: listening } = server as unknown as { _handle?: ListenHandle };
  if (typeof listening?.onconnection !== 'function') return false;
  // Linux gives accepted sockets what their listener was told: five calls fewer for each.
  const isInherited =
    process.platform === 'linux' &&
    listening.setNoDelay?.(true) === 0 &&
    listening.setKeepAlive?.(true, 60) === 0;
  const standard = listening.onconnection;
  listening.onconnection = function onconnection(error, handle) {
    if (error !== 0 || typeof handle?.useUserBuffer !== 'function') {
      standard.call(this, error, handle);
      return;
    }
    if (!isInherited) {
      handle.setNoDelay(true);
      handle.setKeepAlive(true, 60);
    }
    accept(handle);
  };
  return true;
}

const found = bindings();

/** What Node can do with handles; undefined where it is not what we know. */
export const tcpHandles: TcpHandles | undefined =
  found !== undefined && isKnown(found) ? handlesOf(found) : undefined;
