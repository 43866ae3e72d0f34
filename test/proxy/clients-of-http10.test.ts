import { test } from 'tap';
import { proxied } from '../support/proxied.ts';

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n';

/** Answers of which a client of HTTP/1.0 learns the end by the end of its connection. */
const whole = [
  {
    name: 'chunks',
    bytes: `${chunked}3\r\nabc\r\n3;x\r\ndef\r\n0\r\nX-Check: 1\r\n\r\n`,
    ends: false,
  },
  { name: 'no length', bytes: 'HTTP/1.1 200 OK\r\n\r\nabcdef', ends: true },
  { name: 'no length, HTTP/1.0', bytes: 'HTTP/1.0 200 OK\r\n\r\nabcdef', ends: true },
];
const broken = [
  { name: 'chunks without the last one', bytes: `${chunked}6\r\nabcdef\r\n`, ends: true },
  { name: 'half a chunk', bytes: `${chunked}6\r\nabc`, ends: true },
  { name: 'a chunk that is none', bytes: `${chunked}6\r\nabcdef\r\n0x0\r\n\r\n`, ends: false },
  {
    name: 'half a length',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nabcdef',
    ends: true,
  },
];

for (const reading of ['borrowed', 'events'] as const) {
  for (const { name, bytes, ends } of whole) {
    test(`of ${name} HTTP/1.0 gets the bytes, and the connection ends well (${reading} reads)`, async (t) => {
      const { client } = await proxied(
        t,
        ({ socket }) => {
          if (ends) socket.end(bytes);
          else socket.write(bytes);
        },
        { reading },
      );
      client.write('GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTE: trailers\r\n\r\n');
      await client.ends();
      t.match(
        client.received,
        /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*Connection: close\r\n(?:.*\r\n)*\r\nabcdef$/,
      );
      t.notMatch(client.received, /transfer-encoding|content-length|trailer|x-check/i);
      t.equal(client.resetBy, undefined);
    });
  }

  for (const { name, bytes, ends } of broken) {
    test(`of ${name} HTTP/1.0 must not take what came for the whole (${reading} reads)`, async (t) => {
      const { client, origin, proxy } = await proxied(
        t,
        async ({ socket }) => {
          socket.write(bytes);
          if (!ends) return;
          // First the bytes that it gets, so that it is told by the end alone.
          await client.receives('abc');
          socket.end();
        },
        { reading },
      );
      client.write('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
      await client.closes();
      t.equal(client.resetBy, 'ECONNRESET');
      t.equal(proxy.seen[0]?.failure, ends ? 'upstream_reset' : 'upstream_malformed');
      await origin.until(([first]) => first?.isClosed ?? false);
    });
  }
}
