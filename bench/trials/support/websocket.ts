import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';

/** Opcodes of RFC 6455 section 5.2 that are used here. */
export const opcode = { text: 1, binary: 2, close: 8 } as const;
export const goingAway = 1_001;

/** Returns a request for a WebSocket, with a key that nobody used before. */
export function upgradeRequest(path: string): string {
  const key = randomBytes(16).toString('base64');
  return (
    `GET ${path} HTTP/1.1\r\nHost: trial\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
  );
}

/** Returns the answer that opens a WebSocket to whoever sent `key`. */
export function switchingAnswer(key: string): string {
  const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return (
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    `Sec-WebSocket-Accept: ${proof.digest('base64')}\r\n\r\n`
  );
}

/** Returns the head of a frame; a mask of zeros leaves the payload as it is. */
export function frameHead(code: number, length: number, isMasked: boolean): Buffer {
  const mask = isMasked ? 0x80 : 0;
  const head = Buffer.alloc(2 + lengthBytes(length) + (isMasked ? 4 : 0));
  head[0] = 0x80 | code;
  if (length < 126) head[1] = mask | length;
  else if (length < 65_536) {
    head[1] = mask | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = mask | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return head;
}

function lengthBytes(length: number): number {
  if (length < 126) return 0;
  return length < 65_536 ? 2 : 8;
}

export function frame(code: number, payload: Buffer, isMasked: boolean): Buffer {
  return Buffer.concat([frameHead(code, payload.length, isMasked), payload]);
}

export function closeFrame(code: number, isMasked: boolean): Buffer {
  return frame(opcode.close, Buffer.of(code >> 8, code & 0xff), isMasked);
}

/** Reads frames; payloads as they come, in pieces. */
export class FrameReader {
  /** Of the frame that is being read. */
  code = 0;
  onPayload: ((bytes: Buffer) => void) | undefined;
  /** `payload` is its beginning: enough for what a Close says. */
  onFrame: ((code: number, payload: Buffer) => void) | undefined;
  #head = Buffer.alloc(0);
  #mask = Buffer.alloc(0);
  #left = 0;
  #at = 0;
  #beginning = Buffer.alloc(0);

  read(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) rest = this.#left > 0 ? this.#payload(rest) : this.#readHead(rest);
  }

  #readHead(bytes: Buffer): Buffer {
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, 1)]);
    const [first = 0, second = 0] = this.#head;
    const short = second & 0x7f;
    const sizeBytes = { 126: 2, 127: 8 }[short] ?? 0;
    const maskBytes = second & 0x80 ? 4 : 0;
    if (this.#head.length < 2 || this.#head.length < 2 + sizeBytes + maskBytes) {
      return bytes.subarray(1);
    }
    this.code = first & 0x0f;
    this.#left = short;
    if (sizeBytes === 2) this.#left = this.#head.readUInt16BE(2);
    if (sizeBytes === 8) this.#left = Number(this.#head.readBigUInt64BE(2));
    this.#mask = this.#head.subarray(2 + sizeBytes);
    this.#head = Buffer.alloc(0);
    this.#beginning = Buffer.alloc(0);
    this.#at = 0;
    if (this.#left === 0) this.onFrame?.(this.code, this.#beginning);
    return bytes.subarray(1);
  }

  #payload(bytes: Buffer): Buffer {
    const piece = bytes.subarray(0, this.#left);
    const plain = this.#mask.every((byte) => byte === 0) ? piece : this.#unmask(piece);
    this.#at += piece.length;
    this.#left -= piece.length;
    if (this.#beginning.length < 2) {
      this.#beginning = Buffer.concat([this.#beginning, plain.subarray(0, 2)]);
    }
    this.onPayload?.(plain);
    if (this.#left === 0) this.onFrame?.(this.code, this.#beginning);
    return bytes.subarray(piece.length);
  }

  #unmask(piece: Buffer): Buffer {
    return Buffer.from(
      piece.map((byte, index) => byte ^ (this.#mask[(this.#at + index) % 4] ?? 0)),
    );
  }
}

/** One end of a WebSocket. */
export interface Peer {
  readonly socket: net.Socket;
  readonly frames: FrameReader;
  /** The path that was asked for. */
  readonly path: string;
  /** Begins to read: not before whoever wants to hear of frames has said so. */
  readonly begin: () => void;
}

/** Calls `read` once with the head of a message; what came behind it is for the frames. */
function onHead(socket: net.Socket, read: (head: string, begin: () => void) => FrameReader): void {
  let head = '';
  const onData = (chunk: Buffer) => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    socket.off('data', onData);
    socket.pause();
    const frames = read(head, () => {
      frames.read(Buffer.from(head.slice(end + 4), 'latin1'));
      socket.on('data', (bytes: Buffer) => frames.read(bytes));
      socket.resume();
    });
  };
  socket.on('data', onData);
}

/** Serves WebSockets; `opened` is called with each. Returns the port. */
export async function serveWebSockets(
  after: (act: () => void) => void,
  opened: (peer: Peer) => void,
): Promise<number> {
  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onHead(socket, (head, begin) => {
      const key = /^sec-websocket-key: (.*)\r$/im.exec(head)?.[1] ?? '';
      socket.write(switchingAnswer(key), 'latin1');
      const frames = new FrameReader();
      setImmediate(() => opened({ socket, frames, path: head.split(' ', 2)[1] ?? '', begin }));
      return frames;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
  after(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

/** Opens a WebSocket as a client; undefined where it was not to be had. */
export function openWebSocket(port: number, path: string): Promise<Peer | undefined> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  socket.write(upgradeRequest(path), 'latin1');
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => resolve(undefined));
    onHead(socket, (head, begin) => {
      const frames = new FrameReader();
      const isOpen = head.startsWith('HTTP/1.1 101 ');
      resolve(isOpen ? { socket, frames, path, begin } : undefined);
      return frames;
    });
  });
}
