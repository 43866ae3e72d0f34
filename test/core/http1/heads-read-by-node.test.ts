import { deepStrictEqual as deepEqual } from 'node:assert';
import { METHODS } from 'node:http';
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
import { nodeOrigin } from './node-origin.ts';

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
      stripUntrusted(head, new Set());
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
