// Is every byte that goes in the one that comes out, whatever the pace on either side?
//
// The proxy reads into buffers that it lends to the sockets it writes to; were one used again
// too early, bytes of one body would turn up in another. So both sides read and write in
// pieces of any size, with pauses, and every byte is compared.
import net from 'node:net';
import { Connection } from './support/connection.ts';
import {
  inChunks,
  inFrames,
  plain,
  readErratically,
  writeErratically,
} from './support/erratic-writer.ts';
import { Comparison } from './support/known-bytes.ts';
import { MessageReader } from './support/message-reader.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import { opcode, openWebSocket, type Peer, serveWebSockets } from './support/websocket.ts';

const lanes = 56;
const tunnelLanes = 8;
/** Most bodies are small; some are more than the system takes before anybody has read. */
const bodyMost = 24_000_000;

interface Body {
  readonly place: number;
  readonly length: number;
  readonly isChunked: boolean;
}

function anyBody(): Body {
  return {
    place: Math.floor(Math.random() * 1_000_000),
    length: Math.floor(Math.random() ** 12 * bodyMost),
    isChunked: Math.random() < 0.5,
  };
}

function framing({ length, isChunked }: Body): string {
  return isChunked ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${length}\r\n`;
}

/** `/up/PLACE/LENGTH/DOWN_PLACE/DOWN_LENGTH/CHUNKED`: what comes, and what is asked for. */
function numbersOf(target: string): number[] {
  return target.split('/').slice(2).map(Number);
}

/** Answers with the body asked for, once it has compared the one it was sent. */
function answer(
  socket: net.Socket,
  reader: MessageReader,
  wrongBytes: (text: string) => void,
): void {
  let comparison = new Comparison(0);
  reader.onHead = () => {
    const [place = 0] = numbersOf(reader.startLine.split(' ')[1] ?? '');
    comparison = new Comparison(place);
  };
  reader.onBody = (bytes) => comparison.take(bytes);
  readErratically(socket);
  socket.on('error', () => {});
  socket.on('data', async (chunk: Buffer) => {
    reader.read(chunk);
    if (!reader.isWhole) return;
    const [, length, place = 0, downLength = 0, isChunked] = numbersOf(
      reader.startLine.split(' ')[1] ?? '',
    );
    if (comparison.differsAt !== undefined) wrongBytes(`up, byte ${comparison.differsAt}`);
    if (reader.bodyBytes !== length) wrongBytes(`up, ${reader.bodyBytes} of ${length} bytes`);
    reader.next();
    const body = { place, length: downLength, isChunked: isChunked === 1 };
    socket.write(`HTTP/1.1 200 OK\r\n${framing(body)}\r\n`, 'latin1');
    await writeErratically(socket, body, body.isChunked ? inChunks : plain);
  });
}

interface Tally {
  bytes: number;
  exchanges: number;
  tunnels: number;
  readonly wrong: string[];
}

/** One exchange: a body up, another one down. */
async function exchange(connection: Connection, tally: Tally): Promise<void> {
  const up = anyBody();
  const down = anyBody();
  const target = `/up/${up.place}/${up.length}/${down.place}/${down.length}/${down.isChunked ? 1 : 0}`;
  tally.exchanges++;
  tally.bytes += up.length + down.length;
  const comparison = new Comparison(down.place);
  const answered = connection.answer({
    withinMs: 120_000,
    onBody: (bytes) => comparison.take(bytes),
  });
  connection.socket.write(`POST ${target} HTTP/1.1\r\nHost: trial\r\n${framing(up)}\r\n`, 'latin1');
  await writeErratically(connection.socket, up, up.isChunked ? inChunks : plain);
  const result = await answered;
  if (result.kind === 'broken') tally.wrong.push(`${result.reason} (${result.status})`);
  else if (result.status !== 200) tally.wrong.push(`${result.status} ${result.text}`);
  else if (comparison.differsAt !== undefined)
    tally.wrong.push(`down, byte ${comparison.differsAt}`);
  else if (result.bodyBytes !== down.length) tally.wrong.push(`down, ${result.bodyBytes} bytes`);
}

async function lane(port: number, bytesMost: number, tally: Tally): Promise<void> {
  let connection: Connection | undefined;
  while (tally.bytes < bytesMost) {
    if (connection === undefined || !connection.isUsable) {
      connection = new Connection(port);
      readErratically(connection.socket);
    }
    await exchange(connection, tally);
  }
  connection?.close();
}

/**
 * Sends a body through one end of a WebSocket and compares the one that comes out, then ends
 * its side. Returns what was wrong, or undefined.
 */
async function exchangeFrames(
  { socket, frames, begin }: Peer,
  sent: Omit<Body, 'isChunked'>,
  expected: Omit<Body, 'isChunked'>,
  isClient: boolean,
): Promise<string | undefined> {
  const comparison = new Comparison(expected.place);
  let received = 0;
  frames.onPayload = (bytes) => {
    if (frames.code !== opcode.binary) return;
    received += bytes.length;
    comparison.take(bytes);
  };
  const { promise: isClosed, resolve } = Promise.withResolvers<boolean>();
  frames.onFrame = (code) => {
    if (code === opcode.close) resolve(true);
  };
  socket.on('close', () => resolve(false));
  readErratically(socket);
  begin();
  await writeErratically(socket, sent, inFrames(isClient));
  const wasClosed = await isClosed;
  socket.end();
  if (comparison.differsAt !== undefined) return `tunnel, byte ${comparison.differsAt}`;
  if (!wasClosed) return `tunnel lost after ${received} bytes`;
  return received === expected.length
    ? undefined
    : `tunnel, ${received} of ${expected.length} bytes`;
}

async function tunnelLane(port: number, bytesMost: number, tally: Tally): Promise<void> {
  while (tally.bytes < bytesMost) {
    const up = anyBody();
    const down = anyBody();
    tally.tunnels++;
    tally.bytes += up.length + down.length;
    const path = `/ws/${up.place}/${up.length}/${down.place}/${down.length}`;
    const peer = await openWebSocket(port, path);
    const wrong = peer === undefined ? 'no tunnel' : await exchangeFrames(peer, up, down, true);
    if (wrong !== undefined) tally.wrong.push(`${wrong}, down`);
  }
}

function startTunnelOrigin(run: Run, tally: Tally): Promise<number> {
  return serveWebSockets(run.after, async (peer) => {
    const [upPlace = 0, upLength = 0, place = 0, length = 0] = numbersOf(peer.path);
    const up = { place: upPlace, length: upLength };
    const wrong = await exchangeFrames(peer, { place, length }, up, false);
    if (wrong !== undefined) tally.wrong.push(`${wrong}, up`);
  });
}

async function startOrigin(run: Run, wrongBytes: (text: string) => void): Promise<number> {
  const server = net.createServer({ noDelay: true }, (socket) => {
    answer(socket, new MessageReader(), wrongBytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  run.after(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

await trial('byte-identity', 'is every byte that goes in the one that comes out?', async (run) => {
  const bytesMost = run.pick(1024, 256) * 1024 * 1024;
  const tally: Tally = { bytes: 0, exchanges: 0, tunnels: 0, wrong: [] };
  const originPort = await startOrigin(run, (text) => tally.wrong.push(text));
  const tunnelPort = await startTunnelOrigin(run, tally);
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes:
  - { name: ws, match: { path: /ws }, versions: { v1: { url: "http://127.0.0.1:${tunnelPort}" } } }
  - { name: shop, versions: { v1: { url: "http://127.0.0.1:${originPort}" } } }
`,
  });
  await Promise.all([
    ...Array.from({ length: lanes }, () => lane(turnout.port, bytesMost, tally)),
    ...Array.from({ length: tunnelLanes }, () => tunnelLane(turnout.port, bytesMost, tally)),
  ]);
  for (const wrong of tally.wrong.slice(0, 5)) run.note(wrong.slice(0, 200));
  const mebibytes = Math.round(tally.bytes / 1024 / 1024);
  run.did(
    `${tally.exchanges} exchanges and ${tally.tunnels} WebSockets over ${lanes + tunnelLanes} ` +
      `connections, ${mebibytes} MiB both ways`,
  );
  run.atMost('bodies that came out otherwise', tally.wrong.length, 0);
  run.note(`resident memory at the end: ${turnout.resident().toFixed(0)} MiB`);
  await turnout.checkAtRest(run);
});
