import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'tap';
import type { NodeBytes } from '../../src/proxy/node-bytes.ts';
import { Partial } from '../../src/proxy/partial.ts';
import { proxied } from '../support/proxied.ts';
import { answering, response } from '../support/raw-origin.ts';

const long = 'x'.repeat(7_900);
const largeHead = `GET /${long} HTTP/1.1\r\nHost: a\r\nX: ${long}\r\n\r\n`;

/** Gives what was written the time to be read by itself. */
async function turn(): Promise<void> {
  for (let turns = 0; turns < 4; turns++) await nextTurn();
}

/** Returns how many bytes are looked at when a head comes byte by byte. */
function looksAt(text: string): number {
  const partial = new Partial();
  const one = Buffer.alloc(1) as unknown as NodeBytes;
  let looked = 0;
  for (const byte of Buffer.from(text, 'latin1')) {
    one[0] = byte;
    if (!partial.appendRead(one, 1)) continue;
    looked += partial.length;
    partial.keep(partial.bytes, 0, partial.length);
  }
  return looked;
}

test('a head that comes byte by byte is looked at some fifty times over, not 16,000 times', async (t) => {
  const most = 120 * largeHead.length;
  t.ok(looksAt(largeHead) < most);
  t.ok(
    looksAt(`GET / HTTP/1.1\r\nHost: a\r\n${`X: ${'y'.repeat(150)}\r\n`.repeat(98)}\r\n`) < most,
  );
});

test('the first bytes are looked at one by one', async (t) => {
  t.equal(looksAt('GET / HTTP/1.1'), (14 * 15) / 2);
});

for (const reading of ['borrowed', 'events'] as const) {
  test(`a large head that comes byte by byte is served (${reading} reads)`, async (t) => {
    const { origin, client } = await proxied(t, answering(response('served')), { reading });
    for (const byte of largeHead) {
      client.write(byte);
      await nextTurn();
    }
    await client.receives('served');
    t.ok(origin.connections[0]?.received.startsWith(`GET /${long} HTTP/1.1\r\n`));
  });

  test(`a fault is told to who stops right behind it (${reading} reads)`, async (t) => {
    const { client } = await proxied(t, () => {}, { reading });
    client.write(`GET /${'a'.repeat(500)}`);
    await turn();
    client.write('\x7f');
    await client.receives('"error":"bad_target_byte"');
    t.match(client.received, /^HTTP\/1\.1 400 /);
  });

  test(`a fault is told to who ends right behind it (${reading} reads)`, async (t) => {
    const { client, proxy } = await proxied(t, () => {}, { reading });
    client.write(`GET /${'a'.repeat(500)}`);
    await turn();
    client.write('\x7f');
    await turn();
    client.socket.end();
    await client.closes();
    t.match(client.received, /^HTTP\/1\.1 400 [\s\S]*"error":"bad_target_byte"/);
    t.same(proxy.refused, ['bad_target_byte']);
  });

  for (const ends of [false, true]) {
    test(`a version's fault is seen, ${ends ? 'ended' : 'stopped'} right behind it (${reading} reads)`, async (t) => {
      const { client, proxy } = await proxied(
        t,
        async ({ socket }) => {
          socket.write(`HTTP/1.1 200 ${'a'.repeat(500)}`);
          await turn();
          socket.write('\0');
          await turn();
          if (ends) socket.end();
        },
        { reading },
      );
      client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await client.receives('"error":"upstream_malformed"');
      t.same(proxy.refused, ['bad_status_line']);
    });
  }
}
