import { deepStrictEqual as deepEqual } from 'node:assert';
import fc from 'fast-check';
import { test } from 'tap';
import type { Bytes } from '#core/http1/bytes';
import {
  RequestHead,
  requestLimits,
  scanRequestHead,
  stripHopByHop,
  stripUntrusted,
} from '#core/http1/request-head';
import { targetForm } from '#core/http1/target-form';
import { RequestOutline, writeRequestHead } from '#core/http1/write-head';
import { anyBytes, anyHead, bytesOf, spoiltHead } from './any-request.ts';

const anyInput = fc.oneof(anyHead, spoiltHead, anyBytes);
const names: ReadonlySet<string> = new Set(['x-one']);

function scan(head: RequestHead, text: string, end = text.length): number {
  return scanRequestHead(head, bytesOf(text), 0, end, requestLimits);
}

/** All that is known of a head, as one value. */
function facts(head: RequestHead, result: number): unknown {
  if (result <= 0) return [result, head.refusal];
  const path = head.forwardedPath();
  return [
    [result, head.method, head.targetForm, head.minorVersion, head.hostText(), head.port],
    [path, head.matchedPath(path), head.hasQuery, head.queryText(), fieldsOf(head)],
    [head.framing, head.contentLength, head.persistent, head.expectsContinue, head.wantsUpgrade],
    [head.acceptsTrailers, head.maxForwards, head.viaCount, head.cookie('a')],
  ];
}

function fieldsOf(head: RequestHead): readonly (readonly [name: string, value: string])[] {
  return Array.from({ length: head.fieldCount }, (_, i) => i)
    .filter((i) => head.dropped[i] === 0)
    .map((i) => [head.lines.name(i), head.lines.value(i)] as const);
}

const out = Buffer.alloc(64 * 1024) as Buffer & Bytes;

function written(head: RequestHead): string {
  const outline = new RequestOutline();
  outline.peer = '203.0.113.7';
  outline.framing = head.framing;
  outline.contentLength = head.contentLength;
  outline.authority = head.hostEnd === 0 ? 'endpoint:80' : '';
  return out.latin1Slice(0, writeRequestHead(out, 0, head, outline));
}

test('any bytes are a head, a need for more, or refused with a reason, never a throw', async (t) => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyInput, (text) => {
      const head = new RequestHead();
      const result = scan(head, text);
      seen.add(result < 0 ? (head.refusal ?? 'none') : result === 0 ? 'more' : 'taken');
      if (result < 0) return result === -1 && head.refusal !== undefined;
      return (
        head.refusal === undefined && (result === 0 || text.slice(0, result).endsWith('\r\n\r\n'))
      );
    }),
    { numRuns: 3_000 },
  );
  t.ok(seen.has('taken') && seen.has('more'), 'both are reached');
  t.ok(seen.size > 15, `many reasons are reached: ${seen.size}`);
});

test('however the bytes are cut, the answer is the same', async () => {
  fc.assert(
    fc.property(anyInput, fc.array(fc.nat(300), { maxLength: 5 }), (text, places) => {
      const whole = new RequestHead();
      const expected = facts(whole, scan(whole, text));
      const cut = new RequestHead();
      let result = 0;
      for (const end of [
        ...places.filter((at) => at < text.length).sort((a, b) => a - b),
        text.length,
      ]) {
        result = scan(cut, text, end);
        if (result !== 0) break;
      }
      return JSON.stringify(facts(cut, result)) === JSON.stringify(expected);
    }),
    { numRuns: 1_500 },
  );
});

test('a head that is used again remembers nothing of the request before', async () => {
  const used = new RequestHead();
  fc.assert(
    fc.property(anyInput, anyInput, (before, text) => {
      scan(used, before);
      stripHopByHop(used, names);
      const fresh = new RequestHead();
      const expected = facts(fresh, scan(fresh, text));
      return JSON.stringify(facts(used, scan(used, text))) === JSON.stringify(expected);
    }),
    { numRuns: 1_500 },
  );
});

/** What a request says apart from what we add and what ends with us. */
function meaning(head: RequestHead): unknown {
  const ours = /^(?:host|via|te|connection|content-length|transfer-encoding|trailer|max-forwards)$/;
  const others = fieldsOf(head).filter(
    ([name]) => !ours.test(name) && !name.startsWith('x-forwarded-'),
  );
  const path = head.forwardedPath();
  return [
    [head.method, path, head.matchedPath(path), head.hasQuery, head.queryText(), others],
    [head.framing, head.contentLength, head.expectsContinue, head.acceptsTrailers],
  ];
}

test('what is written is taken again, as the same request', async (t) => {
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(anyHead, spoiltHead), (text) => {
      const head = new RequestHead();
      if (scan(head, text) <= 0 || head.targetForm === targetForm.asterisk) return;
      taken++;
      stripHopByHop(head, names);
      stripUntrusted(head, new Set());
      const expected = meaning(head);
      const host = head.hostText();
      const again = new RequestHead();
      const line = written(head);
      deepEqual([scan(again, line), again.refusal], [line.length, undefined], line);
      deepEqual(meaning(again), expected);
      deepEqual(
        [
          again.hostText(),
          again.minorVersion,
          again.targetForm,
          again.fieldText('x-forwarded-for'),
        ],
        [host === '' ? 'endpoint' : host, 1, targetForm.origin, '203.0.113.7'],
      );
    }),
    { numRuns: 1_000 },
  );
  t.ok(taken > 100, `${taken} of 1,000 were taken`);
});
