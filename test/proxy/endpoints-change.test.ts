import { test } from 'tap';
import { ask, get, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { startProxy } from '../support/start-proxy.ts';

const rulesOf = (...urls: readonly string[]) => `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { urls: ${JSON.stringify(urls)} } }
`;

test('an endpoint that goes finishes what it has, and is let go of', async (t) => {
  const stays = await rawOrigin(answering(response('stays')));
  let asked: OriginConnection | undefined;
  const goes = await rawOrigin((connection) => {
    asked = connection;
  });
  const proxy = await startProxy(rulesOf(goes.url));
  t.teardown(async () => {
    proxy.close();
    await Promise.all([stays.close(), goes.close()]);
  });
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => client.destroy());
  client.write(get);
  await eventually(() => asked !== undefined, 'it has a request');
  proxy.swap(rulesOf(stays.url));
  for (let n = 0; n < 20; n++) t.match(await ask(proxy.port), 'stays');
  asked?.socket.write(response('goes'));
  await client.until(({ received }) => received.endsWith('goes'));
  t.equal(statusOf(client.received), 200);
  await goes.until((connections) => connections.every(({ isEnded }) => isEnded));
  t.same(
    proxy.seen.filter(({ failure }) => failure !== undefined),
    [],
  );
});

test('an endpoint that stays keeps its connections, whoever comes and goes', async (t) => {
  const origins = await Promise.all(
    ['a', 'b', 'c'].map((name) => rawOrigin(answering(response(name)))),
  );
  const [stays, ...others] = origins;
  if (stays === undefined) throw new TypeError('there are three');
  const proxy = await startProxy(rulesOf(stays.url));
  t.teardown(async () => {
    proxy.close();
    await Promise.all(origins.map((origin) => origin.close()));
  });
  await ask(proxy.port);
  t.equal(stays.connections.length, 1);
  for (let n = 0; n < 20; n++) {
    const now = others.filter((_, at) => (n >> at) & 1).map(({ url }) => url);
    proxy.swap(rulesOf(stays.url, ...now));
    await ask(proxy.port);
  }
  proxy.swap(rulesOf(stays.url));
  t.match(await ask(proxy.port), '\na');
  t.equal(stays.connections.length, 1);
});

test('a request that is held goes to the endpoints that come, of its own version', async (t) => {
  const comes = await rawOrigin(answering(response('comes')));
  // Nobody listens there.
  const rules = (url: string) => `${rulesOf(url)}    onUnavailable: { hold: 1h }\n`;
  const proxy = await startProxy(rules('http://127.0.0.1:1'));
  t.teardown(async () => {
    proxy.close();
    await comes.close();
  });
  const clients = await Promise.all([0, 1, 2].map(() => RawClient.connect(proxy.port)));
  for (const client of clients) client.write(get);
  await eventually(() => proxy.held() === 3, 'they are held');
  proxy.swap(rules(comes.url));
  for (const client of clients) {
    await client.until(({ received }) => received.endsWith('comes'));
    client.destroy();
  }
  t.equal(proxy.held(), 0);
});
