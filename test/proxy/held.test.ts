import { setTimeout as wait } from 'node:timers/promises';
import { type Test, test } from 'tap';
import type { RouteRule } from '#core/routing/rules';
import { ask, get, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, type RawOrigin, rawOrigin, response } from '../support/raw-origin.ts';
import { type StartedProxy, type StartOptions, startProxy } from '../support/start-proxy.ts';

const isHeld = (rule: RouteRule): RouteRule => ({ ...rule, isHeld: true });

interface Recreated {
  readonly from: RawOrigin;
  readonly to: RawOrigin;
  readonly proxy: StartedProxy;
  /** The rules when `share` percent of the traffic are v2's. */
  readonly rules: (v1: number, v2: number, more?: string) => string;
}

/** A route of v1 and v2; each answers with its name and the path it was asked for. */
async function recreated(t: Test, options: StartOptions = {}): Promise<Recreated> {
  const naming = (name: string) =>
    answering((head) => response(`${name} ${/ (\S+)/.exec(head)?.[1]}`));
  const from = await rawOrigin(naming('v1'));
  const to = await rawOrigin(naming('v2'));
  const rules = (v1: number, v2: number, more = '') => `apiVersion: turnout/v1
routes:
  - name: shop
    unit: request
    onUnavailable: { hold: 10s }
    versions:
      v1: { urls: ["${from.url}"], weight: ${v1} }
      v2: { urls: ["${to.url}"], weight: ${v2} }
${more}`;
  const proxy = await startProxy(rules(1, 0), options);
  t.teardown(async () => {
    proxy.close();
    await Promise.all([from.close(), to.close()]);
  });
  return { from, to, proxy, rules };
}

function getPath(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`;
}

test('a route that holds sends nothing to anybody, and all of it on when it opens', async (t) => {
  const { from, to, proxy, rules } = await recreated(t);
  t.match(await ask(proxy.port, get), 'v1 /');
  proxy.swap(rules(0, 1), isHeld);
  const clients: RawClient[] = [];
  for (let n = 0; n < 50; n++) {
    const client = await RawClient.connect(proxy.port);
    clients.push(client.write(getPath(`/${n}`)));
    await eventually(() => proxy.held() === n + 1, 'it is held');
  }
  t.equal(to.connections.length, 0);
  const closedAt = performance.now();
  proxy.swap(rules(0, 1));
  t.equal(proxy.held(), 0, 'they go on within the swap');
  for (const [n, client] of clients.entries()) {
    await client.receives(`v2 /${n}`);
    client.destroy();
  }
  t.comment(`all answered ${(performance.now() - closedAt).toFixed(1)} ms after the route opened`);
  const received = to.connections.map((c) => Number(/GET \/(\d+)/.exec(c.received)?.[1]));
  t.same(
    received,
    [...received].sort((a, b) => a - b),
    'in the order in which they came',
  );
  t.equal(received.length, 50, 'each once');
  t.equal(
    from.connections
      .map((c) => c.received)
      .join('')
      .match(/GET/g)?.length,
    1,
  );
  t.equal(proxy.seen.filter(({ status }) => status === 200).length, 51);
  t.match(proxy.seen.at(-1), { version: 'v2', reason: 'split' });
  t.equal(proxy.inFlight(), 0);
});

test('with one connection for all they are answered one after the other, as they came', async (t) => {
  const { to, proxy, rules } = await recreated(t);
  const one = '    limits: { connections: 1 }\n';
  proxy.swap(rules(0, 1, one), isHeld);
  const clients: RawClient[] = [];
  for (let n = 0; n < 20; n++) {
    const client = await RawClient.connect(proxy.port);
    clients.push(client.write(getPath(`/${n}`)));
    await eventually(() => proxy.held() === n + 1, 'it is held');
  }
  proxy.swap(rules(0, 1, one));
  for (const [n, client] of clients.entries()) {
    await client.receives(`v2 /${n}`);
    client.destroy();
  }
  const [only] = to.connections;
  t.equal(to.connections.length, 1);
  const order = [...(only?.received ?? '').matchAll(/GET \/(\d+)/g)].map(([, n]) => Number(n));
  t.same(
    order,
    Array.from({ length: 20 }, (_, n) => n),
  );
});

test('requests under way on the old version finish while new ones are held', async (t) => {
  const { proxy, rules } = await recreated(t);
  const slow = await rawOrigin(() => {});
  t.teardown(() => slow.close());
  const [before, held, after] = [rules(1, 0), rules(0, 1), rules(0, 1)].map((text) =>
    text.replace(/v1: \{ urls: \["[^"]+"\]/, `v1: { urls: ["${slow.url}"]`),
  );
  proxy.swap(before ?? '');
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => client.destroy());
  client.write(get);
  await slow.until(([first]) => first?.received.includes('GET') === true);
  proxy.swap(held ?? '', isHeld);
  const next = ask(proxy.port);
  await eventually(() => proxy.held() === 1, 'the next one is held');
  slow.connections[0]?.socket.write(response('finished'));
  await client.receives('finished');
  proxy.swap(after ?? '');
  t.match(await next, 'v2 /');
});

test('swaps in between change nothing for those that are held, and not their order', async (t) => {
  const { to, proxy, rules } = await recreated(t);
  const clients: RawClient[] = [];
  for (let n = 0; n < 9; n++) {
    proxy.swap(rules(0, n + 1), isHeld);
    const client = await RawClient.connect(proxy.port);
    clients.push(client.write(getPath(`/${n}`)));
    await eventually(() => proxy.held() === n + 1, 'it is held');
  }
  proxy.swap(rules(0, 1));
  for (const [n, client] of clients.entries()) {
    await client.receives(`v2 /${n}`);
    client.destroy();
  }
  const received = to.connections.map((c) => Number(/GET \/(\d+)/.exec(c.received)?.[1]));
  t.same(received, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a body that came while it was held goes on with its head', async (t) => {
  const { to, proxy, rules } = await recreated(t);
  proxy.swap(rules(0, 1), isHeld);
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => client.destroy());
  const body = 'x'.repeat(100_000);
  client.write(`POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await eventually(() => proxy.held() === 1, 'it is held');
  proxy.swap(rules(0, 1));
  await to.until(([first]) => first?.received.endsWith(body) === true);
  await client.receives('v2 /');
});

