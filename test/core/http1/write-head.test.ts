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
import { ResponseHead, scanResponseHead, stripResponseHopByHop } from '#core/http1/response-head';
import {
  RequestOutline,
  ResponseOutline,
  writeRequestHead,
  writeResponseHead,
} from '#core/http1/write-head';
import { bytesOf } from './any-request.ts';

const out = Buffer.alloc(64 * 1024) as Buffer & Bytes;

interface Wish {
  readonly trusted?: boolean;
  readonly outline?: Partial<RequestOutline>;
}

/** Returns the lines of a request as it is forwarded. */
function forwarded(lines: readonly string[], { trusted = false, outline = {} }: Wish = {}) {
  const text = `${lines.join('\r\n')}\r\n\r\n`;
  const head = new RequestHead();
  const end = scanRequestHead(head, bytesOf(text), 0, text.length, requestLimits);
  if (end <= 0) throw new Error(`the test's request is refused: ${head.refusal}`);
  stripHopByHop(head, new Set());
  if (!trusted) stripUntrusted(head, new Set());
  const wish = Object.assign(new RequestOutline(), {
    peer: '203.0.113.7',
    framing: head.framing,
    contentLength: head.contentLength,
    ...outline,
  });
  return linesOf(writeRequestHead(out, 5, head, wish));
}

function linesOf(end: number): readonly string[] {
  const lines = out.latin1Slice(5, end).split('\r\n');
  if (lines.at(-1) !== '' || lines.at(-2) !== '') throw new Error('the head has no end');
  return lines.slice(0, -2);
}

const seen = [
  'X-Forwarded-For: 203.0.113.7',
  'X-Forwarded-Proto: http',
  'X-Forwarded-Host: a.example',
  'X-Forwarded-Port: 80',
  'Via: 1.1 turnout',
];
const get = 'GET / HTTP/1.1';
const host = 'Host: a.example';

