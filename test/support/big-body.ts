import type net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** More than the system takes before anybody has read. */
export const wholeBytes = 64 * 1024 * 1024;
/** A period that divides no buffer's size, so that a byte of another place is seen. */
export const pattern = Buffer.from(Array.from({ length: 251 * 4_096 }, (_, at) => at % 251));

/** Writes the pattern over and over, `wholeBytes` in all, as fast as the socket takes it. */
export async function writePattern(socket: net.Socket): Promise<void> {
  for (let sent = 0; sent < wholeBytes; sent += pattern.length) {
    const part = pattern.subarray(0, Math.min(pattern.length, wholeBytes - sent));
    if (!socket.write(part)) await new Promise((resolve) => socket.once('drain', resolve));
  }
}

/** Waits until a writer has got nothing off for a while; returns what it has written. */
export async function stalled(socket: net.Socket): Promise<number> {
  const taken = () => socket.bytesWritten - socket.writableLength;
  for (let before = -1, quiet = 0; quiet < 10; ) {
    quiet = taken() === before ? quiet + 1 : 0;
    before = taken();
    await wait(20);
  }
  return taken();
}
