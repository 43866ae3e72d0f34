import { deepStrictEqual as deepEqual } from 'node:assert';
import { request as ask } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import fc from 'fast-check';
import { test } from 'tap';
import type { Bytes } from '#core/http1/bytes';
import { framing } from '#core/http1/framing';
import { ResponseHead, scanResponseHead, stripResponseHopByHop } from '#core/http1/response-head';
import { ResponseOutline, writeResponseHead } from '#core/http1/write-head';
import { anyBytes, bytesOf } from './any-request.ts';

const statusLine = fc.constantFrom(
  ...['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.1 404 ', 'HTTP/1.0 500', 'HTTP/1.1 204 No'],
  ...['HTTP/1.1 304 Not Modified', 'HTTP/1.1 299 na ja', 'HTTP/1.1 99 X', 'HTTP/2.0 200 OK'],
);
const line = fc.constantFrom(
  ...['Server: x', 'Set-Cookie: a=1', 'Set-Cookie: b="2"; Path=/', 'Connection: close', 'X:y'],
  ...['Connection: keep-alive, X', 'Keep-Alive: timeout=5', 'Trailer: X-Check', 'X: caf\xe9\t '],
  ...['Upgrade: h2c', 'ETag: "x"', 'X : y', 'X\r\n y: z', 'X: \0', 'Date: now', 'Via: 1.1 x'],
);
const framed = fc.constantFrom(
  '',
  'Content-Length: 7',
  'Transfer-Encoding: chunked',
  'Content-Length: +1',
);
const anyResponse = fc
  .tuple(statusLine, fc.array(line, { maxLength: 4 }), framed)
  .map(([first, lines, last]) => {
    return `${[first, ...lines, last].filter((text) => text !== '').join('\r\n')}\r\n\r\n`;
  });

test('any bytes are a head, a need for more, or refused with a reason, never a throw', async () => {
  const head = new ResponseHead();
  fc.assert(
    fc.property(fc.oneof(anyResponse, anyBytes), fc.boolean(), (text, isHead) => {
      const result = scanResponseHead(head, bytesOf(text), 0, text.length, isHead);
      if (result < 0) return result === -1 && head.refusal !== undefined;
      return (
        head.refusal === undefined && (result === 0 || text.slice(0, result).endsWith('\r\n\r\n'))
      );
    }),
    { numRuns: 3_000 },
  );
});

test('a head that is used again remembers nothing of the response before', async () => {
  const used = new ResponseHead();
  const facts = (head: ResponseHead, text: string) => {
    if (scanResponseHead(head, bytesOf(text), 0, text.length, false) <= 0) return head.refusal;
    stripResponseHopByHop(head);
    const out = Buffer.alloc(4_096) as Buffer & Bytes;
    const written = out.latin1Slice(0, writeResponseHead(out, 0, head, new ResponseOutline()));
    return [written, head.framing, head.contentLength, head.persistent, head.minorVersion];
  };
  fc.assert(
    fc.property(anyResponse, anyResponse, (before, text) => {
      facts(used, before);
      deepEqual(facts(used, text), facts(new ResponseHead(), text));
    }),
    { numRuns: 1_000 },
  );
});

/** A server that answers every request with the bytes in `answer`, and Node's client before it. */
async function nodeClient() {
  let answer = '';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer, 'latin1'));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;

  function read(
    bytes: string,
  ): Promise<{ status: number; fields: readonly string[]; body: string }> {
    answer = bytes;
    return new Promise((resolve, reject) => {
      const request = ask({ port, host: '127.0.0.1', agent: false }, async (response) => {
        let body = '';
        response.setEncoding('latin1');
        for await (const part of response) body += part;
        resolve({ status: response.statusCode ?? 0, fields: response.rawHeaders, body });
      });
      request.on('error', reject);
      request.end();
    });
  }
  return { read, close: () => server.close() };
}

const out = Buffer.alloc(64 * 1024) as Buffer & Bytes;
const body = 'HTTP/1.1 200 OK\r\n\r\n';

function bodyFor(bodyFraming: number): string {
  if (bodyFraming === framing.none) return '';
  return bodyFraming === framing.chunked ? `13\r\n${body}\r\n0\r\n\r\n` : body;
}

function fieldsOf(text: string): readonly string[] {
  const head = new ResponseHead();
  scanResponseHead(head, bytesOf(text), 0, text.length, false);
  const { lines, bytes } = head;
  return Array.from({ length: lines.count }, (_, i) => [
    bytes.latin1Slice(lines.nameStart(i), lines.nameEnd(i)),
    lines.value(i),
  ]).flat();
}

test('a response that is written is the same response to Node', async (t) => {
  const client = await nodeClient();
  t.teardown(client.close);
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(anyResponse, async (text) => {
      const head = new ResponseHead();
      if (scanResponseHead(head, bytesOf(text), 0, text.length, false) <= 0) return;
      taken++;
      stripResponseHopByHop(head);
      const outline = new ResponseOutline();
      outline.framing = head.framing;
      outline.contentLength = head.framing === framing.length ? body.length : 0;
      outline.connection = 'close';
      const written = out.latin1Slice(0, writeResponseHead(out, 0, head, outline));
      const read = await client.read(written + bodyFor(head.framing));
      const expected = head.framing === framing.none ? '' : body;
      deepEqual(read, { status: head.status, fields: fieldsOf(written), body: expected }, written);
    }),
    { numRuns: 500 },
  );
  t.ok(taken > 100, `${taken} responses were taken`);
});