for (const { name, sent, wish, expected } of [
  {
    name: 'Host comes first, then what was sent, then what we say',
    sent: ['GET /a?b HTTP/1.1', 'Accept: */*', 'HOST: a.example', 'X: 1', 'x: 2', 'Y:z'],
    expected: ['GET /a?b HTTP/1.1', host, 'Accept: */*', 'X: 1', 'x: 2', 'Y:z', ...seen],
  },
  {
    name: 'fields that are dropped leave no gap',
    sent: [get, 'Connection: x-b', 'X-A: 1', 'X-B: 2', 'TE: x', 'X-C: 3', host, 'Keep-Alive: 1'],
    expected: [get, host, 'X-A: 1', 'X-C: 3', ...seen],
  },
  {
    name: 'a length is written anew',
    sent: ['POST / HTTP/1.1', host, 'content-length: 0042', 'X: 1'],
    expected: ['POST / HTTP/1.1', host, 'X: 1', 'Content-Length: 42', ...seen],
  },
  {
    name: 'a length of 15 digits is written whole',
    sent: ['POST / HTTP/1.1', host, 'Content-Length: 999999999999999'],
    expected: ['POST / HTTP/1.1', host, 'Content-Length: 999999999999999', ...seen],
  },
  {
    name: 'Trailer goes with chunks',
    sent: ['POST / HTTP/1.1', host, 'transfer-encoding: CHUNKED', 'Trailer: X-Check'],
    expected: ['POST / HTTP/1.1', host, 'Trailer: X-Check', 'Transfer-Encoding: chunked', ...seen],
  },
  {
    name: 'Trailer does not go without chunks',
    sent: [get, host, 'Trailer: X-Check'],
    expected: [get, host, ...seen],
  },
  {
    name: 'who takes trailers says so to the next',
    sent: [get, host, 'TE: gzip;q=0.5, trailers', 'Connection: TE'],
    expected: [get, host, 'TE: trailers', 'Connection: TE', ...seen],
  },
  {
    name: 'Max-Forwards of OPTIONS is counted down',
    sent: ['OPTIONS /a HTTP/1.1', host, 'Max-Forwards: 10', 'X: 1'],
    expected: ['OPTIONS /a HTTP/1.1', host, 'X: 1', 'Max-Forwards: 9', ...seen],
  },
  {
    name: 'Max-Forwards of GET is nothing to us',
    sent: [get, host, 'Max-Forwards: 10'],
    expected: [get, host, 'Max-Forwards: 10', ...seen],
  },
  {
    name: 'an absolute target becomes a path',
    sent: ['GET http://a.example?x HTTP/1.1', host],
    expected: ['GET /?x HTTP/1.1', host, ...seen],
  },
  {
    name: 'dot segments are taken out, an empty query stays',
    sent: ['GET /a/%2e%2e/b/? HTTP/1.1', host],
    expected: ['GET /b/? HTTP/1.1', host, ...seen],
  },
  {
    name: 'HTTP/1.0 becomes HTTP/1.1, and Via says what it was',
    sent: ['GET / HTTP/1.0'],
    wish: { outline: { authority: 'endpoint:8080' } },
    expected: [
      ...[get, 'Host: endpoint:8080', 'X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: http'],
      ...['X-Forwarded-Port: 80', 'Via: 1.0 turnout'],
    ],
  },
  {
    name: 'a rule changes path and host; the query and what the client called us stay',
    sent: ['GET /a?b HTTP/1.1', host],
    wish: { outline: { path: '/v2/a', authority: 'shop.internal' } },
    expected: ['GET /v2/a?b HTTP/1.1', 'Host: shop.internal', ...seen],
  },
  {
    name: 'a query of ours takes the place of the one sent',
    sent: ['GET /a?b HTTP/1.1', host],
    wish: { outline: { query: 'c' } },
    expected: ['GET /a?c HTTP/1.1', host, ...seen],
  },
  {
    name: 'an empty query of ours is none',
    sent: ['GET /a?b HTTP/1.1', host],
    wish: { outline: { query: '' } },
    expected: ['GET /a HTTP/1.1', host, ...seen],
  },
  {
    name: 'edits leave out and add',
    sent: [get, host, 'X-Secret: 1', 'x-secret: 2', 'X-Other: 3'],
    wish: {
      outline: {
        edits: { drop: new Set(['x-secret']), lines: 'X-Added: caf\xe9\r\n' },
        lines: 'X-More: 1\r\n',
      },
    },
    expected: [get, host, 'X-Other: 3', ...seen, 'X-Added: caf\xe9', 'X-More: 1'],
  },
  {
    name: 'what a rule sets or removes is not said by us as well',
    sent: [get, host],
    wish: {
      outline: {
        edits: {
          drop: new Set(['x-forwarded-proto', 'via']),
          lines: 'X-Forwarded-Proto: https\r\n',
        },
      },
    },
    expected: [
      ...[get, host, 'X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Host: a.example'],
      ...['X-Forwarded-Port: 80', 'X-Forwarded-Proto: https'],
    ],
  },
  {
    name: 'what an untrusted client says of itself is not repeated',
    sent: [get, host, 'X-Forwarded-For: 6.6.6.6', 'Forwarded: for=6.6.6.6', 'X-Real-IP: 6.6.6.6'],
    expected: [get, host, ...seen],
  },
  {
    name: 'a trusted proxy is believed, and joins the list',
    sent: [
      ...[get, host, 'X-Forwarded-For: 1.2.3.4', 'x-forwarded-for: 10.0.0.9', 'X-Real-IP: 1.2.3.4'],
      ...['X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.example', 'X-Forwarded-Port: 8443'],
      ...['X-Forwarded-Prefix: /shop'],
    ],
    wish: { trusted: true },
    expected: [
      ...[get, host, 'X-Real-IP: 1.2.3.4', 'X-Forwarded-Prefix: /shop'],
      ...['X-Forwarded-For: 1.2.3.4, 10.0.0.9, 203.0.113.7', 'X-Forwarded-Proto: https'],
      ...['X-Forwarded-Host: shop.example', 'X-Forwarded-Port: 8443', 'Via: 1.1 turnout'],
    ],
  },
  {
    name: 'what even a trusted proxy says twice or wrongly is said by us',
    sent: [
      ...[get, host, 'X-Forwarded-Proto: https', 'X-Forwarded-Proto: http'],
      ...['X-Forwarded-Host: a/b', 'X-Forwarded-Port: 0'],
    ],
    wish: { trusted: true },
    expected: [get, host, ...seen],
  },
  {
    name: 'Forwarded gets an entry where a trusted proxy began it',
    sent: [get, 'Host: a.example:81', 'Forwarded: for=1.2.3.4'],
    wish: { trusted: true, outline: { peer: '2001:db8::1', proto: 'https' } },
    expected: [
      ...[get, 'Host: a.example:81', 'Forwarded: for=1.2.3.4', 'X-Forwarded-For: 2001:db8::1'],
      ...['X-Forwarded-Proto: https', 'X-Forwarded-Host: a.example:81', 'X-Forwarded-Port: 81'],
      'Forwarded: for="[2001:db8::1]";proto=https;host="a.example:81"',
      'Via: 1.1 turnout',
    ],
  },
  {
    name: 'a port that is known is said',
    sent: [get, host],
    wish: { outline: { proto: 'https', port: 8443, peer: '::ffff:192.0.2.1' } },
    expected: [
      ...[get, host, 'X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: https'],
      ...['X-Forwarded-Host: a.example', 'X-Forwarded-Port: 8443', 'Via: 1.1 turnout'],
    ],
  },
] satisfies readonly {
  name: string;
  sent: readonly string[];
  wish?: Wish;
  expected: readonly string[];
}[]) {
  test(name, async (t) => {
    t.strictSame(forwarded(sent, wish), expected);
  });
}

