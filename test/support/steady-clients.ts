import http from 'node:http';
import type { Test } from 'tap';

/** What became of the requests of some clients. */
export interface Steady {
  /** How many were answered, by status. */
  readonly answered: Map<number | undefined, number>;
  /** Why the others were not. One that could not connect is none of them: nothing was sent. */
  readonly failures: string[];
  /** Resolves when every client has stopped: told to, or because nobody takes connections. */
  readonly over: Promise<void>;
  readonly stop: () => void;
  /** Told of each answer; for tests that look at every one. */
  onAnswer: ((body: string, headers: http.IncomingHttpHeaders) => void) | undefined;
}

type Outcome = 'answered' | 'failed' | 'refused';

interface SteadyOptions {
  readonly path?: string;
  /**
   * The port closes with nobody left who could see to its queue: the kernel resets who has just
   * come into it, and to the client that connection stood.
   */
  readonly portVanishes?: boolean;
}

/**
 * Starts clients that send one GET after the other, over connections that they keep: Node's own,
 * which goes by what `Connection` says.
 */
export function steadyClients(
  t: Test,
  port: number,
  count: number,
  { path = '/', portVanishes = false }: SteadyOptions = {},
): Steady {
  const agent = new http.Agent({ keepAlive: true, maxSockets: count, scheduling: 'fifo' });
  const steady = {
    answered: new Map<number | undefined, number>(),
    failures: [] as string[],
    onAnswer: undefined as Steady['onAnswer'],
  };
  let isStopped = false;
  const ask = () =>
    new Promise<Outcome>((resolve) => {
      const failed = (error: NodeJS.ErrnoException) => {
        // Refused, or reset before the connection stood.
        if (error.syscall === 'connect') return resolve('refused');
        if (portVanishes && !request.reusedSocket && error.code === 'ECONNRESET')
          return resolve('refused');
        steady.failures.push(`${error.code}: ${error.message}`);
        resolve('failed');
      };
      const request = http.get({ host: '127.0.0.1', port, path, agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('error', failed).on('end', () => {
          const { statusCode, headers } = response;
          steady.answered.set(statusCode, (steady.answered.get(statusCode) ?? 0) + 1);
          steady.onAnswer?.(body, headers);
          resolve('answered');
        });
      });
      request.on('error', failed);
    });
  const client = async () => {
    while (!isStopped && (await ask()) !== 'refused');
  };
  const over = Promise.all(Array.from({ length: count }, client)).then(() => agent.destroy());
  t.teardown(async () => {
    isStopped = true;
    agent.destroy();
    await over;
  });
  return Object.assign(steady, {
    over,
    stop: () => {
      isStopped = true;
    },
  });
}
