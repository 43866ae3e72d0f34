import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { piece } from './known-bytes.ts';
import { closeFrame, frameHead, opcode } from './websocket.ts';

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

/** What stands around each piece of a body, and at its end. */
export interface Wrapping {
  readonly before: (length: number) => Buffer;
  readonly after: Buffer;
  readonly last: Buffer;
}

const nothing = Buffer.alloc(0);
export const plain: Wrapping = { before: () => nothing, after: nothing, last: nothing };
export const inChunks: Wrapping = {
  before: (length) => Buffer.from(`${length.toString(16)}\r\n`, 'latin1'),
  after: Buffer.from('\r\n', 'latin1'),
  last: Buffer.from('0\r\n\r\n', 'latin1'),
};
/** Frames of a WebSocket, and a Close behind them. */
export const inFrames = (isMasked: boolean): Wrapping => ({
  before: (length) => frameHead(opcode.binary, length, isMasked),
  after: nothing,
  last: closeFrame(1_000, isMasked),
});

/** Writes a known body in pieces of any size, with pauses. */
export async function writeErratically(
  socket: Socket,
  body: { readonly place: number; readonly length: number },
  { before, after, last }: Wrapping,
): Promise<void> {
  for (let at = 0; at < body.length && !socket.destroyed; ) {
    const wanted = Math.min(body.length - at, 1 + Math.floor(Math.random() ** 3 * pieceMost));
    const bytes = piece(body.place, at, wanted);
    for (const part of [before(bytes.length), bytes, after])
      if (part.length > 0) socket.write(part);
    at += bytes.length;
    await writable(socket);
    if (Math.random() * 100 < pausePercent) await wait(pauseMs());
  }
  if (last.length > 0) socket.write(last);
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
