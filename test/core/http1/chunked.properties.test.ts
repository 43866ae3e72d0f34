import { deepStrictEqual as deepEqual } from 'node:assert';
import fc from 'fast-check';
import { test } from 'tap';
import { ChunkedDecoder } from '#core/http1/chunked';
import { bytesOf } from './any-request.ts';

const data = fc
  .uint8Array({ minLength: 1, maxLength: 90 })
  .map((bytes) => String.fromCharCode(...bytes));
const size = fc.constantFrom(
  (length: number) => length.toString(16),
  (length: number) => length.toString(16).toUpperCase().padStart(8, '0'),
  (length: number) => `${length.toString(16)};a="b;c"`,
);
const chunk = fc
  .tuple(size, data)
  .map(([write, text]) => ({ text, line: `${write(text.length)}\r\n` }));
const trailers = fc.constantFrom('', 'X-Check: 1\r\n', 'X-Check: 1\r\nServer-Timing: a\r\n');
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

/** Decodes text cut at these places, each piece in a buffer of its own. */
function decode(text: string, cuts: readonly number[]) {
  const decoder = new ChunkedDecoder();
  const ends = [...cuts.map((place) => Math.floor(place * text.length)), text.length].sort(
    (a, b) => a - b,
  );
  let received = '';
  let start = 0;
  for (const end of ends) {
    const bytes = bytesOf(text.slice(start, end));
    decoder.decode(bytes, 0, bytes.length);
    received += bytes.latin1Slice(decoder.dataStart, decoder.dataEnd);
    const next = start + decoder.next;
    if (decoder.refusal !== undefined) return { refusal: decoder.refusal };
    if (decoder.done) return { received, trailers: decoder.trailerText, next };
    start = end;
  }
  return { received, trailers: decoder.trailerText, next: undefined };
}

test('any chunks, cut anywhere, give back their data and leave what follows', async () => {
  fc.assert(
    fc.property(fc.array(chunk), trailers, data, places, (chunks, fields, behind, cuts) => {
      const body = `${chunks.map(({ line, text }) => `${line}${text}\r\n`).join('')}0\r\n${fields}\r\n`;
      deepEqual(decode(body + behind, cuts), {
        received: chunks.map(({ text }) => text).join(''),
        trailers: fields,
        next: body.length,
      });
    }),
    { numRuns: 500 },
  );
});

const framingText = fc.string({
  unit: fc.constantFrom(
    '0',
    '1',
    'a',
    '\r\n',
    '\r\n',
    '\r',
    '\n',
    ';',
    ' ',
    ':',
    'X',
    '\0',
    '\xff',
  ),
  maxLength: 40,
});

test('any bytes are decoded, wait for more, or are refused; cut anywhere, alike', async () => {
  fc.assert(
    fc.property(framingText, places, (text, cuts) => {
      deepEqual(decode(text, cuts), decode(text, []));
    }),
    { numRuns: 3_000 },
  );
});

test('after a reset nothing is left of the body before', async () => {
  const used = new ChunkedDecoder();
  fc.assert(
    fc.property(framingText, framingText, (before, text) => {
      const first = bytesOf(before);
      used.reset();
      used.decode(first, 0, first.length);
      const again = bytesOf(text);
      used.reset();
      used.decode(again, 0, again.length);
      const expected = decode(text, []);
      deepEqual(used.refusal, expected.refusal);
      if (used.refusal === undefined) {
        deepEqual(again.latin1Slice(used.dataStart, used.dataEnd), expected.received);
        deepEqual(used.trailerText, expected.trailers);
      }
    }),
    { numRuns: 1_000 },
  );
});
