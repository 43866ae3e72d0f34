import { deepStrictEqual as deepEqual } from 'node:assert';
import { createServer, type IncomingMessage, METHODS } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { test } from 'tap';
import type { Bytes } from '#core/http1/bytes';
import { framing } from '#core/http1/framing';
import {
  RequestHead,
  requestLimits,
  scanRequestHead,
  stripHopByHop,
  stripUntrusted,
} from '#core/http1/request-head';
import { targetForm } from '#core/http1/target-form';
import { RequestOutline, writeRequestHead } from '#core/http1/write-head';
import { anyHead, bytesOf, spoiltHead } from './any-request.ts';

/** What Node's own parser made of the bytes on one connection. */
interface Received {
  readonly requests: { method: string; url: string; fields: readonly string[]; body: string }[];
  /** The parser refused them. */
  refused: boolean;
}

/** A node:http server, and what each of its connections received. */
async function nodeOrigin() {
  const byPort = new Map<number | undefined, Received>();
  const server = createServer({ keepAliveTimeout: 1_000 });
  const of = (port: number | undefined) => byPort.get(port) ?? { requests: [], refused: false };
  server.on('connection', (socket) =>
    byPort.set(socket.remotePort, { requests: [], refused: false }),
  );
  server.on('request', async (request: IncomingMessage, response) => {
    const { socket, method = '', url = '', rawHeaders } = request;
    const received = of(socket.remotePort);
    let body = '';
    request.setEncoding('latin1');
    for await (const part of request) body += part;
    received.requests.push({ method, url, fields: rawHeaders, body });
    response.end();
  });
  server.on('clientError', (_, socket) => {
    const { remotePort } = socket as typeof socket & { remotePort: number };
    of(remotePort).refused = true;
    socket.destroy();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;

  /** Sends bytes and ends the connection; returns what was received on it. */
  async function send(text: string): Promise<Received> {
    const socket = connect({ port, host: '127.0.0.1' });
    await new Promise<void>((connected) => socket.on('connect', connected));
    const { localPort } = socket;
    socket.on('error', () => {});
    socket.end(text, 'latin1');
    socket.resume();
    await new Promise<void>((closed) => socket.on('close', () => closed()));
    return of(localPort);
  }
  return { send, close: () => server.close() };
}

const out = Buffer.alloc(64 * 1024) as Buffer & Bytes;
const body = 'GET /inner HTTP/1.1\r\n';

/** Writes a request as it goes to the upstream, with a body that looks like a request. */
function written(head: RequestHead): string {
  const outline = new RequestOutline();
  outline.peer = '203.0.113.7';
  outline.authority = head.hostEnd === 0 ? 'endpoint:80' : '';
  outline.framing = head.framing;
  outline.contentLength = head.framing === framing.length ? body.length : 0;
  const text = out.latin1Slice(0, writeRequestHead(out, 0, head, outline));
  if (head.framing === framing.length) return text + body;
  return head.framing === framing.chunked ? `${text}15\r\n${body}\r\n0\r\n\r\n` : text;
}

/** The names and values, one after the other, as our own scanner reads what was written. */
function fieldsOf(head: RequestHead): readonly string[] {
  const { lines, bytes } = head;
  return Array.from({ length: lines.count }, (_, i) => [
    bytes.latin1Slice(lines.nameStart(i), lines.nameEnd(i)),
    lines.value(i),
  ]).flat();
}

test('what is written is one request to Node too, the same one, or refused', async (t) => {
  const origin = await nodeOrigin();
  t.teardown(origin.close);
  let same = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(anyHead, spoiltHead), async (text) => {
      const head = new RequestHead();
      const bytes = bytesOf(text);
      const end = scanRequestHead(head, bytes, 0, bytes.length, requestLimits);
      if (end <= 0 || head.targetForm === targetForm.asterisk) return;
      stripHopByHop(head, new Set());
      stripUntrusted(head);
      const path = head.forwardedPath() + (head.hasQuery ? `?${head.queryText()}` : '');
      const { method } = head;
      const hasBody = head.framing !== framing.none;
      const sent = written(head);

      const received = await origin.send(sent);
      const again = new RequestHead();
      const sentBytes = bytesOf(sent);
      scanRequestHead(again, sentBytes, 0, sentBytes.length, requestLimits);
      if (received.refused) {
        // Node knows a closed list of methods; nothing else of ours may displease it.
        deepEqual(METHODS.includes(method), false, sent);
        return;
      }
      const expected = { method, url: path, fields: fieldsOf(again), body: hasBody ? body : '' };
      deepEqual(received.requests, [expected], sent);
      same++;
    }),
    { numRuns: 1_500 },
  );
  t.ok(same > 100, `${same} requests were read alike`);
});
