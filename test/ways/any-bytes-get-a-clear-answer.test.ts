import fc from 'fast-check';
import { test } from 'tap';
import { RawClient } from '../support/raw-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo, startProxy } from '../support/start-proxy.ts';

const pieces = fc.constantFrom(
  'GET / HTTP/1.1\r\n',
  'POST /a?b HTTP/1.1\r\n',
  'GET http://a/ HTTP/1.1\r\n',
  'Host: a\r\n',
  'Host: b:1\r\n',
  'Content-Length: 3\r\n',
  'Content-Length: 03, 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Expect: 100-continue\r\n',
  'Connection: close, X\r\n',
  'Upgrade: h2c\r\n',
  'Upgrade: websocket\r\nConnection: upgrade\r\n',
  '\r\n',
  '\n',
  '\r',
  ': ',
  'abc',
  '3\r\nabc\r\n',
  '0\r\n\r\n',
  '0\r\nTrailer: 1\r\n\r\n',
  '\0',
  '\xff',
  ' ',
  '%2e%2e/',
);
/** Anything at all, valid messages more often than chance would have it. */
const anyBytes = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: pieces },
      { weight: 1, arbitrary: fc.constant('GET / HTTP/1.1\r\nHost: a\r\n\r\n') },
      {
        weight: 1,
        arbitrary: fc
          .uint8Array({ maxLength: 40 })
          .map((bytes) => Buffer.from(bytes).toString('latin1')),
      },
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

const answers = /^(?:HTTP\/1\.1 \d{3} [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)/;

test('whatever bytes come, the client gets valid answers or a closed connection, and the next one is served', async (t) => {
  const origin = await rawOrigin(answering(response('ok')));
  const proxy = await startProxy(rulesTo(origin.url), { limits: { headMs: 200, bodyMs: 200 } });
  t.teardown(async () => {
    proxy.close();
    await origin.close();
  });
  await fc.assert(
    fc.asyncProperty(anyBytes, async (bytes) => {
      const client = await RawClient.connect(proxy.port);
      client.write(bytes);
      client.socket.end();
      await client.until(({ isEnded, isClosed }) => isEnded || isClosed);
      client.destroy();
      return client.received === '' || answers.test(client.received);
    }),
    { numRuns: 2_000 },
  );
  const client = await RawClient.connect(proxy.port);
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.receives('ok');
  client.destroy();
  t.same(proxy.bugs, []);
  t.equal(proxy.inFlight(), 0);
});
