import fc from 'fast-check';
import type { Bytes } from '#core/http1/bytes';

/** Requests as clients and attackers write them: mostly right, so that all rules are reached. */

export function bytesOf(text: string): Bytes {
  return Buffer.from(text, 'latin1') as Buffer & Bytes;
}

const tokenCharacters = "!#$%&'*+-.^_`|~0123456789abcxyzABCXYZ";
const token = fc.string({
  unit: fc.constantFrom(...tokenCharacters),
  minLength: 1,
  maxLength: 12,
});
const latin1 = fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code));
const valueText = fc
  .string({
    unit: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...'abc ,;="\t') }, latin1),
    maxLength: 30,
  })
  .map((text) => text.replaceAll('\x7f', ''));

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH') },
  { weight: 1, arbitrary: fc.constantFrom('PROPFIND', 'X-Y', 'get', 'TRACE', 'M-SEARCH', 'HEAD') },
);
const segment = fc.constantFrom(
  ...['', 'a', 'shop', '.', '..', '%2e', '.%2E', '...', '%41', '%2F', '%2f..', 'a;b=c', 'a%20b'],
  ...['*', '~u', 'a+b', '!$&', "'()", '@:', '[x]', '^`', '..;', '%', '#', '\\', '%00'],
);
const path = fc.array(segment, { minLength: 1, maxLength: 6 }).map((list) => `/${list.join('/')}`);
const usualPath = fc.constantFrom('/', '/index.html', '/a/b/c', '/shop//x', '/a%2Fb');
const query = fc.constantFrom('', '', '?', '?a=1', '?a=1?b&c=%', '?\\', '?"x"');
const target = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(usualPath, query).map((parts) => parts.join('')) },
  { weight: 4, arbitrary: fc.tuple(path, query).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('*', 'http://a.example/x', 'HTTP://A.example', 'b') },
);
const version = fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0');
const host = fc.constantFrom(
  ...['Host: a.example', 'Host: a.example', 'host: A.Example:8080', 'HOST:  [::1]:80 ', ''],
);
const length = fc.nat(20).map((bytes) => `Content-Length: ${bytes}`);
const framingLine = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: length },
  { weight: 2, arbitrary: fc.constant('Transfer-Encoding: chunked') },
  { weight: 1, arbitrary: fc.constantFrom('Content-Length: +1', 'Transfer-Encoding: gzip') },
);
const knownLine = fc.constantFrom(
  ...['Connection: close', 'Connection: keep-alive, X-One', 'Connection: upgrade', 'TE: trailers'],
  ...['Upgrade: websocket', 'Upgrade: h2c', 'Expect: 100-continue', 'Keep-Alive: timeout=5'],
  ...['Cookie: a=1; b=2', 'Cookie: ;;=;a=1;;', 'X-One: 1', 'X_Forwarded_For: 1.2.3.4'],
  ...['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: h', 'Via: 1.1 x'],
  ...['Forwarded: for=1.2.3.4', 'Trailer: X-Check', 'Max-Forwards: 3', 'X-Forwarded-Port: 8443'],
  ...[
    'User-Agent: curl/8',
    'Accept: */*',
    'X-Turnout-Version: v2',
    'Content_Length: 3',
    '__proto__: x',
  ],
);
const otherLine = fc.tuple(token, valueText).map(([name, value]) => `X${name}: ${value}`);
const lines = fc.array(fc.oneof(knownLine, otherLine), { maxLength: 8 });

/** A head, as text of one character per byte; its rules are mostly kept. */
export const anyHead: fc.Arbitrary<string> = fc
  .tuple(method, target, version, host, framingLine, lines)
  .map(([verb, name, number, hostLine, framed, others]) => {
    const fields = [hostLine, ...others, framed].filter((line) => line !== '');
    return `${[`${verb} ${name} ${number}`, ...fields].join('\r\n')}\r\n\r\n`;
  });

/** What somebody might put into a message or cut out of it. */
const inserted = fc.oneof(
  latin1,
  fc.constantFrom('\r', '\n', '\r\n', '\0', '\t', ' ', ':', '\r\n\r\n', '\x7f', '\x0b', ', ', '%'),
);

/** A head with one or two faults. */
export const spoiltHead: fc.Arbitrary<string> = fc
  .tuple(
    anyHead,
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), inserted, fc.nat(2))),
  )
  .map(([head, faults]) =>
    faults.slice(0, 2).reduce((text, [place, what, cut]) => {
      const at = Math.floor(place * text.length);
      return text.slice(0, at) + what + text.slice(at + cut);
    }, head),
  );

export const anyBytes: fc.Arbitrary<string> = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => String.fromCharCode(...bytes));
