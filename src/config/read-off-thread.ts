import { Worker } from 'node:worker_threads';
import type { Reading } from '#core/document/read';

export interface ReadRequest {
  readonly id: number;
  readonly text: string;
}

export type ReadAnswer =
  | { readonly id: number; readonly reading: Reading }
  | { readonly id: number; readonly bug: string };

export interface ReadOffThreadOptions {
  /** A document that takes longer is given up, and its thread with it. */
  readonly timeoutMs?: number;
  /** A thread that has nothing to do is ended after this: it holds some 20 MB. */
  readonly idleMs?: number;
  readonly maxHeapMb?: number;
  /** The thread's file; another one for tests. */
  readonly worker?: URL;
}

interface Waiting {
  readonly resolve: (reading: Reading) => void;
  readonly reject: (error: Error) => void;
  readonly timeout: NodeJS.Timeout;
}

/** In a checkout this file is TypeScript, in the package JavaScript: the worker is its neighbour. */
const besideThis = new URL(
  `./read-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * Reads documents on a thread of its own: 500 routes take a third of a second, in which the
 * traffic would stand still (docs/decisions: parse off the traffic thread).
 *
 * The thread starts with the first document and ends when there was none for a while. Whatever
 * happens to it, only the reading under way is lost: the next one gets a new thread.
 */
export class ReadOffThread {
  readonly #timeoutMs: number;
  readonly #idleMs: number;
  readonly #maxHeapMb: number;
  readonly #file: URL;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(options: ReadOffThreadOptions = {}) {
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#idleMs = options.idleMs ?? 5_000;
    this.#maxHeapMb = options.maxHeapMb ?? 512;
    this.#file = options.worker ?? besideThis;
  }

  /** Returns what the text says. Rejects where it could not be read at all: a bug, or its size. */
  readonly read = (text: string): Promise<Reading> => {
    clearTimeout(this.#idle);
    const worker = this.#worker ?? this.#start();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => {
        this.#lose(worker, `reading the document took longer than ${this.#timeoutMs} ms`);
      }, this.#timeoutMs);
      this.#waiting.set(id, { resolve, reject, timeout });
      // At the start of the process nothing else keeps it alive.
      worker.ref();
      worker.postMessage({ id, text } satisfies ReadRequest);
    });
  };

  /** Ends the thread. A reading under way is rejected. */
  close(): void {
    if (this.#worker !== undefined) this.#lose(this.#worker, 'the reader was closed');
  }

  #start(): Worker {
    const worker = new Worker(this.#file, {
      name: 'turnout-read',
      resourceLimits: { maxOldGenerationSizeMb: this.#maxHeapMb },
    });
    worker.on('message', (answer: ReadAnswer) => this.#settle(answer));
    worker.on('error', (error: Error) => this.#lose(worker, error.message));
    worker.on('exit', () => this.#lose(worker, 'the reading thread ended'));
    this.#worker = worker;
    return worker;
  }

  #settle(answer: ReadAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timeout);
    if ('reading' in answer) waiting.resolve(answer.reading);
    else waiting.reject(new Error(`a bug of Turnout in reading the document: ${answer.bug}`));
    if (this.#waiting.size === 0) this.#rest();
  }

  #rest(): void {
    this.#worker?.unref();
    this.#idle = setTimeout(() => this.close(), this.#idleMs);
    this.#idle.unref();
  }

  /** Gives up a thread and all that wait for it. */
  #lose(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    clearTimeout(this.#idle);
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { timeout, reject } of lost) {
      clearTimeout(timeout);
      reject(new Error(reason));
    }
    worker.terminate();
  }
}