test('what is remembered of a connection follows what it says next', async (t) => {
  const outline = new RequestOutline();
  const head = new RequestHead();
  const say = (text: string, change: Partial<RequestOutline>) => {
    scanRequestHead(head, bytesOf(text), 0, text.length, requestLimits);
    Object.assign(outline, change);
    return linesOf(writeRequestHead(out, 5, head, outline)).slice(2);
  };
  const forA = `${get}\r\n${host}\r\n\r\n`;
  t.strictSame(say(forA, { peer: '203.0.113.7' }), seen);
  t.strictSame(say(forA, {}), seen);
  t.match(say(`${get}\r\nHost: b.example\r\n\r\n`, {}), { 2: 'X-Forwarded-Host: b.example' });
  t.match(say(forA, {}), { 2: 'X-Forwarded-Host: a.example' });
  t.match(say(forA, { proto: 'https' }), {
    1: 'X-Forwarded-Proto: https',
    3: 'X-Forwarded-Port: 443',
  });
  t.match(say(forA, { port: 8443 }), { 3: 'X-Forwarded-Port: 8443' });
  t.match(say(`GET / HTTP/1.0\r\n${host}\r\n\r\n`, {}), { 4: 'Via: 1.0 turnout' });
});

test('a rule cannot break the request line', async (t) => {
  for (const path of ['/a b', '/a\r\nX: y', '/\0', '/caf\xe9']) {
    t.throws(() => forwarded([get, host], { outline: { path } }), /would break/);
  }
  t.throws(() => forwarded([get, host], { outline: { authority: 'a\r\nX: y' } }), /would break/);
});

/** Returns the lines of a response as it is forwarded. */
function answered(lines: readonly string[], outline: Partial<ResponseOutline> = {}) {
  const text = `${lines.join('\r\n')}\r\n\r\n`;
  const head = new ResponseHead();
  const end = scanResponseHead(head, bytesOf(text), 0, text.length, false);
  if (end <= 0) throw new Error(`the test's response is refused: ${head.refusal}`);
  stripResponseHopByHop(head);
  const wish = Object.assign(new ResponseOutline(), {
    framing: head.framing,
    contentLength: head.contentLength,
    ...outline,
  });
  return linesOf(writeResponseHead(out, 5, head, wish));
}

const ok = 'HTTP/1.1 200 OK';
const via = 'Via: 1.1 turnout';

for (const { name, sent, outline, expected } of [
  {
    name: 'a response with a length',
    sent: [ok, 'content-length: 5', 'Server: x', 'Connection: keep-alive', 'Keep-Alive: timeout=5'],
    expected: [ok, 'Server: x', 'Content-Length: 5', via],
  },
  {
    name: 'a response in chunks',
    sent: [ok, 'Transfer-Encoding: chunked', 'Trailer: X-Check'],
    expected: [ok, 'Trailer: X-Check', 'Transfer-Encoding: chunked', via],
  },
  {
    name: 'a response in chunks to a client that does not know them',
    sent: [ok, 'Transfer-Encoding: chunked', 'Trailer: X-Check'],
    outline: { framing: framing.untilClose, connection: 'close' },
    expected: [ok, 'Connection: close', via],
  },
  {
    name: 'a client of HTTP/1.0 is told that it may go on',
    sent: [ok, 'Content-Length: 0'],
    outline: { connection: 'keep-alive' },
    expected: [ok, 'Content-Length: 0', 'Connection: keep-alive', via],
  },
  {
    name: '204 has no length',
    sent: ['HTTP/1.1 204 No Content', 'Content-Length: 0'],
    expected: ['HTTP/1.1 204 No Content', via],
  },
  {
    name: 'a reason is kept as it is, also none',
    sent: ['HTTP/1.0 299', 'Content-Length: 0'],
    expected: ['HTTP/1.1 299 ', 'Content-Length: 0', 'Via: 1.0 turnout'],
  },
  {
    name: 'a date is added where there is none',
    sent: [ok, 'Content-Length: 0'],
    outline: { date: 'Mon, 23 Nov 2026 10:00:00 GMT' },
    expected: [ok, 'Content-Length: 0', 'Date: Mon, 23 Nov 2026 10:00:00 GMT', via],
  },
  {
    name: 'the date of the upstream stays',
    sent: [ok, 'date: x', 'Content-Length: 0'],
    outline: { date: 'Mon, 23 Nov 2026 10:00:00 GMT' },
    expected: [ok, 'date: x', 'Content-Length: 0', via],
  },
  {
    name: 'a rule sets the date and takes out Via',
    sent: [ok, 'Content-Length: 0'],
    outline: {
      date: 'Mon, 23 Nov 2026 10:00:00 GMT',
      edits: { drop: new Set(['date', 'via']), lines: 'Date: today\r\n' },
    },
    expected: [ok, 'Content-Length: 0', 'Date: today'],
  },
  {
    name: 'lines of Set-Cookie stay apart, edits and ours come behind them',
    sent: [ok, 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Server: x', 'Content-Length: 0'],
    outline: {
      edits: { drop: new Set(['server']), lines: 'X-Version: v2\r\n' },
      lines: 'Set-Cookie: c=3\r\n',
    },
    expected: [
      ...[ok, 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Content-Length: 0', via],
      ...['X-Version: v2', 'Set-Cookie: c=3'],
    ],
  },
] satisfies readonly {
  name: string;
  sent: readonly string[];
  outline?: Partial<ResponseOutline>;
  expected: readonly string[];
}[]) {
  test(name, async (t) => {
    t.strictSame(answered(sent, outline), expected);
  });
}
