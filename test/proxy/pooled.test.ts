import { type Test, test } from 'tap';
import { RawClient } from '../support/raw-client.ts';
import { type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo, startProxy } from '../support/start-proxy.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n';

/**
 * Leaves connections idle to an origin, since the instants given, and returns which of them
 * a POST at an instant is sent on: its index, or their number for a new one.
 */
async function takenBy(t: Test, idleSince: readonly number[], at: number): Promise<number> {
  let now = 0;
  const origin = await rawOrigin(() => {});
  const proxy = await startProxy(rulesTo(origin.url), { now: () => now });
  const clients: RawClient[] = [];
  t.teardown(async () => {
    for (const client of clients) client.destroy();
    proxy.close();
    await origin.close();
  });
  const send = async (request: string) => {
    const client = await RawClient.connect(proxy.port);
    clients.push(client.write(request));
    await origin.until((all) => all.filter(isAsked).length === clients.length - answered);
    return client;
  };
  let answered = 0;
  for (const _ of idleSince) await send(get);
  for (const [index, instant] of idleSince.entries()) {
    now = instant;
    const connection = origin.connections[index];
    if (connection !== undefined) connection.received = '';
    connection?.socket.write(response('ok'));
    answered++;
    await clients[index]?.receives('ok');
  }
  now = at;
  await send(post);
  return origin.connections.findIndex(isAsked);
}

function isAsked({ received }: OriginConnection): boolean {
  return received.endsWith('\r\n\r\n');
}

for (const { idleSince, at, taken, because } of [
  { idleSince: [0, 100, 200], at: 210, taken: 2, because: 'the one used last' },
  { idleSince: [0, 100, 208], at: 210, taken: 1, because: 'one that is not quite settled waits' },
  { idleSince: [208, 209], at: 210, taken: 2, because: 'none is settled' },
  { idleSince: [0, 100], at: 1_200, taken: 2, because: 'all may be about to be closed' },
]) {
  test(`a POST takes ${taken < idleSince.length ? 'a pooled' : 'a new'} connection: ${because}`, async (t) => {
    t.equal(await takenBy(t, idleSince, at), taken);
  });
}
