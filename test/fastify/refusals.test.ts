import { test } from 'tap';
import { matrix } from '../conformance/http1/matrix.ts';
import { RawClient } from '../support/raw-client.ts';
import { sampleKey } from '../support/web-socket.ts';
import { service, upstream } from './service.ts';

const v1 = await upstream('v1');
const text = `apiVersion: turnout/v1
routes:
  - { name: strict, match: { path: /strict }, versions: { v1: { url: "${v1.url}" } }, encodedSlash: refuse }
  - { name: shop, versions: { v1: { url: "${v1.url}" } } }
`;
const { port, app, close } = await service({ rules: { text } });

const post = (lines: string, body = '0\r\n\r\n') =>
  `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n${body}`;
const get = (lines: string) => `GET / HTTP/1.1\r\n${lines}\r\n\r\n`;

/** What Node hands on: only the scanner refuses these. */
const byTurnout: ReadonlySet<string> = new Set([
  'Transfer-Encoding xchunked',
  'gzip before chunked',
  'Transfer-Encoding on HTTP/1.0',
  'two lines of Host',
  'Host with a path and a user',
  'an absolute target of another host',
  'a fragment in the target',
  '* with GET',
  'HTTP/2.0',
  'HTTP/0.9',
]);
const refused = matrix('refuse');

for (const { name, text } of refused) {
  test(`refuses ${name}`, async (t) => {
    const asked = v1.count();
    const client = await RawClient.connect(port);
    t.teardown(() => client.destroy());
    await client.write(text).receives('\r\n\r\n');
    t.match(client.received, /^HTTP\/1\.1 (?:400|404|501|505) /);
    if (byTurnout.has(name)) await client.receives(/\{"error":"[a-z0-9_]+","status":\d+,.*\}\n/);
    t.equal(v1.count(), asked, 'no version has seen it');
  });
}

test('counts what it refuses, without a route', async (t) => {
  t.equal(refused.length, 24);
  const ours = refused.filter(({ name }) => byTurnout.has(name)).length;
  t.equal(ours, byTurnout.size);
  const line = `turnout_errors_total{route="",version="",reason="bad_request"} ${ours}`;
  t.ok((await app.turnout.metrics()).split('\n').includes(line), line);
});

test('refuses an escaped slash where its route does', async (t) => {
  const asked = v1.count();
  const client = await RawClient.connect(port);
  t.teardown(() => client.destroy());
  await client.write('GET /strict/a%2Fb HTTP/1.1\r\nHost: a\r\n\r\n').receives('encoded_slash');
  t.match(client.received, /^HTTP\/1\.1 400 /);
  t.equal(v1.count(), asked, 'no version has seen it');
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
    get(`Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${sampleKey}`),
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
