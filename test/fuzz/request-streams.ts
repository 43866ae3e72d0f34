import { type Case, readCases, textOf } from '../conformance/http1/corpus.ts';
import type { Dice } from './dice.ts';
import { mutated } from './mutate.ts';

/** Streams of requests as clients and attackers write them: mostly right, so that all rules are reached. */

type Texts = readonly [string, ...string[]];

const methods: Texts = [
  ...(['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'] as const),
  ...['PROPFIND', 'M-SEARCH', 'QUERY'],
];
const oddMethods: Texts = [
  'TRACE',
  'CONNECT',
  'get',
  'PRI',
  'GeT',
  'G\x00T',
  'A'.repeat(25),
  'VERSION-CONTROL',
];
const targets: Texts = ['/', '/', '/index.html', '/a/b/c', '/shop//x', '/a%2Fb', '/~u', '/a;b=c'];
const segments: Texts = [
  ...([
    '',
    'a',
    'shop',
    '.',
    '..',
    '%2e',
    '.%2E',
    '...',
    '%41',
    '%2F',
    '%2f..',
    '%5c',
    'a%20b',
  ] as const),
  ...['*', "!$&'()", '@:', '[x]', '^`|', '"<>{}', 'x'.repeat(70), '%25', '%C3%A9', 'a.b', '=,+'],
];
const oddSegments: Texts = [
  '..;',
  '.;a',
  '%',
  '%0',
  '%zz',
  '%00',
  '#',
  '\\',
  'a b',
  'caf\xe9',
  '\x7f',
  '..',
  '\t',
];
const queries: Texts = ['', '', '', '?', '?a=1', '?a=1?b&c=%', '?\\', '?"x"', '?//', '?..', '?%00'];
const oddTargets: Texts = [
  ...([
    '*',
    'http://a.example/x',
    'HTTP://A.example',
    'http://b.example/',
    'b',
    '//b.example/x',
  ] as const),
  ...[
    'https://a.example?q',
    'http://u@a.example/',
    'http:/a',
    'a.example:80',
    '',
    'ftp://a/',
    '?x',
  ],
];
const versions: Texts = [
  'HTTP/1.0',
  'HTTP/2.0',
  'HTTP/1.2',
  'http/1.1',
  'HTTP/1.10',
  'HTTP/0.9',
  'HTTP/1.1 ',
  '',
];
const oddHosts: Texts = [
  ...(['host: A.Example:8080', 'HOST:  [::1]:80 ', 'Host: a.example.', 'Host:a_b', ''] as const),
  ...[
    'Host: a/b@c',
    'Host:',
    'Host: a.example\r\nHost: b.example',
    'Host: a:0',
    'Host: a, b',
    'Host: [::1%25e]',
  ],
];
const lines: Texts = [
  ...([
    'Accept: */*',
    'User-Agent: curl/8',
    'Cookie: a=1; b=2',
    'Cookie: ;;=;a=1;;',
    'X-One: 1',
  ] as const),
  ...[
    'Connection: close',
    'Connection: keep-alive',
    'Connection: keep-alive, X-One',
    'TE: trailers',
  ],
  ...[
    'Connection: upgrade',
    'Upgrade: h2c',
    'Upgrade: foo',
    'HTTP2-Settings: AAMAAABk',
    'Keep-Alive: 5',
  ],
  ...['Connection: Content-Length', 'Connection: Transfer-Encoding, Host', 'Connection: x, , y'],
  ...[
    'X-Forwarded-For: 1.2.3.4',
    'X_Forwarded_For: 1.2.3.4',
    'Forwarded: for=1.2.3.4',
    'Via: 1.1 x',
  ],
  ...[
    'X-Forwarded-Proto: https',
    'X-Real-IP: 1.2.3.4',
    'Trailer: X-Check',
    'Max-Forwards: 3',
    '__proto__: x',
  ],
  ...[
    'Expect: 100-continue',
    'Proxy-Connection: keep-alive',
    'Proxy-Authorization: x',
    'X: caf\xe9',
    'X:',
  ],
  ...[
    'Content_Length: 3',
    'Transfer_Encoding: chunked',
    'X: \t a \t b\t',
    'Authorization: a',
    'constructor: x',
  ],
  ...[
    'Content-Encoding: gzip',
    "!#$%&'*+-.^_`|~: odd",
    'X: GET / HTTP/1.1',
    'Sec-WebSocket-Key: x',
    'TE: gzip',
  ],
];
const oddLines: Texts = [
  ...([
    'X : a',
    ' X: a',
    'X: a\r\n b',
    'X: a\x00b',
    'X: a\rb',
    'X: a\nb',
    ': x',
    'X',
    'X: \x0b',
    'X\x00: a',
  ] as const),
  ...[
    'Expect: 200-ok',
    'Connection: "a"',
    'Max-Forwards: 0',
    'Upgrade: websocket\r\nConnection: upgrade',
  ],
  ...[
    'Content-Length: 0',
    'Transfer-Encoding: chunked',
    'Content-Length : 3',
    'Transfer-Encoding:\tchunked',
  ],
  ...[
    'Transfer-Encoding\r\n : chunked',
    'X: a\r\n\r\nGET /hidden HTTP/1.1',
    '\x00',
    'X(y): a',
    `X: ${'y'.repeat(9_000)}`,
  ],
];
const oddFramings: Texts = [
  ...(['Content-Length: 3\r\nTransfer-Encoding: chunked', 'Transfer-Encoding: xchunked'] as const),
  ...[
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: gzip, chunked',
    'Content-Length: +3',
  ],
  ...[
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    'Content-Length: 3\r\nContent-Length: 3',
  ],
  ...[
    'Content-Length: 3\r\nContent-Length: 4',
    'Content-Length: 3, 3',
    'Content-Length: 0x3',
    'Content-Length: 3 ',
  ],
  ...[
    'Content-Length: 0003',
    'Transfer-Encoding: \x0bchunked',
    'Transfer-Encoding: chunked;a=b',
    'Content-Length:',
  ],
  ...[
    'Transfer-Encoding: "chunked"',
    'Transfer-Encoding: CHUNKED',
    'Content-Length: 99999999999999999999',
  ],
  ...[
    'Transfer-Encoding: chunked ',
    'Transfer-Encoding: ,chunked',
    'Transfer-Encoding: chunked\x00',
    'Content-Length: 3\xa0',
  ],
];
const bodies: Texts = [
  ...([
    'abc',
    '',
    'x',
    'GET /inner HTTP/1.1\r\nHost: a\r\n\r\n',
    '0\r\n\r\n',
    '\r\n',
    '\r\n\r\n',
    '5\r\nhello\r\n',
  ] as const),
  ...['a'.repeat(300), '\x00\xff\n\r', '{"a":1}', 'HTTP/1.1 200 OK\r\n\r\n'],
];
const extensions: Texts = [
  '',
  '',
  '',
  ';x=y',
  ';',
  ';a="b;c"',
  '; \tx',
  ';\xff',
  ' ;x',
  ';x=\n',
  `;${'e'.repeat(300)}`,
];
const trailers: Texts = [
  ...([
    '',
    '',
    '',
    '',
    'X-Check: 1\r\n',
    'A: b\r\nB: c\r\n',
    'Content-Length: 3\r\n',
    'Host: b\r\n',
  ] as const),
  ...[
    'X-Forwarded-For: 1.2.3.4\r\n',
    'X : y\r\n',
    ' folded\r\n',
    'Transfer-Encoding: chunked\r\n',
    'X: y\n',
    'X\r\n',
  ],
];

