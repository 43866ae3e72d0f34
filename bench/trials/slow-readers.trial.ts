// How much memory do peers that read slowly take, and do they slow the others?
//
// Who sends as fast as it can, an upstream to its client or a client to its upstream, is read no
// faster than the other one reads: what lies in the proxy is bounded by its buffers, however
// large the body is.
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { GoodClients } from './support/good-clients.ts';
import { Endpoint } from './support/start-endpoint.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';

const bodyBytes = 50 * 1024 * 1024;
const goodBytes = 1_000;
const bytesPerTurn = 1_024;
const turnMs = 100;

const piece = Buffer.alloc(256 * 1024, 'x');
let sent = 0;

/** Sends a body of 50 MiB as fast as it is taken. */
function sendFast(socket: net.Socket, head: string): void {
  socket.write(`${head}Content-Length: ${bodyBytes}\r\n\r\n`, 'latin1');
  const send = () => {
    while (!socket.destroyed && socket.write(piece)) sent += piece.length;
    sent += piece.length;
  };
  socket.on('drain', send);
  send();
}

let read = 0;

/** Takes 10 KiB a second, and leaves the rest to the system. */
function readSlowly(socket: net.Socket): void {
  // Without a listener nothing is read but the first few bytes.
  socket.on('readable', () => {});
  const timer = setInterval(() => {
    read += (socket.read(bytesPerTurn) as Buffer | null)?.length ?? 0;
  }, turnMs);
  socket.on('close', () => clearInterval(timer));
}

/** A service that sends all of a body, and one that hardly takes one. */
async function startOrigins(run: Run, peers: net.Socket[]): Promise<readonly number[]> {
  const serve = async (take: (socket: net.Socket) => void) => {
    const server = net.createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {});
      peers.push(socket);
      take(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    run.after(() => server.close());
    return (server.address() as net.AddressInfo).port;
  };
  const download = (socket: net.Socket) =>
    socket.once('data', () => sendFast(socket, 'HTTP/1.1 200 OK\r\n'));
  return Promise.all([serve(download), serve(readSlowly)]);
}

function connect(port: number): net.Socket {
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  return socket;
}

await trial('slow-readers', 'how much memory do slow readers take?', async (run) => {
  const readers = run.pick(200, 50);
  const spanMs = run.pick(20_000, 4_000);
  const peers: net.Socket[] = [];
  const [down, up] = await startOrigins(run, peers);
  const endpoint = await Endpoint.start('v1');
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes:
  - { name: down, match: { path: /down }, versions: { v1: { url: "http://127.0.0.1:${down}" } } }
  - { name: up, match: { path: /up }, versions: { v1: { url: "http://127.0.0.1:${up}" } } }
  - { name: shop, versions: { v1: { url: "${endpoint.url}" } } }
`,
  });
  const good = new GoodClients(run, {
    port: turnout.port,
    perSecond: run.pick(500, 200),
    connections: 32,
    target: `/?bytes=${goodBytes}`,
    bytes: goodBytes,
  });
  await wait(spanMs / 2);
  await good.lap();
  await wait(spanMs / 2);
  const before = await good.lap();
  const residentBefore = turnout.resident();

  for (let index = 0; index < readers; index++) {
    const reading = connect(turnout.port);
    reading.write('GET /down HTTP/1.1\r\nHost: trial\r\n\r\n', 'latin1');
    readSlowly(reading);
    const sending = connect(turnout.port);
    sendFast(sending, 'POST /up HTTP/1.1\r\nHost: trial\r\n');
    peers.push(reading, sending);
  }
  await wait(spanMs / 4);
  await good.lap();
  let most = 0;
  for (let look = 0; look < 20; look++) {
    await wait(spanMs / 20);
    most = Math.max(most, turnout.resident());
  }
  const during = await good.lap();
  // Both sides: that a client has gone is not seen while nothing is read from it.
  for (const socket of peers) socket.destroy();
  const ending = await good.lap();
  await wait(spanMs / 2);
  const after = await good.stop();
  const laps = [before, during, ending, after];

  for (const { reasons } of laps) for (const reason of reasons) run.note(reason);
  run.did(
    `${readers} clients, and as many upstreams, that read 10 KiB a second of 50 MiB; ` +
      `${laps.reduce((sum, { count }) => sum + count, 0)} requests of others`,
  );
  const failed = laps.reduce((sum, lap) => sum + lap.failed, 0);
  run.atMost('failed requests of the others', failed, 0);
  run.slowdown('beside slow readers', [before, after], during, 2);
  run.atMost('memory more than before', most - residentBefore, (2 * readers) / 4 + 20, 'MiB');
  // Otherwise nothing was slow, or nothing was read.
  run.atLeast('read by the slow', read / 1024, (2 * readers * spanMs) / 1_000, 'KiB');
  const sentEach = sent / 1024 / 1024 / readers / 2;
  run.note(`${sentEach.toFixed(1)} MiB had been sent to each, which the system holds`);
  await turnout.checkAtRest(run);
  await endpoint.kill();
});
