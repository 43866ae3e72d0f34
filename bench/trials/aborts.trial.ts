// What is left behind by clients that go away, at any byte of an exchange?
//
// Nothing, and soon: the upstream of an exchange that nobody waits for any more is let go
// within 100 ms, and afterwards every gauge and every open file is back where it was.
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from './support/connection.ts';
import { Latencies } from './support/latencies.ts';
import { MessageReader } from './support/message-reader.ts';
import { unlessWhole } from './support/open-loop.ts';
import { type Run, trial } from './support/trial.ts';
import { Turnout } from './support/turnout.ts';
import { until } from './support/until.ts';

const lanes = 48;
const requestBody = 'x'.repeat(3_000);
const wholeBytes = 20_000;
const largeBytes = 6_000_000;
/** What the origin does with a request: answers it, in part, with more than is ever read, or not. */
const kinds = ['whole', 'half', 'large', 'silent'] as const;

/** The origin's side of the exchanges that were aborted. */
class Origin {
  port = 0;
  readonly #abortedAt = new Map<string, number>();
  /** Exchanges that the origin has not ended, by id, and since when. */
  readonly underWay = new Map<string, number>();
  readonly letGo = new Latencies();
  readonly #expected = new Map<string, () => void>();

  async start(run: Run): Promise<void> {
    const server = net.createServer({ noDelay: true }, (socket) => this.#serve(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    run.after(() => server.close());
    this.port = (server.address() as net.AddressInfo).port;
  }

  /** Resolves when the origin has read the head of a request. */
  reachedBy(id: string): Promise<void> {
    return new Promise((resolve) => this.#expected.set(id, resolve));
  }

  aborted(id: string): void {
    this.#abortedAt.set(id, performance.now());
    this.#expected.delete(id);
  }

  #serve(socket: net.Socket): void {
    const reader = new MessageReader();
    let id = '';
    reader.onHead = () => {
      [, id = ''] = reader.startLine.split('/');
      this.underWay.set(id, performance.now());
      this.#expected.get(id)?.();
    };
    socket.on('error', () => {});
    socket.on('close', () => this.#over(id));
    socket.on('data', (chunk: Buffer) => {
      reader.read(chunk);
      if (!reader.isWhole) return;
      const [, , kind = ''] = reader.startLine.split(/[/ ]+/).slice(0, 3);
      reader.next();
      if (answer(socket, kind)) this.underWay.delete(id);
    });
  }

  /** The connection of an exchange is gone. */
  #over(id: string): void {
    const beganAt = this.underWay.get(id);
    const abortedAt = this.#abortedAt.get(id);
    this.#abortedAt.delete(id);
    if (beganAt === undefined || !this.underWay.delete(id)) return;
    if (abortedAt !== undefined) this.letGo.add(performance.now() - Math.max(beganAt, abortedAt));
  }
}

function answerOf(length: number, sent: number): Buffer {
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(sent, 'y')]);
}

const answers = new Map([
  ['whole', answerOf(wholeBytes, wholeBytes)],
  ['half', answerOf(wholeBytes, wholeBytes / 2)],
  ['large', answerOf(largeBytes, largeBytes)],
]);

/** Returns whether the whole answer was given away. */
function answer(socket: net.Socket, kind: string): boolean {
  const bytes = answers.get(kind);
  if (bytes !== undefined) socket.write(bytes);
  return kind === 'whole';
}

/** Sends up to a random byte, or reads up to one, and goes. */
async function abortOne(port: number, id: string, origin: Origin): Promise<void> {
  const kind = kinds[Math.floor(Math.random() * kinds.length)] ?? 'whole';
  const hasBody = Math.random() < 0.5;
  const lines = hasBody ? `Content-Length: ${requestBody.length}\r\n` : '';
  const request =
    `${hasBody ? 'PUT' : 'GET'} /${id}/${kind} HTTP/1.1\r\nHost: trial\r\n${lines}\r\n` +
    (hasBody ? requestBody : '');
  const connection = new Connection(port);
  const { socket } = connection;
  const byte = Math.floor(Math.random() * (request.length + wholeBytes));
  socket.write(request.slice(0, byte), 'latin1');
  if (byte >= request.length) {
    const { promise: hasRead, resolve } = Promise.withResolvers<void>();
    let toRead = byte - request.length;
    const answered = connection.answer({
      onBody: (bytes) => {
        toRead -= bytes.length;
        if (toRead <= 0) resolve();
      },
    });
    const enough = origin.reachedBy(id).then(() => wait(Math.random() * 20));
    await Promise.race([hasRead, answered, enough]);
  } else if (Math.random() < 0.5) {
    await wait(Math.random() * 10);
  }
  origin.aborted(id);
  if (Math.random() < 0.5) socket.resetAndDestroy();
  connection.close();
}

await trial('aborts', 'what is left behind by clients that go away?', async (run) => {
  const aborts = run.pick(50_000, 3_000);
  const origin = new Origin();
  await origin.start(run);
  const turnout = await Turnout.start(run, {
    rules: `apiVersion: turnout/v1
routes: [{ name: shop, versions: { v1: { url: "http://127.0.0.1:${origin.port}" } } }]
`,
  });
  const good = () =>
    new Connection(turnout.port).exchange(
      'GET /good/whole HTTP/1.1\r\nHost: trial\r\nConnection: close\r\n\r\n',
    );
  await good();
  await turnout.samples();
  await wait(6_000);
  const filesBefore = turnout.openFiles();

  let begun = 0;
  const lane = async () => {
    while (begun < aborts) await abortOne(turnout.port, String(begun++), origin);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  await until(() => origin.underWay.size === 0, 10_000);
  const letGo = origin.letGo.take();

  run.did(
    `${aborts} exchanges ended by the client at any byte, ${letGo.count} of them midway at the origin`,
  );
  run.atLeast('ended midway', letGo.count, aborts / 10);
  run.atMost('exchanges the origin still holds', origin.underWay.size, 0);
  run.atMost('upstream let go after, at most', letGo.mostMs, run.pick(100, 2_000), 'ms');
  run.note(
    `half of them after ${letGo.p50Ms.toFixed(1)} ms, 99 % after ${letGo.p99Ms.toFixed(1)} ms`,
  );
  const trouble = unlessWhole(wholeBytes)(await good());
  if (trouble !== undefined) run.note(trouble);
  run.atMost('failed requests afterwards', trouble === undefined ? 0 : 1, 0);
  await turnout.checkAtRest(run);
  // One more is the connection of whoever asked for the metrics.
  run.atMost('open files more than before', turnout.openFiles() - filesBefore, 1);
});