test('each version has the edits of its heads', async (t) => {
  const { to, proxy, rules } = await recreated(t);
  const edited = (text: string) =>
    text
      .replace(/(weight: \d+) \}/g, '$1, headers: { request: { set: { X-Weight: is-$1 } } } }')
      .replaceAll('is-weight: ', 'is-');
  proxy.swap(edited(rules(1, 0)), isHeld);
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => client.destroy());
  client.write(get);
  await eventually(() => proxy.held() === 1, 'it is held');
  proxy.swap(edited(rules(0, 7)));
  await client.receives('v2 /');
  t.match(to.connections[0]?.received, /\r\nx-weight: is-7\r\n/);
  t.equal(to.connections[0]?.received.match(/x-weight/g)?.length, 1);
});

test('who is held for too long is told so, and whether to ask again', async (t) => {
  const { to, proxy, rules } = await recreated(t);
  proxy.swap(rules(0, 1).replace('hold: 10s', 'hold: 100ms'), isHeld);
  const answer = await ask(proxy.port);
  t.equal(statusOf(answer), 503);
  t.match(answer, /retry-after: 1\r\n[\s\S]*"error":"hold_timeout"/i);
  t.match(proxy.seen, [{ failure: 'hold_timeout', version: 'v2' }]);
  t.equal(to.connections.length, 0);
});

test('no more are held than may be', async (t) => {
  const { proxy, rules } = await recreated(t, { limits: { maxHeld: 1 } });
  proxy.swap(rules(0, 1), isHeld);
  const first = ask(proxy.port);
  await eventually(() => proxy.held() === 1, 'the first one is held');
  t.match(
    await ask(proxy.port),
    /^HTTP\/1\.1 503 [\s\S]*retry-after: 1\r\n[\s\S]*"error":"overflow"/i,
  );
  proxy.swap(rules(0, 1));
  t.match(await first, 'v2 /');
});

test('a client that leaves is held no longer', async (t) => {
  const { to, proxy, rules } = await recreated(t);
  proxy.swap(rules(0, 1), isHeld);
  const client = await RawClient.connect(proxy.port);
  client.write(get);
  await eventually(() => proxy.held() === 1, 'it is held');
  client.destroy();
  await eventually(() => proxy.held() === 0, 'it has gone');
  proxy.swap(rules(0, 1));
  await wait(20);
  t.equal(to.connections.length, 0);
});

test('a process that ends holds nobody', async (t) => {
  const { proxy, rules } = await recreated(t);
  proxy.swap(rules(0, 1), isHeld);
  const held = ask(proxy.port);
  await eventually(() => proxy.held() === 1, 'it is held');
  await proxy.proxy.drain({ acceptUntil: Promise.resolve(), timeoutMs: 1_000 });
  t.match(await held, /"error":"hold_timeout"/);
});

test('where the route is gone, so is what it was held for', async (t) => {
  const { proxy, rules } = await recreated(t);
  proxy.swap(rules(0, 1), isHeld);
  const held = ask(proxy.port);
  await eventually(() => proxy.held() === 1, 'it is held');
  proxy.swap(rules(0, 1).replace('name: shop', 'name: other'));
  t.match(await held, /"error":"no_endpoint"/);
});

test('a version that is gone before a request could be held for it is none to wait for', async (t) => {
  let opened = 0;
  const { from, proxy, rules } = await recreated(t, {
    opening: () => {
      if (opened++ === 0) queueMicrotask(() => proxy.swap(rules(0, 1)));
    },
  });
  await from.close();
  t.match(await ask(proxy.port), 'v2 /');
});

test('held because its version refuses connections: it goes to the one that has the traffic now', async (t) => {
  const { from, proxy, rules } = await recreated(t);
  await from.close();
  const answers = [ask(proxy.port), ask(proxy.port)];
  await eventually(() => proxy.held() === 2, 'both are held');
  proxy.swap(rules(5, 0));
  t.equal(proxy.held(), 2, 'their version has its people still');
  proxy.swap(rules(0, 1), isHeld);
  t.equal(proxy.held(), 2, 'nobody has them yet');
  proxy.swap(rules(0, 1));
  for (const answer of await Promise.all(answers)) t.match(answer, 'v2 /');
  t.match(proxy.seen, [
    { version: 'v2', reason: 'split', hasStumbled: false },
    { version: 'v2', reason: 'split' },
  ]);
});
