import { deepStrictEqual as deepEqual } from 'node:assert';
import fc from 'fast-check';
import { test } from 'tap';
import { ChunkedDecoder } from '#core/http1/chunked';
import { bytesOf } from './any-request.ts';
import { nodeOrigin } from './node-origin.ts';

const piece = fc.constantFrom(
  ...['1\r\na\r\n', '3;x=y\r\nabc\r\n', '0a\r\n0123456789\r\n', '2\r\n\r\n\r\n', 'A: b\r\n'],
  ...['\r\n', '\n', '\r', ' ', ';', '0', '0x1\r\na\r\n', '1\na\n', '1 \r\na\r\n', 'X', '\0'],
);
const usual = fc.constantFrom('1\r\na\r\n', '3;x=y\r\nabc\r\n', '0a\r\n0123456789\r\n');
const chunks = fc.array(
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: piece }),
  {
    maxLength: 5,
  },
);
const end = fc.constantFrom('0\r\n\r\n', '0\r\n\r\n', '0;x\r\nX-Check: 1\r\n\r\n', '0\r\n\n', '');

test('a chunked body that is taken is the same body to Node, and ends at the same byte', async (t) => {
  const origin = await nodeOrigin();
  t.teardown(origin.close);
  const before = 'POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  const behind = 'GET /2 HTTP/1.1\r\nHost: a\r\n\r\n';
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(chunks, end, async (list, last) => {
      const body = list.join('') + last;
      const bytes = bytesOf(body + behind);
      const decoder = new ChunkedDecoder();
      decoder.decode(bytes, 0, bytes.length);
      if (!decoder.done) return;
      taken++;
      const data = bytes.latin1Slice(decoder.dataStart, decoder.dataEnd);
      const rest = bytes.latin1Slice(decoder.next);
      const { requests } = await origin.send(before + (body + behind));
      deepEqual(requests[0]?.body, data, body);
      deepEqual(rest.endsWith(behind), true);
      if (rest === behind) deepEqual([requests.length, requests[1]?.url], [2, '/2'], body);
    }),
    { numRuns: 600 },
  );
  t.ok(taken > 100, `${taken} bodies were taken`);
});
