import { Worker } from 'node:worker_threads';
import type { LoadFigures } from './open-loop.ts';
import type { Run } from './trial.ts';

/** Clients that do nothing wrong, on a thread of their own: what the trial does won't slow them. */
export interface GoodOptions {
  readonly port: number;
  readonly perSecond: number;
  readonly connections: number;
  readonly target: string;
  /** What the body of each answer must have. */
  readonly bytes: number;
}

export class GoodClients {
  readonly #worker: Worker;

  constructor(run: Run, options: GoodOptions) {
    this.#worker = new Worker(new URL('./good-clients-worker.ts', import.meta.url), {
      workerData: options,
    });
    run.after(() => this.#worker.terminate());
  }

  /** Returns their figures since the last time. */
  lap(): Promise<LoadFigures> {
    return this.#ask('lap');
  }

  stop(): Promise<LoadFigures> {
    return this.#ask('stop');
  }

  #ask(what: 'lap' | 'stop'): Promise<LoadFigures> {
    const { promise, resolve, reject } = Promise.withResolvers<LoadFigures>();
    this.#worker.once('message', resolve);
    this.#worker.once('error', reject);
    this.#worker.postMessage(what);
    return promise;
  }
}
