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
import { type Case, cutsOf, padded, paddingLength, readCases, textOf } from './corpus.ts';

/** What is said of a head that is taken; only what is named is compared. */
type Expected = Readonly<Record<string, unknown>> & {
  /** Lines after stripping, joined, by lower-case name; null: nothing is left. */
  readonly kept?: Readonly<Record<string, string | null>>;
  readonly cookies?: Readonly<Record<string, string | null>>;
};

/** Names that the rules of a document mention. */
const names: ReadonlySet<string> = new Set(['x-rule']);

function nameOf(table: Readonly<Record<string, number>>, value: number): string | undefined {
  return Object.keys(table).find((key) => table[key] === value);
}

function seen(head: RequestHead, end: number, text: string): Record<string, unknown> {
  const path = head.forwardedPath();
  return {
    method: head.method,
    form: nameOf(targetForm, head.targetForm),
    path,
    matched: head.matchedPath(path),
    query: head.queryText(),
    version: `1.${head.minorVersion}`,
    host: head.hostText(),
    port: head.port,
    body: nameOf(framing, head.framing),
    length: head.contentLength,
    persistent: head.persistent,
    expectsContinue: head.expectsContinue,
    upgrade: head.wantsUpgrade,
    acceptsTrailers: head.acceptsTrailers,
    maxForwards: head.maxForwards,
    rest: text.slice(end),
  };
}

function look(
  wanted: Readonly<Record<string, string | null>> = {},
  find: (name: string) => string | undefined,
): Record<string, string | null> {
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, find(name) ?? null]));
}

function facts(head: RequestHead, end: number, text: string, expected: Expected) {
  stripHopByHop(head, names);
  stripUntrusted(head, new Set());
  const all = seen(head, end, text);
  const asked = Object.keys(expected).filter((key) => key in all);
  return {
    ...Object.fromEntries(asked.map((key) => [key, all[key]])),
    ...('kept' in expected && { kept: look(expected.kept, (name) => head.fieldText(name)) }),
    ...('cookies' in expected && { cookies: look(expected.cookies, (name) => head.cookie(name)) }),
  };
}

/** Scans what has come so far, as often as more comes; returns the first answer and when. */
function scanCut(
  bytes: Bytes,
  cuts: readonly number[],
): { result: number; at: number; head: RequestHead } {
  const head = new RequestHead();
  for (const at of cuts) {
    const result = scanRequestHead(head, bytes, paddingLength, paddingLength + at, requestLimits);
    if (result !== 0) return { result, at, head };
  }
  return { result: 0, at: cuts.at(-1) ?? 0, head };
}

for (const { name, bytes: written, expect, why } of readCases<Case<Expected>>('requests.json')) {
  test(`${name}: ${why}`, async (t) => {
    const text = textOf(written);
    const bytes = padded(text);
    const whole = scanCut(bytes, [text.length]);
    if ('more' in expect) {
      t.equal(whole.result, 0, 'more bytes are wanted');
    } else if ('refused' in expect) {
      t.equal(whole.head.refusal ?? 'taken', expect.refused);
      t.equal(whole.result, -1);
    } else {
      t.equal(whole.head.refusal, undefined);
      const end = whole.result - paddingLength;
      t.strictSame(facts(whole.head, end, text, expect), expect);
    }

    const cuts = cutsOf(text.length);
    const byByte = scanCut(bytes, cuts);
    t.equal(byByte.result, whole.result, 'the same byte by byte');
    t.equal(byByte.head.refusal, whole.head.refusal, 'for the same reason');
    for (const cut of cuts) {
      const split = scanCut(bytes, [cut, text.length]);
      if (split.result === whole.result && split.head.refusal === whole.head.refusal) continue;
      t.fail(`cut at ${cut}: ${split.result} ${split.head.refusal}`);
    }
    // Nothing is decided before its bytes are there, and nothing is taken back.
    for (const cut of cuts.filter((at) => at < byByte.at)) {
      if (scanCut(bytes, [cut]).result !== 0) t.fail(`decided at ${cut}`);
    }
  });
}
