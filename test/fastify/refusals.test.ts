import { test } from 'tap';
import { RawClient } from '../support/raw-client.ts';
import { service, upstream } from './service.ts';

const v1 = await upstream('v1');
const text = `apiVersion: turnout/v1
routes:
  - { name: shop, versions: { v1: { url: "${v1.url}" } } }
`;
const { port, app, close } = await service({ rules: { text } });

const post = (lines: string, body = '0\r\n\r\n') =>
  `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n${body}`;
const get = (lines: string) => `GET / HTTP/1.1\r\n${lines}\r\n\r\n`;

/**
 * Twenty-four requests that readers understand differently. `by: 'turnout'` are those that
 * Node hands on and that only the scanner refuses.
 */
const refused = [
  { what: 'coding and length', bytes: post('Transfer-Encoding: chunked\r\nContent-Length: 5') },
  { what: 'coding xchunked', bytes: post('Transfer-Encoding: xchunked'), by: 'turnout' },
  { what: 'coding chunked, identity', bytes: post('Transfer-Encoding: chunked, identity') },
  { what: 'coding gzip, chunked', bytes: post('Transfer-Encoding: gzip, chunked'), by: 'turnout' },
  {
    what: 'two codings',
    bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'),
  },
  {
    what: 'coding on HTTP/1.0',
    bytes: 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    by: 'turnout',
  },
  { what: 'two equal lengths', bytes: post('Content-Length: 3\r\nContent-Length: 3', 'abc') },
  { what: 'two different lengths', bytes: post('Content-Length: 3\r\nContent-Length: 4', 'abcd') },
  { what: 'length +3', bytes: post('Content-Length: +3', 'abc') },
  { what: 'bare LF', bytes: 'GET / HTTP/1.1\nHost: a\n\n' },
  { what: 'CR in a value', bytes: get('Host: a\r\nX: a\rb') },
  { what: 'NUL in a value', bytes: get('Host: a\r\nX: a\0b') },
  { what: 'space before the colon', bytes: get('Host: a\r\nX : a') },
  { what: 'a folded line', bytes: get('Host: a\r\nX: a\r\n b') },
  { what: 'two Hosts', bytes: get('Host: a\r\nHost: b'), by: 'turnout' },
  { what: 'no Host', bytes: get('X: a') },
  { what: 'a bad Host', bytes: get('Host: a/b@c'), by: 'turnout' },
  { what: 'target is not Host', bytes: 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n', by: 'turnout' },
  { what: '# in the target', bytes: 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n', by: 'turnout' },
  { what: 'GET *', bytes: 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', by: 'turnout' },
  { what: 'HTTP/2.0', bytes: 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', by: 'turnout' },
  { what: 'HTTP/0.9', bytes: 'GET /\r\n\r\n', by: 'turnout' },
  { what: 'chunks with bare LF', bytes: post('Transfer-Encoding: chunked', '1\nx\n0\n\n') },
  { what: 'chunk size 0x3', bytes: post('Transfer-Encoding: chunked', '0x3\r\nabc\r\n0\r\n\r\n') },
];

for (const { what, bytes, by } of refused) {
  test(`refuses ${what}`, async (t) => {
    const asked = v1.count();
    const client = await RawClient.connect(port);
    t.teardown(() => client.destroy());
    await client.write(bytes).receives('\r\n\r\n');
    t.match(client.received, /^HTTP\/1\.1 (?:400|404|501|505) /);
    if (by === 'turnout') await client.receives(/\{"error":"[a-z0-9_]+","status":\d+,.*\}\n/);
    t.equal(v1.count(), asked, 'no version has seen it');
  });
}

test('counts what it refuses, without a route', async (t) => {
  const ours = refused.filter(({ by }) => by === 'turnout').length;
  const line = `turnout_errors_total{route="",version="",reason="bad_request"} ${ours}`;
  t.ok((await app.turnout.metrics()).split('\n').includes(line), line);
});

test('takes what is only unusual', async (t) => {
  for (const bytes of [
    get('Host: a\r\nCookie: ;;=;a=1;;'),
    'GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET //x/%2F?a=1?b&c=% HTTP/1.1\r\nHost: a\r\n\r\n',
    get('Host: a\r\nX: caf\u00e9'),
    get('Host: a\r\nTrailer: x'),
    get(
      'Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
    ),
    post('Transfer-Encoding: Chunked\r\nExpect: 100-continue'),
  ]) {
    const client = await RawClient.connect(port);
    t.teardown(() => client.destroy());
    await client.write(bytes).receives('"version":"v1"');
    t.match(client.received, /HTTP\/1\.1 200 /, bytes);
  }
});

test('closes the service', async () => {
  await close();
  await v1.close();
});
