import type { Socket } from 'node:net';
import { type NodeBytes, newBytes } from './node-bytes.ts';

/**
 * Where messages are put together before they are sent.
 *
 * One buffer serves all connections, because nearly every write is taken by the kernel
 * at once. A write that is not keeps pointing at the buffer: then the buffer is lent to
 * that socket, another one takes its place, and it comes back when the write is done.
 */

/** Room for a read (64 KiB), a head before it (32 KiB and what we add), and framing. */
const outBytes = 112 * 1024;
const keptFree = 64;
const nothing = Buffer.alloc(0);

let current = newBytes(outBytes);
const free: NodeBytes[] = [];

/** Returns the buffer to write into; call again after each `send`. */
export function outBuffer(): NodeBytes {
  return current;
}

/** Sends the first `end` bytes of the out buffer. Returns false if the socket wants a pause. */
export function send(socket: Socket, end: number): boolean {
  const goOn = socket.write(current.subarray(0, end));
  if (socket.writableLength > 0) lend(socket);
  return goOn;
}

function lend(socket: Socket): void {
  const lent = current;
  current = free.pop() ?? newBytes(outBytes);
  // An empty write ends when all writes before it have ended, well or badly.
  socket.write(nothing, () => {
    if (free.length < keptFree) free.push(lent);
  });
}
