import type WebSocket from 'ws';

/** The same numbers at each run: pseudo-random, by a linear congruence. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 7) % below;
  };
}

export const messages = 1_000;

/** Message `index` of a stream: its length and its bytes follow from both numbers. */
function messageAt(stream: number, index: number): Buffer {
  const next = numbers(stream * 100_003 + index);
  const length = next(10) === 0 ? next(200_000) : next(5_000);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(next(2 ** 25), at);
  return bytes;
}

/** Sends a stream of messages and takes the other one, with pauses; resolves with how many were right. */
export function talk(socket: WebSocket, sends: number, takes: number): Promise<number> {
  const next = numbers(sends + 77);
  return new Promise((resolve, reject) => {
    let taken = 0;
    let right = 0;
    socket.on('message', (data: Buffer) => {
      if (data.equals(messageAt(takes, taken))) right++;
      if (++taken === messages) resolve(right);
      if (next(20) > 0) return;
      socket.pause();
      setTimeout(() => socket.resume(), next(20));
    });
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`closed with ${code} after ${taken}`)));
    const sendFrom = (index: number) => {
      if (index === messages) return;
      socket.send(messageAt(sends, index), { binary: true });
      if (next(20) > 0) setImmediate(sendFrom, index + 1);
      else setTimeout(sendFrom, next(20), index + 1);
    };
    sendFrom(0);
  });
}