/** Short cases of the corpus, as streams. */
const known: readonly string[] = [
  ...readCases<Case<object>>('requests.json').map(({ bytes }) => textOf(bytes)),
  ...readCases<Case<object>>('chunked.json').map(
    ({ bytes }) =>
      `POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n${textOf(bytes)}`,
  ),
].filter(({ length }) => length < 2_000);

/** Makes streams of requests, and counts the requests it has made. */
export class RequestStreams {
  made = 0;

  /** Returns a stream of its own kind, half of them with some bytes changed. */
  next(dice: Dice): string {
    const stream = this.#stream(dice);
    return dice.once(2) ? mutated(dice, stream, () => this.#stream(dice)) : stream;
  }

  /** One to four requests, each with its number in it; now and then one that is known. */
  #stream(dice: Dice): string {
    const isOdd = dice.once(3);
    let number = 0;
    const requests = dice.some(1, 4, () => {
      this.made++;
      if (dice.once(8)) return known[dice.below(known.length)];
      return request(dice, isOdd && dice.once(2), ++number);
    });
    return requests.join('');
  }
}

function request(dice: Dice, isOdd: boolean, number: number): string {
  const odd = (times: number) => isOdd && dice.once(times);
  const target = odd(5) ? oddTarget(dice) : `${dice.pick(targets)}${dice.pick(queries)}`;
  const method = odd(8) ? dice.pick(oddMethods) : dice.pick(methods);
  const version = odd(6) ? dice.pick(versions) : dice.once(12) ? 'HTTP/1.0' : 'HTTP/1.1';
  const fields = [odd(6) ? dice.pick(oddHosts) : host(dice), `X-Number: ${number}`];
  for (let more = dice.below(4); more > 0; more--)
    fields.push(odd(6) ? dice.pick(oddLines) : dice.pick(lines));
  const body = framedBody(dice, isOdd);
  if (body.line !== '') fields.splice(dice.below(fields.length + 1), 0, body.line);
  const before = odd(8) ? dice.pick(['\r\n', '\r\n\r\n', '\n', '\r', ' ']) : '';
  const wanted = fields.filter((line) => line !== '').join('\r\n');
  return `${before}${method} ${target} ${version}\r\n${wanted}\r\n\r\n${body.bytes}`;
}

