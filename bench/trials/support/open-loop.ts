import { Connection, type Result } from './connection.ts';
import { Latencies, type LatencyFigures } from './latencies.ts';

export interface OpenLoopOptions {
  readonly port: number;
  readonly perSecond: number;
  /** Connections at the most; what is due beyond them waits, and the wait counts. */
  readonly connections: number;
  /** The bytes of request number `index`; each is made when it is sent. */
  readonly requestAt: (index: number) => string;
  /** Returns what is wrong with the result of a request, which took so long, or undefined. */
  readonly wrong: (result: Result, index: number, ms: number) => string | undefined;
  /** How long an answer may take. */
  readonly withinMs?: number;
}

export interface LoadFigures extends LatencyFigures {
  /** How many requests failed, and how. */
  readonly failed: number;
  readonly reasons: readonly string[];
}

const tickMs = 2;
const reasonsMost = 5;

/**
 * Sends requests at a fixed rate, whatever the answers do.
 *
 * The time of a request counts from the instant at which it was due, so that one that had
 * to wait for a stalled proxy is as late as its user would find it. A load that sends
 * the next request only after an answer hides just that.
 */
export class OpenLoop {
  readonly #options: OpenLoopOptions;
  readonly #latencies = new Latencies();
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  /** Instants at which requests were due that no connection has taken yet. */
  readonly #due: number[] = [];
  #sent = 0;
  #inFlight = 0;
  #failed = 0;
  #reasons = new Set<string>();
  readonly #startedAt = performance.now();
  #scheduled = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Requests that were begun and not answered. */
  get inFlight(): number {
    return this.#inFlight + this.#due.length;
  }

  /** Returns the figures since the last time this was called. */
  lap(): LoadFigures {
    const figures = {
      ...this.#latencies.take(),
      failed: this.#failed,
      reasons: [...this.#reasons].slice(0, reasonsMost),
    };
    this.#failed = 0;
    this.#reasons = new Set();
    return figures;
  }

  /** Sends nothing more, waits for what is under way, and returns the figures of the last lap. */
  async stop(): Promise<LoadFigures> {
    clearInterval(this.#timer);
    while (this.inFlight > 0) {
      this.#sendDue();
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    }
    for (const connection of this.#idle) connection.close();
    return this.lap();
  }

  /** Ends at once, whatever is under way. */
  abandon(): void {
    clearInterval(this.#timer);
    this.#due.length = 0;
    for (const connection of this.#all) connection.close();
  }

  #tick(): void {
    const now = performance.now();
    const { perSecond } = this.#options;
    const target = ((now - this.#startedAt) / 1_000) * perSecond;
    for (; this.#scheduled < target; this.#scheduled++) {
      this.#due.push(this.#startedAt + (this.#scheduled / perSecond) * 1_000);
    }
    this.#sendDue();
  }

  #sendDue(): void {
    while (this.#due.length > 0) {
      const connection = this.#connection();
      if (connection === undefined) return;
      this.#send(connection, this.#due.shift() ?? 0);
    }
  }

  #connection(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isUsable) return idle;
      this.#all.delete(idle);
    }
    if (this.#all.size >= this.#options.connections) return undefined;
    const connection = new Connection(this.#options.port);
    this.#all.add(connection);
    return connection;
  }

  async #send(connection: Connection, dueAt: number): Promise<void> {
    const { requestAt, wrong, withinMs = 10_000 } = this.#options;
    const index = this.#sent++;
    this.#inFlight++;
    const result = await connection.exchange(requestAt(index), { withinMs });
    this.#inFlight--;
    const ms = performance.now() - dueAt;
    this.#latencies.add(ms);
    const reason = wrong(result, index, ms);
    if (reason !== undefined) {
      this.#failed++;
      this.#reasons.add(reason);
    }
    if (connection.isUsable) this.#idle.push(connection);
    else this.#all.delete(connection);
  }
}

/** What is wrong with a result that should be a 200 with so many bytes. */
export function unlessWhole(bytes: number): (result: Result) => string | undefined {
  return (result) => {
    if (result.kind === 'broken') return `${result.reason} (${result.status})`;
    if (result.status !== 200) return `${result.status} ${result.text.slice(0, 120).trim()}`;
    return result.bodyBytes === bytes ? undefined : `${result.bodyBytes} of ${bytes} bytes`;
  };
}
