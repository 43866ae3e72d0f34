import { type Case, readCases, textOf } from '../conformance/http1/corpus.ts';
import type { Dice } from './dice.ts';
import { mutated } from './mutate.ts';
import { chunks } from './request-streams.ts';

/** Streams of responses as versions write them, and as broken ones do. */

type Texts = readonly [string, ...string[]];

const statusLines: Texts = [
  ...([
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 OK',
    'HTTP/1.1 404 ',
    'HTTP/1.0 200 OK',
  ] as const),
  ...['HTTP/1.1 204 No Content', 'HTTP/1.1 304 Not Modified', 'HTTP/1.1 299 na ja', 'HTTP/1.1 500'],
];
const oddStatusLines: Texts = [
  ...([
    'HTTP/1.1 99 X',
    'HTTP/1.1 600 X',
    'HTTP/2.0 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 2000 X',
    'ICY 200 OK',
  ] as const),
  ...[
    'HTTP/1.1 101 Switching Protocols',
    'http/1.1 200 OK',
    'HTTP/1.1 200\tOK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1 +20 OK',
  ],
];
const interims: Texts = [
  ...([
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n',
    'HTTP/1.1 102 Processing\r\n\r\n',
  ] as const),
  ...[
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\nabc',
    'HTTP/1.0 100 X\r\n\r\n',
  ],
];
const lines: Texts = [
  ...([
    'Server: x',
    'Set-Cookie: a=1',
    'Set-Cookie: b="2"; Path=/',
    'Connection: close',
    'X:y',
    'ETag: "x"',
  ] as const),
  ...[
    'Connection: keep-alive, X',
    'Keep-Alive: timeout=5',
    'Trailer: X-Check',
    'X: caf\xe9\t ',
    'Upgrade: h2c',
  ],
  ...[
    'Date: now',
    'Via: 1.1 x',
    'Proxy-Authenticate: Basic',
    'Content-Encoding: gzip',
    'Location: //evil.example/',
    '__proto__: x',
  ],
];
const oddLines: Texts = [
  ...([
    'X : y',
    'X: a\r\n b',
    'X: \0',
    'X: a\nSet-Cookie: b=c',
    'X: a\rb',
    ': x',
    'X',
    ' X: y',
    'Connection: "a"',
  ] as const),
  ...[
    'Content-Length: 3',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip',
    'Content-Length: 3, 3',
    'X\0: y',
  ],
];
const framings: Texts = [
  ...([
    'Content-Length: +3',
    'Content-Length: 3\r\nContent-Length: 3',
    'Transfer-Encoding: xchunked',
    'Content-Length:',
  ] as const),
  ...[
    'Content-Length: 3\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: chunked, gzip',
    'Transfer-Encoding: \x0bchunked',
  ],
];
const bodies: Texts = [
  'abc',
  '',
  'x',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny',
  '0\r\n\r\n',
  '\r\n\r\n',
  'a'.repeat(300),
  '\0\xff\n\r',
];
const strays: Texts = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother',
  '\r\n',
  'x',
  'HTTP/1.1 408 Late\r\n\r\n',
];

const known: readonly string[] = readCases<Case<object>>('responses.json')
  .map(({ bytes }) => textOf(bytes))
  .filter(({ length }) => length < 2_000);

/** Returns what a version sends for one request. */
export function responseStream(dice: Dice): string {
  if (dice.once(8)) return known[dice.below(known.length)] ?? '';
  const stream = response(dice);
  return dice.once(2) ? mutated(dice, stream, () => response(dice)) : stream;
}

function response(dice: Dice): string {
  const isOdd = dice.once(4);
  const odd = (times: number) => isOdd && dice.once(times);
  const before = dice.once(8) ? dice.some(1, 3, () => dice.pick(interims)).join('') : '';
  const fields = dice.some(0, 4, () => (odd(4) ? dice.pick(oddLines) : dice.pick(lines)));
  const { line, bytes } = framedBody(dice, isOdd);
  if (line !== '') fields.splice(dice.below(fields.length + 1), 0, line);
  const first = odd(4) ? dice.pick(oddStatusLines) : dice.pick(statusLines);
  const behind = dice.once(10) ? dice.pick(strays) : '';
  return `${before}${[first, ...fields].join('\r\n')}\r\n\r\n${bytes}${behind}`;
}

function framedBody(dice: Dice, isOdd: boolean): { readonly line: string; readonly bytes: string } {
  const text = dice.pick(bodies);
  const kind = dice.below(8);
  if (isOdd && dice.once(4))
    return { line: dice.pick(framings), bytes: dice.once(2) ? chunks(dice, true) : text };
  if (kind === 0) return { line: '', bytes: text };
  if (kind < 5) {
    const length = dice.once(10) ? dice.below(8) : text.length;
    return { line: `Content-Length: ${length}`, bytes: text };
  }
  return { line: 'Transfer-Encoding: chunked', bytes: chunks(dice, isOdd) };
}
