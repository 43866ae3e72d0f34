import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Test, test } from 'tap';
import { ask, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { rawOrigin } from '../support/raw-origin.ts';
import { rulesTo, type StartedProxy, startProxy } from '../support/start-proxy.ts';
import { steppedClock } from '../support/stepped-clock.ts';

/** A service that says its name, and on /healthz how it is. */
async function service(t: Test, name: string) {
  const state = { isWell: true, status: 200, checks: 0, requests: 0, url: '' };
  const server = http.createServer((request, response) => {
    if (request.url === '/healthz') {
      state.checks++;
      response.writeHead(state.isWell ? 204 : 503).end();
    } else {
      state.requests++;
      response.statusCode = state.status;
      response.end(`at ${name}`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.teardown(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return state;
}

const health = '    health: { path: /healthz, interval: 20ms }\n';

async function started(t: Test, urls: readonly string[], more = health): Promise<StartedProxy> {
  const proxy = await startProxy(rulesOf(urls, more));
  t.teardown(() => proxy.close());
  return proxy;
}

function rulesOf(urls: readonly string[], more = health): string {
  return `apiVersion: turnout/v1
routes:
  - name: shop
${more}    versions: { v1: { urls: ${JSON.stringify(urls)} }, spare: { url: "${urls.at(-1)}", weight: 0 } }
`;
}

test('an endpoint that is down by its checks gets no requests, until it is up', async (t) => {
  const [good, bad] = [await service(t, 'good'), await service(t, 'bad')];
  const proxy = await started(t, [good.url, bad.url, good.url]);
  bad.isWell = false;
  await eventually(() => proxy.endpoints.unhealthy === 1, 'it is down');
  bad.requests = 0;
  for (let n = 0; n < 30; n++) t.match(await ask(proxy.port), /at good$/);
  t.equal(bad.requests, 0);
  bad.isWell = true;
  await eventually(() => proxy.endpoints.unhealthy === 0, 'it is up');
  await eventually(async () => (await ask(proxy.port)).endsWith('at bad'), 'it is asked again');
});

test('all are down: all are used, and that is told', async (t) => {
  const [one, other] = [await service(t, 'one'), await service(t, 'other')];
  const proxy = await started(t, [one.url, other.url]);
  for (const each of [one, other]) each.isWell = false;
  await eventually(() => proxy.told.filter((text) => text === 'panics').length === 2, 'v1, spare');
  const seen = new Set<string>();
  for (let n = 0; n < 30; n++) seen.add((await ask(proxy.port)).split('\r\n\r\n')[1] ?? '');
  t.same([...seen].sort(), ['at one', 'at other']);
});

test('all are down and there is a fallback: nobody is asked', async (t) => {
  const [bad, spare] = [await service(t, 'bad'), await service(t, 'spare')];
  const fallback = `${health}    onUnavailable: { fallback: spare }\n`;
  const rules = rulesOf([bad.url], fallback).replace(
    `spare: { url: "${bad.url}"`,
    `spare: { url: "${spare.url}"`,
  );
  const proxy = await startProxy(rules);
  t.teardown(() => proxy.close());
  bad.isWell = false;
  await eventually(() => proxy.endpoints.unhealthy === 1, 'it is down');
  bad.requests = 0;
  t.match(await ask(proxy.port), /at spare$/);
  t.match(proxy.seen.at(-1), { version: 'spare', reason: 'fallback', retries: 0 });
  t.equal(bad.requests, 0);
});

test('all are down and the route holds: requests wait until one is up', async (t) => {
  const only = await service(t, 'only');
  const proxy = await started(t, [only.url], `${health}    onUnavailable: { hold: 10s }\n`);
  only.isWell = false;
  await eventually(() => proxy.endpoints.unhealthy > 0, 'it is down');
  only.requests = 0;
  const answers = [1, 2, 3].map(() => ask(proxy.port));
  await eventually(() => proxy.held() === 3, 'they are held');
  t.equal(only.requests, 0);
  only.isWell = true;
  for (const answer of await Promise.all(answers)) t.match(answer, /at only$/);
  t.equal(proxy.held(), 0);
});

test('a passed check lifts no ejection', async (t) => {
  const [good, bad] = [await service(t, 'good'), await service(t, 'bad')];
  const ejection = '    ejection: { failures: 1, for: 1h }\n    retries: off\n';
  const proxy = await started(t, [good.url, bad.url], `${health}${ejection}`);
  bad.status = 500;
  await eventually(async () => statusOf(await ask(proxy.port)) === 500, 'it fails a request');
  t.equal(proxy.endpoints.ejected, 1);
  const { checks } = bad;
  await eventually(() => bad.checks > checks + 5, 'it passes its checks');
  t.equal(proxy.endpoints.ejected, 1);
  t.equal(proxy.endpoints.unhealthy, 0);
});

test('what no document names any more is checked no more', async (t) => {
  const [stays, goes] = [await service(t, 'stays'), await service(t, 'goes')];
  const proxy = await started(t, [stays.url, goes.url]);
  await eventually(() => goes.checks > 1 && stays.checks > 1, 'both are checked');
  proxy.swap(rulesOf([stays.url]));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { checks } = goes;
  const before = stays.checks;
  await eventually(() => stays.checks > before + 5, 'the other one still is');
  t.equal(goes.checks, checks);
  proxy.swap(rulesOf([stays.url], ''));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const last = stays.checks;
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.equal(stays.checks, last, 'nor without health');
});

test('an endpoint that is back begins slowly', async (t) => {
  const [good, back] = [await service(t, 'good'), await service(t, 'back')];
  const proxy = await started(t, [good.url, back.url], `${health}    slowStart: 1h\n`);
  back.isWell = false;
  await eventually(() => proxy.endpoints.unhealthy === 2, 'it is down');
  back.isWell = true;
  await eventually(() => proxy.endpoints.unhealthy === 0, 'it is up');
  const before = back.requests;
  for (let n = 0; n < 200; n++) await ask(proxy.port);
  const got = back.requests - before;
  t.ok(got > 0 && got < 40, `${got} of 200, where half would be its part`);
});

test('a new version has no slow start', async (t) => {
  const both = [await service(t, 'one'), await service(t, 'other')];
  const urls = both.map(({ url }) => url);
  const proxy = await started(t, urls, '    slowStart: 1h\n');
  for (let n = 0; n < 100; n++) await ask(proxy.port);
  for (const { requests } of both) t.ok(requests > 25, `${requests} of 100`);
});

test('an endpoint that a reload adds begins slowly', async (t) => {
  const [old, added] = [await service(t, 'old'), await service(t, 'added')];
  const slow = '    slowStart: 1h\n';
  const proxy = await started(t, [old.url], slow);
  proxy.swap(rulesOf([old.url, added.url], slow));
  for (let n = 0; n < 200; n++) await ask(proxy.port);
  t.ok(added.requests > 0 && added.requests < 40, `${added.requests} of 200`);
});

test('and goes on slowly when another one goes', async (t) => {
  const [old, added, gone] = [
    await service(t, 'old'),
    await service(t, 'added'),
    await service(t, 'gone'),
  ];
  const slow = '    slowStart: 1h\n';
  const proxy = await started(t, [old.url, gone.url], slow);
  proxy.swap(rulesOf([old.url, added.url, gone.url], slow));
  proxy.swap(rulesOf([old.url, added.url], slow));
  for (let n = 0; n < 200; n++) await ask(proxy.port);
  t.ok(added.requests > 0 && added.requests < 40, `${added.requests} of 200`);
});

test('who waits for a version that is down may still go away', async (t) => {
  const only = await service(t, 'only');
  const proxy = await started(t, [only.url], `${health}    onUnavailable: { hold: 1h }\n`);
  only.isWell = false;
  await eventually(() => proxy.endpoints.unhealthy > 0, 'it is down');
  const client = await RawClient.connect(proxy.port);
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => proxy.held() === 1, 'it is held');
  client.destroy();
  await eventually(() => proxy.held() === 0, 'it is gone');
  t.match(proxy.seen.at(-1), { failure: 'client_disconnect' });
});

test('of the body of a request that is held no more is read than the look-ahead', async (t) => {
  const only = await service(t, 'only');
  const proxy = await started(t, [only.url], `${health}    onUnavailable: { hold: 1h }\n`);
  only.isWell = false;
  await eventually(() => proxy.endpoints.unhealthy > 0, 'it is down');
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => client.destroy());
  const body = 'x'.repeat(32 * 1024 * 1024);
  client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await eventually(() => proxy.held() === 1, 'it is held');
  // What the system keeps for both sockets is a few megabytes; the rest stays with the client.
  let [left, looks] = [-1, 0];
  await eventually(() => {
    const { writableLength } = client.socket;
    looks = writableLength === left ? looks + 1 : 0;
    left = writableLength;
    return looks > 50;
  }, 'nothing more is taken');
  t.ok(left > body.length / 2, `${left} bytes are still with the client`);
  only.isWell = true;
  await client.receives('at only');
});

test('whether an endpoint is ready is known with checks and without', async (t) => {
  const [good, bad] = [await service(t, 'good'), await service(t, 'bad')];
  bad.isWell = false;
  const proxy = await started(t, [good.url, bad.url]);
  const view = () => proxy.proxy.versions('shop').find(({ version }) => version === 'v1');
  const standing = () => view()?.endpoints.map(({ seen, proven }) => [seen.healthy, proven]);
  t.same(standing(), [
    [1, 0],
    [1, 0],
  ]);
  await eventually(() => proxy.endpoints.unhealthy > 0, 'one is down');
  await eventually(() => view()?.endpoints[0]?.proven === 1, 'one has passed');
  t.same(standing(), [
    [1, 1],
    [0, 0],
  ]);
  proxy.swap(rulesOf([good.url, bad.url], ''));
  t.same(standing(), [
    [1, 1],
    [1, 1],
  ]);
});

test('a version that cannot be reached is not, until somebody could or nobody has tried lately', async (t) => {
  const clock = steppedClock();
  const { port, close } = await rawOrigin(() => {});
  await close();
  const proxy = await startProxy(rulesTo(`http://127.0.0.1:${port}`), { now: clock.now });
  t.teardown(() => proxy.close());
  const reachable = () => proxy.proxy.versions('shop').map((view) => view.reachable);
  t.same(reachable(), [1], 'nothing is known');
  t.equal(statusOf(await ask(proxy.port)), 502);
  t.same(reachable(), [0]);
  await clock.pass(11_000);
  t.same(reachable(), [1]);
});
