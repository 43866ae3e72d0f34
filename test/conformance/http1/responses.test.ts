import { test } from 'tap';
import type { Bytes } from '#core/http1/bytes';
import { framing } from '#core/http1/framing';
import { ResponseHead, scanResponseHead, stripResponseHopByHop } from '#core/http1/response-head';
import { ResponseOutline, writeResponseHead } from '#core/http1/write-head';
import { type Case, cutsOf, padded, paddingLength, readCases, textOf } from './corpus.ts';

type Expected = Readonly<Record<string, unknown>> & {
  readonly kept?: Readonly<Record<string, string | null>>;
  /** Lines that stand in what is written, in this order. */
  readonly written?: readonly string[];
};

interface ResponseCase extends Case<Expected> {
  /** The method of the request; GET where it is not said. */
  readonly answers?: string;
}

function seen(head: ResponseHead, end: number, text: string): Record<string, unknown> {
  return {
    status: head.status,
    reason: head.bytes.latin1Slice(head.reasonStart, head.reasonEnd),
    version: `1.${head.minorVersion}`,
    body: Object.entries(framing).find(([, value]) => value === head.framing)?.[0],
    length: head.contentLength,
    persistent: head.persistent,
    rest: text.slice(end),
  };
}

function facts(head: ResponseHead, end: number, text: string, expected: Expected) {
  stripResponseHopByHop(head);
  const all = seen(head, end, text);
  const asked = Object.keys(expected).filter((key) => key in all);
  const kept = Object.keys(expected.kept ?? {}).map((name) => [name, head.fieldText(name) ?? null]);
  return {
    ...Object.fromEntries(asked.map((key) => [key, all[key]])),
    ...('kept' in expected && { kept: Object.fromEntries(kept) }),
    ...('written' in expected && { written: linesOf(head, expected.written ?? []) }),
  };
}

function linesOf(head: ResponseHead, wanted: readonly string[]): readonly string[] {
  const out = Buffer.alloc(64 * 1024) as Buffer & Bytes;
  const end = writeResponseHead(out, 0, head, new ResponseOutline());
  return out
    .latin1Slice(0, end)
    .split('\r\n')
    .filter((line) => wanted.includes(line));
}

function scanCut(bytes: Bytes, cuts: readonly number[], isHead: boolean) {
  const head = new ResponseHead();
  for (const at of cuts) {
    const result = scanResponseHead(head, bytes, paddingLength, paddingLength + at, isHead);
    if (result !== 0) return { result, at, head };
  }
  return { result: 0, at: cuts.at(-1) ?? 0, head };
}

for (const { name, answers, bytes: written, expect, why } of readCases<ResponseCase>(
  'responses.json',
)) {
  test(`${name}: ${why}`, async (t) => {
    const isHead = answers === 'HEAD';
    const text = textOf(written);
    const bytes = padded(text);
    const whole = scanCut(bytes, [text.length], isHead);
    if ('more' in expect) {
      t.equal(whole.result, 0, 'more bytes are wanted');
    } else if ('refused' in expect) {
      t.equal(whole.head.refusal ?? 'taken', expect.refused);
      t.equal(whole.result, -1);
    } else {
      t.equal(whole.head.refusal, undefined);
      t.strictSame(facts(whole.head, whole.result - paddingLength, text, expect), expect);
    }

    const cuts = cutsOf(text.length);
    const byByte = scanCut(bytes, cuts, isHead);
    t.equal(byByte.result, whole.result, 'the same byte by byte');
    t.equal(byByte.head.refusal, whole.head.refusal, 'for the same reason');
    for (const cut of cuts) {
      const split = scanCut(bytes, [cut, text.length], isHead);
      if (split.result === whole.result && split.head.refusal === whole.head.refusal) continue;
      t.fail(`cut at ${cut}: ${split.result} ${split.head.refusal}`);
    }
  });
}
