import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import tls from 'node:tls';
import { type Test, test } from 'tap';
import { connect, type ReadingBy } from '../../src/proxy/borrowed-reads.ts';
import { outBuffer, send } from '../../src/proxy/out-buffer.ts';
import type { Wire } from '../../src/proxy/wire.ts';
import { authority, certificate } from '../support/certificates.ts';

const wholeBytes = 8 * 1024 * 1024;
const largest = 112 * 1024;
const ca = authority();
const { cert, key } = certificate({ names: ['localhost'], issuer: ca });

interface Pair {
  readonly writer: Wire;
  readonly reader: net.Socket;
  /** Resolves when the writer has room again. */
  readonly drained: () => Promise<void>;
}

/** A wire and who reads from it, on a connection of their own. */
async function pair(t: Test, reading: ReadingBy, isSecure: boolean): Promise<Pair> {
  const server = isSecure ? tls.createServer({ cert, key }) : net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as net.AddressInfo;
  const accepted = once(server, isSecure ? 'secureConnection' : 'connection');
  const opened = Promise.withResolvers<void>();
  let drained = Promise.withResolvers<void>();
  const user = {
    opened: () => opened.resolve(),
    read: () => true,
    halfClosed: () => {},
    closed: (code: string) => opened.reject(new Error(code)),
    drained: () => {
      drained.resolve();
      drained = Promise.withResolvers();
    },
  };
  const secure = {
    context: tls.createSecureContext({ ca: ca.cert }),
    serverName: 'localhost',
    verify: true,
    session: undefined,
    reached: () => {},
    resumable: () => {},
  };
  const to = { host: '127.0.0.1', port };
  const writer = connect(isSecure ? { ...to, ...secure } : to, user, reading);
  await opened.promise;
  const [reader] = (await accepted) as [net.Socket];
  t.teardown(() => {
    writer.destroy();
    reader.destroy();
    server.close();
  });
  return { writer, reader, drained: () => drained.promise };
}

/** The byte at a place of all that is sent. */
const byteAt = (place: number): number => (place * 7) % 251;

/** Reads with pauses until all is there. Returns how many bytes are not what was sent. */
async function readAll(reader: net.Socket): Promise<number> {
  let received = 0;
  let wrong = 0;
  for await (const chunk of reader as AsyncIterable<Buffer>) {
    for (const byte of chunk) if (byte !== byteAt(received++)) wrong++;
    if (received === wholeBytes) break;
    if (Math.random() < 0.1) await wait(Math.random() * 4);
  }
  return wrong;
}

for (const { title, reading, isSecure } of [
  { title: 'handle', reading: 'borrowed', isSecure: false },
  { title: 'socket', reading: 'events', isSecure: false },
  { title: 'TLS socket', reading: 'borrowed', isSecure: true },
] as const) {
  test(`a buffer that is not lent may be written over at once, by a wire on a ${title}`, async (t) => {
    const { writer, reader, drained } = await pair(t, reading, isSecure);
    let read: Promise<number> | undefined;
    for (let sent = 0; sent < wholeBytes; ) {
      const buffer = outBuffer();
      const length = Math.min(wholeBytes - sent, 1 + Math.floor(Math.random() * largest));
      for (let at = 0; at < length; at++) buffer[at] = byteAt(sent + at);
      const goOn = send(writer, length);
      sent += length;
      // Who reads does so only when something had to be lent: then both ways are taken.
      if (outBuffer() === buffer) buffer.fill(0xff);
      else read ??= readAll(reader);
      // Now and then on against the wish to wait: a head, an answer of our own.
      if (read !== undefined && !goOn && Math.random() < 0.8) await drained();
    }
    t.equal(await read, 0);
  });
}
