import net from 'node:net';
import { MessageReader } from './message-reader.ts';

/** How an origin feels: it answers, answers 503, or takes requests and says nothing. */
export type Mood = 'well' | 'unavailable' | 'silent';

const answers: Readonly<Record<Mood, string>> = {
  well: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  unavailable: 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy',
  silent: '',
};

/** An origin whose mood can be changed, and that counts what it is asked. */
export class MoodyOrigin {
  mood: Mood = 'well';
  /** Requests that have come, whatever became of them. */
  requests = 0;
  port = 0;
  readonly #open = new Set<net.Socket>();

  static async start(after: (act: () => void) => void): Promise<MoodyOrigin> {
    const origin = new MoodyOrigin();
    const server = net.createServer({ noDelay: true }, (socket) => origin.#serve(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
    after(() => server.close());
    origin.port = (server.address() as net.AddressInfo).port;
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Closes every connection. */
  end(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #serve(socket: net.Socket): void {
    const reader = new MessageReader();
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      reader.read(chunk);
      if (!reader.isWhole) return;
      reader.next();
      this.requests++;
      const answer = answers[this.mood];
      if (answer !== '') socket.write(answer, 'latin1');
    });
  }
}
