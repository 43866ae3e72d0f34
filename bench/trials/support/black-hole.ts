import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { startChild } from './children.ts';
import { freePort } from './free-port.ts';

const listenOnly = `require('node:net').createServer()
  .listen({ port: Number(process.argv[1]), host: '127.0.0.1', backlog: 1 }, () => console.log('listens'));`;
const fillersMost = 16;

/** Whether a connection comes about in time; it is kept. */
function connects(port: number, kept: net.Socket[]): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  kept.push(socket);
  return Promise.race([
    new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true))),
    wait(300, false),
  ]);
}

/**
 * Returns a port at which connections neither come about nor fail: a process that has stopped
 * with its queue full, so that the system drops whoever knocks.
 */
export async function blackHole(after: (act: () => void) => void): Promise<number> {
  const port = await freePort();
  const child = startChild(['-e', listenOnly, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  child.kill('SIGSTOP');
  const kept: net.Socket[] = [];
  after(() => {
    for (const socket of kept) socket.destroy();
  });
  for (let count = 0; count < fillersMost; count++) {
    if (!(await connects(port, kept))) return port;
  }
  throw new Error('the queue of a stopped process does not fill up');
}
