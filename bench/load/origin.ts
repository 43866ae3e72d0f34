import net, { type Socket } from 'node:net';

/** What an origin answers with. */
export interface OriginOptions {
  readonly port: number;
  /** Of the body of each answer. */
  readonly size: number;
  /** With this a body begins. */
  readonly name: string;
}

/** Bodies of requests have this length, or the answer is 400. */
export const uploadBytes = 10_240;

const blankLine = Buffer.from('\r\n\r\n');
const none = Buffer.alloc(0);
const letterG = 0x47;

function answer(status: string, body: string): Buffer {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}`;
  return Buffer.from(`${head}\r\n\r\n${body}`, 'latin1');
}

const refused = answer('400 Bad Request', `the body must have ${uploadBytes} bytes`);

/** Cuts what one connection brings into requests, and answers each when its body has come. */
class Conversation {
  readonly #socket: Socket;
  readonly #name: string;
  readonly #usual: Buffer;
  #begun: Buffer = none;
  #bodyLeft = 0;
  #answer: Buffer;

  constructor(socket: Socket, name: string, usual: Buffer) {
    this.#socket = socket;
    this.#name = name;
    this.#usual = usual;
    this.#answer = usual;
    socket.on('error', () => {});
    socket.on('data', (read: Buffer) => {
      this.#take(this.#begun.length === 0 ? read : Buffer.concat([this.#begun, read]));
    });
  }

  #take(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      const end = this.#bodyLeft > 0 ? at : bytes.indexOf(blankLine, at);
      if (end < 0) break;
      if (this.#bodyLeft === 0) {
        this.#readHead(bytes, at, end);
        at = end + blankLine.length;
      }
      const taken = Math.min(this.#bodyLeft, bytes.length - at);
      this.#bodyLeft -= taken;
      at += taken;
      if (this.#bodyLeft === 0) this.#socket.write(this.#answer);
    }
    this.#begun = at < bytes.length ? bytes.subarray(at) : none;
  }

  /** A GET is not looked at any closer. */
  #readHead(bytes: Buffer, at: number, end: number): void {
    this.#answer = this.#usual;
    if (bytes[at] === letterG) return;
    const head = bytes.toString('latin1', at, end);
    this.#bodyLeft = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (head.startsWith('PUT ')) this.#answer = answer('200 OK', `${this.#name}\n${head}`);
    else if (this.#bodyLeft !== uploadBytes) this.#answer = refused;
  }
}

/**
 * The service behind every contender, as cheap as Node can be. Answers with a body of one size;
 * to PUT with the head that arrived, for check.ts.
 */
export async function serveOrigin({ port, size, name }: OriginOptions): Promise<void> {
  const usual = answer('200 OK', name.padEnd(size, '.'));
  const server = net.createServer(
    { noDelay: true },
    (socket) => new Conversation(socket, name, usual),
  );
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen({ port, host: '127.0.0.1', backlog: 4_096 }, resolve);
  await promise;
}
