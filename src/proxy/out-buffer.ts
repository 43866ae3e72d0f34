import { type NodeBytes, newBytes } from './node-bytes.ts';
import type { Wire } from './wire.ts';

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

let current = newBytes(outBytes);
/** What was sent last: the next message is often as long, and a view costs as much as a copy. */
let sent = current;
let sentFrom = current;
const free: NodeBytes[] = [];

/** Returns the buffer to write into; call again after each `send`. */
export function outBuffer(): NodeBytes {
  return current;
}

/** Sends the first `end` bytes of the out buffer. Returns false if the connection wants a pause. */
export function send(wire: Wire, end: number): boolean {
  if (sent.length !== end || sentFrom !== current) {
    sent = current.subarray(0, end) as NodeBytes;
    sentFrom = current;
  }
  const goOn = wire.write(sent);
  if (wire.keepsBytes) lend(wire);
  return goOn;
}

function lend(wire: Wire): void {
  const lent = current;
  current = free.pop() ?? newBytes(outBytes);
  wire.whenTaken(() => {
    if (free.length < keptFree) free.push(lent);
  });
}
