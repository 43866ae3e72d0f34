import { test } from 'tap';
import type { Bytes } from '#core/http1/bytes';
import { ChunkedDecoder } from '#core/http1/chunked';
import {
  type Case,
  cutsOf,
  padded,
  paddingLength,
  readCases,
  textOf,
  type Written,
} from './corpus.ts';

interface Expected {
  readonly data?: Written;
  readonly trailers?: Written;
  /** What stands behind the body and must be as it was. */
  readonly rest?: string;
}

interface Decoded {
  readonly state: string;
  readonly data: string;
  readonly trailers: string;
  readonly rest: string;
}

/** Decodes bytes that come in pieces, each in a buffer of its own. */
function decode(text: string, cuts: readonly number[], decoder = new ChunkedDecoder()): Decoded {
  decoder.reset();
  let data = '';
  let start = 0;
  for (const cut of [...cuts, text.length]) {
    const length = cut - start;
    const piece = text.slice(start, cut);
    start = cut;
    const bytes = padded(piece);
    decoder.decode(bytes, paddingLength, paddingLength + length);
    data += bytes.latin1Slice(decoder.dataStart, decoder.dataEnd);
    checkSurroundings(bytes, piece);
    if (decoder.refusal !== undefined)
      return { state: decoder.refusal, data: '', trailers: '', rest: '' };
    if (decoder.done) {
      const rest = bytes.latin1Slice(decoder.next, paddingLength + length) + text.slice(cut);
      return { state: 'done', data, trailers: decoder.trailerText, rest };
    }
    if (decoder.next !== paddingLength + length)
      throw new Error('bytes were left without being done');
  }
  return { state: 'more', data, trailers: '', rest: '' };
}

function checkSurroundings(bytes: Bytes, piece: string): void {
  const before = padded(piece);
  const end = paddingLength + piece.length;
  const isSame =
    before.latin1Slice(0, paddingLength) === bytes.latin1Slice(0, paddingLength) &&
    before.latin1Slice(end) === bytes.latin1Slice(end);
  if (!isSame) throw new Error('bytes outside the input were changed');
}

function textsOf(expected: Readonly<Record<string, unknown>>): Record<string, string> {
  const wanted = Object.entries(expected).filter(([key]) => key !== 'more');
  return Object.fromEntries(wanted.map(([key, value]) => [key, textOf(value as Written)]));
}

for (const { name, bytes: written, expect, why } of readCases<Case<Expected>>('chunked.json')) {
  test(`${name}: ${why}`, async (t) => {
    const text = textOf(written);
    const whole = decode(text, []);
    if ('refused' in expect) {
      t.equal(whole.state, expect.refused);
    } else {
      t.equal(whole.state, 'more' in expect ? 'more' : 'done');
      t.strictSame({ ...whole, ...textsOf({ ...expect }) }, whole);
    }

    const decoder = new ChunkedDecoder();
    const cuts = cutsOf(text.length);
    t.strictSame(decode(text, cuts, decoder), whole, 'the same in pieces');
    for (const cut of cuts) {
      const split = decode(text, [cut], decoder);
      if (JSON.stringify(split) !== JSON.stringify(whole))
        t.strictSame(split, whole, `cut at ${cut}`);
    }
  });
}
