import { setTimeout as wait } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { type Proxied, proxied } from '../support/proxied.ts';
import { type OriginConnection, response } from '../support/raw-origin.ts';

// What has been read of a body together with its head goes upstream in one write with it. That
// takes a connection that is there at once: one that has been used, and is settled.

const body = 'abcdefghij'.repeat(1_000);
const chunkedHead = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

function headOf(method: string, length = body.length): string {
  return `${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
}

/** Answers a GET, and what ends as given. */
function answers(end: string) {
  return (connection: OriginConnection): void => {
    if (connection.received.startsWith('GET')) {
      connection.received = '';
      connection.socket.write(response('first'));
    } else if (connection.received.endsWith(end)) connection.socket.write(response('whole'));
  };
}

/** Returns when a connection has been used that the next request will find settled. */
async function settled(
  t: Test,
  reading: 'borrowed' | 'events',
  onData: Parameters<typeof proxied>[1],
): Promise<Proxied & { readonly connection: OriginConnection }> {
  const setting = await proxied(t, onData, { reading });
  setting.client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await setting.client.receives('first');
  await wait(20);
  const [connection] = setting.origin.connections;
  if (connection === undefined) throw new Error('the origin has not been asked');
  return { ...setting, connection };
}

for (const reading of ['borrowed', 'events'] as const) {
  for (const { name, writes, arrives } of [
    { name: 'whole', writes: [headOf('POST') + body], arrives: body },
    {
      name: 'begun',
      writes: [headOf('POST') + body.slice(0, 4_321), body.slice(4_321)],
      arrives: body,
    },
    {
      name: 'in chunks',
      writes: [`${chunkedHead}5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n`],
      arrives: 'b\r\nhello world\r\n0\r\n\r\n',
    },
    {
      name: 'with a second request behind it',
      writes: [`${headOf('POST', 3)}abc${headOf('POST')}${body}`],
      arrives: body,
    },
  ]) {
    test(`a body that comes with its head, ${name}, passes byte for byte (${reading})`, async (t) => {
      const { client, connection, proxy, origin } = await settled(t, reading, (each) => {
        const isSmall = each.received.endsWith('\r\n\r\nabc');
        if (isSmall) each.socket.write(response('small'));
        else answers(arrives)(each);
      });
      for (const [at, text] of writes.entries()) {
        if (at > 0) await origin.until(() => connection.received.includes('\r\n\r\n'));
        client.write(text);
      }
      await client.receives('whole');
      const all = origin.connections.map((each) => each.received).join('');
      t.ok(all.endsWith(`\r\n\r\n${arrives}`));
      t.same(proxy.bugs, []);
    });
  }

  test(`a head is not held back for a body of which nothing can be sent yet (${reading})`, async (t) => {
    const { client, connection, origin } = await settled(t, reading, answers('0\r\n\r\n'));
    client.write(`${chunkedHead}5`);
    await origin.until(() => connection.received.includes('\r\n\r\n'));
    t.match(connection.received, /^POST .*\r\n\r\n$/s, 'the head, and nothing of a chunk');
    client.write('\r\nhello\r\n0\r\n\r\n');
    await client.receives('whole');
    t.match(connection.received, /\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/);
  });

  test(`a body that is refused at once shows the upstream nothing (${reading})`, async (t) => {
    const { client, connection, origin } = await settled(t, reading, answers('never'));
    client.write(`${chunkedHead}0x5\r\nhello\r\n0\r\n\r\n`);
    await client.receives('400 Bad Request');
    await origin.until(([first]) => first?.isClosed === true);
    t.equal(connection.received, '');
  });

  test(`it is sent again, head and body, where the connection has died (${reading})`, async (t) => {
    const { client, origin, proxy } = await settled(t, reading, (each, all) => {
      if (each === all[0] && each.received.startsWith('PUT')) each.socket.resetAndDestroy();
      else answers(body)(each);
    });
    client.write(headOf('PUT') + body);
    await client.receives('whole');
    t.ok(origin.connections[1]?.received.endsWith(`\r\n\r\n${body}`));
    t.match(origin.connections[1]?.received, /^PUT /);
    t.same(proxy.retried, ['stale']);
  });
}
