import { test } from 'tap';
import type { RouteRule } from '#core/routing/rules';
import { ask, get } from '../support/ask.ts';
import { proxied } from '../support/proxied.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo, startProxy } from '../support/start-proxy.ts';

const well = response('well');
const busy = response('busy', '503 Service Unavailable');

test('an answer that was asked for again has stumbled, whatever came of it', async (t) => {
  let answers = 0;
  const { proxy, client } = await proxied(
    t,
    answering(() => (answers++ === 0 ? busy : well)),
    { rules: (url) => `${rulesTo(url)}    retries: { statuses: 503 }\n` },
  );
  client.write(get);
  await client.receives('well');
  client.write(get);
  await client.until(({ received }) => received.match(/well/g)?.length === 2);
  t.match(proxy.seen, [
    { status: 200, retries: 1, hasStumbled: true },
    { status: 200, retries: 0, hasStumbled: false },
  ]);
});

test('a connection that was closed as it was used again says nothing of its version', async (t) => {
  const { proxy, client, origin } = await proxied(t, (connection, all) => {
    const count = connection.received.match(/GET/g)?.length ?? 0;
    if (all.length === 1 && count === 2) connection.socket.destroy();
    else connection.socket.write(well);
  });
  client.write(get);
  await client.receives('well');
  client.write(get);
  await client.until(({ received }) => received.match(/well/g)?.length === 2);
  t.equal(origin.connections.length, 2);
  t.match(proxy.seen, [{}, { retries: 1, hasStumbled: false }]);
  t.same(proxy.retried, ['stale']);
});

test('a fallback is a stumble of the version that was assigned', async (t) => {
  const [dead, spare] = [await rawOrigin(() => {}), await rawOrigin(answering(well))];
  await dead.close();
  const proxy = await startProxy(`apiVersion: turnout/v1
routes:
  - name: shop
    onUnavailable: { fallback: v1 }
    versions:
      v1: { urls: ["${spare.url}"], weight: 0 }
      v2: { urls: ["${dead.url}"], weight: 1 }
`);
  t.teardown(async () => {
    proxy.close();
    await spare.close();
  });
  t.match(await ask(proxy.port), 'well');
  t.match(proxy.seen, [{ status: 200, version: 'v1', reason: 'fallback', hasStumbled: true }]);
});

const goal = { when: { path: [{ exact: '/buy' }] }, statuses: [200, 299], alpha: 0.05 } as const;
const judged = (rule: RouteRule): RouteRule => ({
  ...rule,
  judging: {
    release: 'shop-1',
    step: 0,
    revision: 1,
    from: 'v1',
    to: 'v1',
    limitsMs: undefined,
    goal: { ...goal, atMostMs: undefined },
  },
});

for (const { path, answer, reached, because } of [
  { path: '/buy', answer: well, reached: true, because: 'it is what is to be done' },
  { path: '/look', answer: well, reached: false, because: 'it is something else' },
  { path: '/buy', answer: busy, reached: false, because: 'it did not work' },
  {
    path: '/buy',
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    reached: false,
    because: 'nobody was answered',
  },
]) {
  test(`${path} ${reached ? 'reaches' : 'does not reach'} the goal: ${because}`, async (t) => {
    const { proxy, client } = await proxied(t, answering(answer), { change: judged });
    client.write(`GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`);
    await client.receives('\r\n\r\n');
    t.match(proxy.seen, [{ hasReachedGoal: reached }]);
  });
}
