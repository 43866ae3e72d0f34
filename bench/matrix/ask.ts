import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { RecordingOrigin } from './recording-origin.ts';

/** What became of a request. */
export interface Outcome {
  /** What the client got, as latin1. */
  readonly answer: string;
  /** What the origin got. */
  readonly forwarded: string;
  /** Requests that were whole at the origin. */
  readonly requests: number;
}

/** So long nothing more must have come, on either side, before it counts as over. */
const quietMs = 250;
const mostMs = 3_000;

/** Sends bytes on a connection of their own and waits until nothing happens any more. */
export async function ask(port: number, text: string, origin: RecordingOrigin): Promise<Outcome> {
  origin.clear();
  let answer = '';
  const socket = net.connect(port, '127.0.0.1');
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(text, 'latin1');
  const startedAt = performance.now();
  let changedAt = startedAt;
  for (let before = 0; ; ) {
    await wait(10);
    const now = performance.now();
    const seen = answer.length + origin.received().length;
    if (seen !== before) changedAt = now;
    before = seen;
    if (now - changedAt > quietMs && (seen > 0 || now - startedAt > mostMs)) break;
  }
  socket.destroy();
  return { answer, forwarded: origin.received(), requests: origin.requests() };
}
