import { test } from 'tap';
import { get } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { proxied } from '../support/proxied.ts';
import { response } from '../support/raw-origin.ts';

for (const { says, stillAt, goneAt, because } of [
  { says: '', stillAt: 3_900, goneAt: 4_001, because: 'nothing is said' },
  { says: 'Keep-Alive: timeout=5\r\n', stillAt: 2_900, goneAt: 3_001, because: 'two less than 5' },
  {
    says: 'Keep-Alive: timeout=60, max=100\r\n',
    stillAt: 57_900,
    goneAt: 58_001,
    because: 'two less than 60',
  },
]) {
  test(`an idle connection is closed after ${stillAt} to ${goneAt} ms: ${because}`, async (t) => {
    let nowMs = 1_000;
    const { origin, client } = await proxied(
      t,
      ({ socket }) => socket.write(response('ok', '200 OK', says)),
      { now: () => nowMs },
    );
    client.write(get);
    await client.receives('ok');
    nowMs += stillAt;
    // The coarse clock ticks four times a second.
    await new Promise((resolve) => setTimeout(resolve, 600));
    t.equal(origin.connections[0]?.isClosed, false);
    nowMs += goneAt - stillAt;
    await eventually(() => origin.connections[0]?.isClosed === true, 'it is closed');
  });
}

test('an upstream that keeps connections for two seconds or less is given none back', async (t) => {
  const { origin, client } = await proxied(t, ({ socket }) =>
    socket.write(response('ok', '200 OK', 'Keep-Alive: timeout=2\r\n')),
  );
  for (let n = 1; n <= 2; n++) {
    client.write(get);
    await client.until(({ received }) => received.split('\r\n\r\nok').length === n + 1);
  }
  t.equal(origin.connections.length, 2);
});