/** Mostly one that has been named before. */
function host(dice: Dice): string {
  return dice.once(2) ? 'Host: a.example' : `Host: h${dice.below(1_000)}.example`;
}

function oddTarget(dice: Dice): string {
  if (dice.once(2)) return dice.pick(oddTargets);
  const path = dice.some(1, 5, () => (dice.once(6) ? dice.pick(oddSegments) : dice.pick(segments)));
  return `/${path.join('/')}${dice.pick(queries)}`;
}

interface FramedBody {
  readonly line: string;
  readonly bytes: string;
}

function framedBody(dice: Dice, isOdd: boolean): FramedBody {
  const kind = dice.below(10);
  const text = dice.pick(bodies);
  if (isOdd && dice.once(4)) {
    return { line: dice.pick(oddFramings), bytes: dice.once(2) ? chunks(dice, isOdd) : text };
  }
  if (kind < 5) return { line: '', bytes: '' };
  if (kind < 8) {
    const length = isOdd && dice.once(6) ? dice.below(8) : text.length;
    return { line: `Content-Length: ${length}`, bytes: text };
  }
  return { line: 'Transfer-Encoding: chunked', bytes: chunks(dice, isOdd) };
}

/** Returns a chunked body, with faults here and there where it may have some. */
export function chunks(dice: Dice, isOdd: boolean): string {
  const parts = dice.some(0, 3, () => chunk(dice, isOdd));
  const last =
    isOdd && dice.once(6)
      ? dice.pick(['0\n\r\n', '00', '0\r\n', '', '0 \r\n\r\n', '-0\r\n\r\n'])
      : '0';
  const extension = isOdd ? dice.pick(extensions) : dice.pick(['', '', ';x']);
  const trailer = isOdd ? dice.pick(trailers) : dice.pick(['', '', 'X-Check: 1\r\n']);
  return `${parts.join('')}${last}${extension}\r\n${trailer}\r\n`;
}

function chunk(dice: Dice, isOdd: boolean): string {
  const data = dice.pick(bodies) || 'a';
  const odd = (times: number) => isOdd && dice.once(times);
  let size = data.length.toString(16);
  if (dice.once(5)) size = size.toUpperCase().padStart(1 + dice.below(8), '0');
  if (odd(12))
    size = dice.pick([
      `0x${size}`,
      `+${size}`,
      ` ${size}`,
      `${size} `,
      `1${size}`,
      '',
      'FFFFFFFFF',
      `${size}g`,
    ]);
  const end = odd(12) ? dice.pick(['\n', '\r', '', '\r\r\n', ' \r\n', '\r\n\r\n']) : '\r\n';
  const lineEnd = odd(16) ? dice.pick(['\n', '\r', '\r\r\n']) : '\r\n';
  return `${size}${isOdd ? dice.pick(extensions) : ''}${lineEnd}${data}${end}`;
}
