// Asks a proxy from the load core, with the origins in the same process, so that nobody else waits
// for that core: node bench/load/generator.ts V1 V2 SIZE, told what to do by its parent.
//
// At a fixed rate each request is due at its own instant, whatever became of the ones before, and
// its time counts from that instant: a proxy that stands still for 100 ms pays for every request
// that was due in them. (wrk would have waited for it.)
import net, { type Socket } from 'node:net';
import { serveOrigin } from './origin.ts';

export interface Task {
  readonly port: number;
  readonly connections: number;
  readonly requests: number;
  /** Undefined: each connection sends when its last answer has come. */
  readonly ratePerSecond: number | undefined;
}

/** Of a task: told at each tenth, and at the end. */
export type Report =
  | { readonly kind: 'tenth'; readonly done: number }
  | { readonly kind: 'done'; readonly result: TaskResult };

export interface TaskResult {
  readonly failed: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly lateMs: number;
}

const size = Number(process.argv[4] ?? 1_024);
const request = Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
const blankLine = Buffer.from('\r\n\r\n');
/** All connections read into the same bytes: what was read is used up at once. */
const room = Buffer.allocUnsafeSlow(256 * 1_024);
/** When all requests are due: answers that take longer than this have failed. */
const patienceMs = 5_000;

/** One connection, one request at a time. */
class Connection {
  readonly #run: Run;
  #socket: Socket;
  #head = '';
  /** Of the body under way; undefined while its head is. */
  #left: number | undefined;
  #isGood = true;
  dueAt: number | undefined;

  constructor(run: Run) {
    this.#run = run;
    this.#socket = this.#connect();
  }

  send(dueAt: number): void {
    this.dueAt = dueAt;
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #connect(): Socket {
    const callback = (length: number, bytes: Uint8Array) => {
      this.#take(Buffer.from(bytes.buffer, bytes.byteOffset, length));
      return true;
    };
    const { port } = this.#run.task;
    const onread = { buffer: room, callback };
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, onread });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') throw error;
    });
    socket.on('connect', () => this.#run.isFree(this));
    socket.on('close', () => this.#lost(socket));
    return socket;
  }

  /** A connection that is lost takes its request with it, and is made anew. */
  #lost(socket: Socket): void {
    if (this.#run.isOver || socket !== this.#socket) return;
    if (this.dueAt !== undefined) this.#answered(false);
    this.#head = '';
    this.#left = undefined;
    this.#socket = this.#connect();
  }

  #take(bytes: Buffer): void {
    if (this.dueAt === undefined)
      throw new Error(`nobody asked: ${bytes.toString('latin1', 0, 80)}`);
    let at = 0;
    if (this.#left === undefined) {
      const end = bytes.indexOf(blankLine);
      this.#head += bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
      if (end < 0) return;
      at = end + blankLine.length;
      this.#readHead();
    }
    this.#left = (this.#left ?? 0) - (bytes.length - at);
    if (this.#left > 0) return;
    const isGood = this.#isGood && this.#left === 0;
    this.#left = undefined;
    this.#answered(isGood);
    this.#run.isFree(this);
  }

  #readHead(): void {
    const length = Number(/^content-length: *(\d+)/im.exec(this.#head)?.[1]);
    this.#isGood = this.#head.startsWith('HTTP/1.1 200 ') && length === size;
    this.#left = Number.isNaN(length) ? 0 : length;
    this.#head = '';
  }

  #answered(isGood: boolean): void {
    this.#run.answered(this.dueAt ?? 0, isGood);
    this.dueAt = undefined;
  }
}

/** A task while it is done. */
class Run {
  readonly task: Task;
  readonly #free: Connection[] = [];
  readonly #all: Connection[];
  readonly #tookMs: Float64Array;
  readonly #lateMs: Float64Array;
  readonly #startedAt = performance.now();
  #firstDueAt = Number.POSITIVE_INFINITY;
  #sent = 0;
  #done = 0;
  #failed = 0;
  isOver = false;

  constructor(task: Task) {
    this.task = task;
    this.#tookMs = new Float64Array(task.requests);
    this.#lateMs = new Float64Array(task.requests);
    this.#all = Array.from({ length: task.connections }, () => new Connection(this));
  }

  isFree(connection: Connection): void {
    this.#free.push(connection);
    if (this.#free.length === this.task.connections && this.#sent === 0) this.#begin();
    else if (this.task.ratePerSecond === undefined && this.#sent > 0) this.#sendNext(0);
  }

  answered(dueAt: number, isGood: boolean): void {
    this.#tookMs[this.#done] = performance.now() - dueAt;
    this.#done += 1;
    if (!isGood) this.#failed += 1;
    const { requests } = this.task;
    if (this.#done % Math.ceil(requests / 10) === 0) tell({ kind: 'tenth', done: this.#done });
    if (this.#done === requests) this.#end();
  }

  /** All connections stand. */
  #begin(): void {
    if (this.task.ratePerSecond === undefined) {
      while (this.#free.length > 0 && this.#sent < this.task.requests) this.#sendNext(0);
    } else {
      this.#firstDueAt = performance.now() + 50;
      setImmediate(this.#turn);
    }
  }

  #sendNext(dueAt: number): void {
    if (this.#sent === this.task.requests) return;
    const now = performance.now();
    this.#lateMs[this.#sent] = dueAt === 0 ? 0 : now - dueAt;
    this.#sent += 1;
    // The one that has been free the longest, so that all of them are used.
    this.#free.shift()?.send(dueAt === 0 ? now : dueAt);
  }

  /** Looks at the clock as often as possible: timers of a millisecond would send in bursts. */
  readonly #turn = (): void => {
    if (this.isOver) return;
    const { requests, ratePerSecond = 1 } = this.task;
    const now = performance.now();
    const due = () => this.#firstDueAt + (this.#sent * 1_000) / ratePerSecond;
    while (this.#sent < requests && due() <= now && this.#free.length > 0) this.#sendNext(due());
    const lastDueAt = this.#firstDueAt + (requests * 1_000) / ratePerSecond;
    if (now > lastDueAt + patienceMs) this.#end();
    else setImmediate(this.#turn);
  };

  #end(): void {
    this.isOver = true;
    for (const connection of this.#all) connection.close();
    const took = this.#tookMs.subarray(0, this.#done).toSorted();
    const at = (sorted: Float64Array, share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    const result: TaskResult = {
      failed: this.#failed + this.task.requests - this.#done,
      seconds: (performance.now() - this.#startedAt) / 1_000,
      p50Ms: at(took, 0.5),
      p99Ms: at(took, 0.99),
      p999Ms: at(took, 0.999),
      lateMs: at(this.#lateMs.subarray(0, this.#sent).toSorted(), 0.99),
    };
    tell({ kind: 'done', result });
  }
}

function tell(report: Report): void {
  process.send?.(report);
}

const [v1 = 0, v2 = 0] = process.argv.slice(2, 4).map(Number);
await serveOrigin({ port: v1, size, name: 'v1' });
await serveOrigin({ port: v2, size, name: 'v2' });
process.on('message', (task: Task) => new Run(task));
process.on('disconnect', () => process.exit());
