import { createHash } from 'node:crypto';

/** The example of RFC 6455 section 1.3. */
export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';
export const sampleAccept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** The head of a request that asks for a WebSocket. */
export function asking(path = '/', lines = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${sampleKey}\r\nSec-WebSocket-Version: 13\r\n${lines}\r\n`;
}

/** The 101 that answers it. */
export function switching(lines = '', accept = sampleAccept): string {
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${lines}\r\n`;
}

/** Returns what proves that a request was read. */
export function acceptFor(head: string): string {
  const key = /^sec-websocket-key: *(.*?) *\r$/im.exec(head)?.[1] ?? '';
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

export const opcode = { text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** Returns a frame that is whole in itself; `mask` as a client must. */
export function frame(
  kind: number,
  payload: string | Buffer,
  { mask, isLast = true }: { readonly mask?: Buffer; readonly isLast?: boolean } = {},
): Buffer {
  const bytes = Buffer.from(payload as string, 'latin1');
  const head = [(isLast ? 0x80 : 0) | kind];
  const masked = mask === undefined ? 0 : 0x80;
  if (bytes.length < 126) head.push(masked | bytes.length);
  else if (bytes.length < 65_536) head.push(masked | 126, bytes.length >> 8, bytes.length & 0xff);
  else {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(bytes.length));
    head.push(masked | 127, ...length);
  }
  if (mask === undefined) return Buffer.concat([Buffer.from(head), bytes]);
  return Buffer.concat([
    Buffer.from(head),
    mask,
    bytes.map((byte, at) => byte ^ (mask[at % 4] ?? 0)),
  ]);
}

/** Returns the code of a Close, masked or not, that is all of these bytes; undefined for others. */
export function closeCode(bytes: Buffer): number | undefined {
  if (bytes[0] !== 0x88) return undefined;
  if (bytes.length === 4 && bytes[1] === 2) return bytes.readUInt16BE(2);
  if (bytes.length !== 8 || bytes[1] !== 0x82) return undefined;
  return bytes.readUInt16BE(6) ^ bytes.readUInt16BE(2);
}
