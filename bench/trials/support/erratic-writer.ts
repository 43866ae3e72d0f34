import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { piece } from './known-bytes.ts';

/** How often, of a hundred pieces, one is paused before; and how large pieces are at most. */
const pausePercent = 4;
const pieceMost = 300_000;

/** Most pauses are short; some last until every buffer on the way is full. */
function pauseMs(): number {
  return Math.random() ** 4 * 300;
}

/** Resolves when a socket wants more, or is gone. */
export function writable(socket: Socket): Promise<void> {
  if (!socket.writableNeedDrain || socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}

/** Writes a known body in pieces of any size, with pauses, as chunks or plain. */
export async function writeErratically(
  socket: Socket,
  body: { readonly place: number; readonly length: number; readonly isChunked: boolean },
): Promise<void> {
  for (let at = 0; at < body.length && !socket.destroyed; ) {
    const wanted = Math.min(body.length - at, 1 + Math.floor(Math.random() ** 3 * pieceMost));
    const bytes = piece(body.place, at, wanted);
    if (body.isChunked) socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
    socket.write(bytes);
    if (body.isChunked) socket.write('\r\n', 'latin1');
    at += bytes.length;
    await writable(socket);
    if (Math.random() * 100 < pausePercent) await wait(pauseMs());
  }
  if (body.isChunked) socket.write('0\r\n\r\n', 'latin1');
}

/** Makes a socket's reader pause now and then. */
export function readErratically(socket: Socket): void {
  let timer: NodeJS.Timeout | undefined;
  socket.on('data', () => {
    if (timer !== undefined || Math.random() * 100 >= pausePercent) return;
    socket.pause();
    timer = setTimeout(() => {
      timer = undefined;
      socket.resume();
    }, pauseMs());
  });
}
