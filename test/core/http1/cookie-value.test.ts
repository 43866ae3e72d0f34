import { test } from 'tap';
import { RequestHead, requestLimits, scanRequestHead } from '#core/http1/request-head';
import { bytesOf } from './any-request.ts';

// The odd forms of Cookie are data: test/conformance/http1/requests.json.
function cookieOf(lines: readonly string[], name: string): string | undefined {
  const head = new RequestHead();
  const text = `GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `Cookie: ${line}\r\n`).join('')}\r\n`;
  if (scanRequestHead(head, bytesOf(text), 0, text.length, requestLimits) <= 0) {
    throw new Error(`the test's request is refused: ${head.refusal}`);
  }
  return head.cookie(name);
}

for (const { lines, name, value, because } of [
  { lines: ['a=1; b=2'], name: 'b', value: '2', because: 'it stands there' },
  { lines: ['a=1; b=2'], name: 'B', value: undefined, because: 'case counts' },
  { lines: ['aa=1'], name: 'a', value: undefined, because: 'a name that begins alike is another' },
  { lines: ['a=1; a=2'], name: 'a', value: '1', because: 'the first counts' },
  { lines: ['a'], name: 'a', value: undefined, because: 'without = it has no name' },
  { lines: ['a='], name: 'a', value: '', because: 'a value may be empty' },
  { lines: ['a=b=c'], name: 'a', value: 'b=c', because: 'only the first = divides' },
  { lines: ['\t a=\t1 \t;b=2'], name: 'a', value: '1', because: 'blanks around it are nothing' },
  { lines: ['a=caf\xe9'], name: 'a', value: 'caf\xe9', because: 'bytes stay bytes' },
  { lines: ['a=%41'], name: 'a', value: '%41', because: 'nothing is decoded' },
  {
    lines: [`x=${'y'.repeat(8_000)}`, 'a=1'],
    name: 'a',
    value: '1',
    because: '8 KiB are looked at',
  },
  {
    lines: [`x=${'y'.repeat(8_000)}`, `z=${'y'.repeat(300)}; a=1`],
    name: 'a',
    value: undefined,
    because: 'no more than 8 KiB',
  },
  {
    lines: [`x=${'y'.repeat(8_000)}`, `a=${'y'.repeat(300)}`],
    name: 'a',
    value: undefined,
    because: 'a cookie that is cut by the limit is not the cookie',
  },
]) {
  const shown = lines.map((line) => (line.length > 40 ? `${line.slice(0, 8)}…` : line)).join(' | ');
  test(`${name} of "${shown}" is ${value}: ${because}`, async (t) => {
    t.equal(cookieOf(lines, name), value);
  });
}
