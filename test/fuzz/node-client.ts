import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A response as Node's client reads it. */
export interface NodeResponse {
  /** 0: none came. */
  readonly status: number;
  readonly fields: readonly string[];
  readonly body: string;
  /** Its end has come. */
  readonly isWhole: boolean;
}

/** The client's side of a connection that answers the first request with the bytes given, and ends. */
class Answering extends Duplex {
  readonly #answer: Buffer;
  #isAsked = false;

  constructor(answer: Buffer) {
    super();
    this.#answer = answer;
  }

  override _read(): void {}

  override _write(_bytes: Buffer, _encoding: string, done: () => void): void {
    if (!this.#isAsked) {
      this.push(this.#answer);
      this.push(null);
    }
    this.#isAsked = true;
    done();
  }
}

/** Returns what Node's own client makes of a version's bytes. */
export function readByNodeClient(bytes: Buffer, method: 'GET' | 'HEAD'): Promise<NodeResponse> {
  return new Promise((resolve) => {
    const none = { status: 0, fields: [], body: '', isWhole: false };
    const asked = request({
      method,
      agent: false,
      maxHeaderSize: 64 * 1024,
      createConnection: () => new Answering(bytes) as unknown as Socket,
    });
    asked.on('response', (response: IncomingMessage) => {
      let body = '';
      response.on('data', (part: Buffer) => {
        body += part.toString('latin1');
      });
      const { statusCode: status = 0, rawHeaders: fields } = response;
      response.on('close', () => resolve({ status, fields, body, isWhole: response.complete }));
      response.on('error', () => {});
    });
    asked.on('error', () => resolve(none));
    asked.on('close', () => resolve(none));
    asked.end();
  });
}
