import { type Test, test } from 'tap';
import { ask, get, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { type StartOptions, startProxy } from '../support/start-proxy.ts';

const nameTimes = { intervalMs: 40, retryMs: 20 };

/** A service with an origin at each of these addresses, which says where it is; all at one port. */
async function service(t: Test, hosts: readonly string[]) {
  const origins = new Map<string, Awaited<ReturnType<typeof rawOrigin>>>();
  let port = 0;
  for (const host of hosts) {
    const origin = await rawOrigin(answering(response(`at ${host}`)), undefined, { host, port });
    port = origin.port;
    origins.set(host, origin);
    t.teardown(() => origin.close());
  }
  const connectionsAt = (host: string): readonly OriginConnection[] =>
    origins.get(host)?.connections ?? [];
  return { port, connectionsAt };
}

/** A resolver that says what the test wants it to. */
function resolver(first?: readonly string[] | Error) {
  const state: {
    answer: readonly string[] | Error | undefined;
    asked: string[];
    wake: () => void;
  } = { answer: first, asked: [], wake: () => {} };
  const lookup = async (name: string) => {
    state.asked.push(name);
    while (state.answer === undefined) {
      await new Promise<void>((resolve) => {
        state.wake = resolve;
      });
    }
    if (state.answer instanceof Error) throw state.answer;
    return state.answer;
  };
  const says = (answer: readonly string[] | Error) => {
    state.answer = answer;
    state.wake();
  };
  return { lookup, says, asked: state.asked };
}

const nowhere = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });

async function started(t: Test, url: string, more: string, options: StartOptions) {
  const proxy = await startProxy(
    `apiVersion: turnout/v1
routes:
  - name: shop
${more}    versions: { v1: { url: "${url}" } }
`,
    { nameTimes, ...options },
  );
  t.teardown(() => proxy.close());
  return proxy;
}

/** Asks until an answer is what it should be. */
async function answers(port: number, holds: (answer: string) => boolean, what: string) {
  await eventually(async () => holds(await ask(port)), what);
}

test('each address of a name is an endpoint of its own', async (t) => {
  const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  const { port, connectionsAt } = await service(t, hosts);
  const { lookup, asked } = resolver(hosts);
  const proxy = await started(t, `http://shop.localhost:${port}`, '', { lookup });
  const seen = new Set<string>();
  for (let n = 0; n < 60; n++) seen.add((await ask(proxy.port)).split('\r\n\r\n')[1] ?? '');
  t.same(
    [...seen].sort(),
    hosts.map((host) => `at ${host}`),
  );
  t.equal(proxy.endpoints.healthy, 3);
  for (const host of hosts) t.ok(connectionsAt(host).length > 0);
  t.equal(asked[0], 'shop.localhost');
  t.match(connectionsAt('127.0.0.1')[0]?.received, /^Host: shop\r$/m, 'the name is no Host');
});

test('a request that comes before the first answer waits for it', async (t) => {
  const { port } = await service(t, ['127.0.0.1']);
  const { lookup, says } = resolver();
  const proxy = await started(t, `http://shop.localhost:${port}`, '', { lookup });
  const waiting = [1, 2, 3].map(() => ask(proxy.port));
  await eventually(() => proxy.inFlight() === 3, 'they wait');
  says(['127.0.0.1']);
  for (const answer of await Promise.all(waiting)) t.match(answer, /at 127\.0\.0\.1$/);
  t.match(proxy.seen, [{ retries: 0 }, { retries: 0 }, { retries: 0 }]);
});

test('it waits no longer than for a connection', async (t) => {
  const { lookup } = resolver();
  const timeouts = '    timeouts: { connect: 300ms }\n';
  const proxy = await started(t, 'http://shop.localhost:80', timeouts, { lookup });
  t.match(await ask(proxy.port), /^HTTP\/1\.1 504 [\s\S]*connect_timeout/);
  const client = await RawClient.connect(proxy.port);
  client.write(get);
  await eventually(() => proxy.inFlight() === 1, 'it waits');
  client.destroy();
  await eventually(() => proxy.inFlight() === 0, 'who goes away waits no more');
  t.match(proxy.seen, [{ failure: 'connect_timeout' }, { failure: 'client_disconnect' }]);
});

test('a name that nobody knows: 502 at once, and well as soon as somebody does', async (t) => {
  const { port } = await service(t, ['127.0.0.1']);
  const { lookup, says } = resolver(nowhere);
  const proxy = await started(t, `http://shop.localhost:${port}`, '', { lookup });
  await answers(proxy.port, (answer) => statusOf(answer) === 502, 'connect_failure');
  t.match(proxy.details.at(-1), /shop\.localhost: ENOTFOUND/);
  t.ok(proxy.told.includes('shop.localhost: ENOTFOUND'));
  says(['127.0.0.1']);
  await answers(proxy.port, (answer) => statusOf(answer) === 200, 'the name is known now');
});

for (const [bad, answer] of [
  ['NXDOMAIN', nowhere],
  ['an empty answer', []],
] as const) {
  test(`${bad} takes no endpoint away: 0 failed`, async (t) => {
    const { port } = await service(t, ['127.0.0.1', '127.0.0.2']);
    const { lookup, says, asked } = resolver(['127.0.0.1']);
    const proxy = await started(t, `http://shop.localhost:${port}`, '', { lookup });
    t.equal(statusOf(await ask(proxy.port)), 200);
    says(answer);
    const { length } = asked;
    while (asked.length < length + 3) t.equal(statusOf(await ask(proxy.port)), 200);
    says(['127.0.0.2']);
    await answers(proxy.port, (text) => text.endsWith('at 127.0.0.2'), 'the new address');
    t.notOk(proxy.seen.some(({ status }) => status !== 200));
  });
}

test('an answer that comes late takes no endpoint away: 0 failed', async (t) => {
  const { port } = await service(t, ['127.0.0.1', '127.0.0.2']);
  let looks = 0;
  const lookup = async () => {
    if (++looks === 1) return ['127.0.0.1'];
    await new Promise((resolve) => setTimeout(resolve, 300));
    return ['127.0.0.2'];
  };
  const proxy = await started(t, `http://shop.localhost:${port}`, '', { lookup });
  await answers(proxy.port, (text) => text.endsWith('at 127.0.0.2'), 'switched');
  t.notOk(proxy.seen.some(({ status }) => status !== 200));
  t.ok(proxy.seen.length > 1);
});

test('of an address that is gone idle connections close, and busy ones finish', async (t) => {
  const slow = await rawOrigin(({ socket, received }) => {
    if (!received.endsWith('\r\n\r\n')) return;
    if (received.includes('GET /slow'))
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n');
    else socket.write(response('quick'));
  });
  const fast = await rawOrigin(answering(response('new')), undefined, {
    host: '127.0.0.2',
    port: slow.port,
  });
  t.teardown(async () => {
    await slow.close();
    await fast.close();
  });
  const { lookup, says } = resolver(['127.0.0.1']);
  // The time of this clock stands still: nothing is closed for being idle.
  const options = { lookup, now: () => 1_000 };
  const proxy = await started(t, `http://shop.localhost:${slow.port}`, '', options);
  const busy = await RawClient.connect(proxy.port);
  t.teardown(() => busy.destroy());
  busy.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  await busy.receives('200 OK');
  await ask(proxy.port);
  t.equal(slow.connections.length, 2);
  says(['127.0.0.2']);
  await slow.until(([, idle]) => idle?.isClosed === true);
  t.notOk(slow.connections[0]?.isClosed);
  slow.connections[0]?.socket.write('finished');
  await busy.receives('finished');
  await slow.until(([first]) => first?.isClosed === true);
  t.match(await ask(proxy.port), /new$/);
});

for (const { what, address, host = 'shop.example', isAdmin = false } of [
  { what: 'the metadata of a cloud', address: '169.254.169.254' },
  { what: 'the same in the clothes of IPv6', address: '::ffff:169.254.169.254' },
  { what: 'this machine', address: '127.0.0.1' },
  { what: 'this machine in the clothes of IPv6', address: '::ffff:127.0.0.1' },
  { what: 'this machine by no address', address: '0.0.0.0' },
  {
    what: 'the own admin listener',
    address: '127.0.0.1',
    host: 'shop.localhost',
    isAdmin: true,
  },
]) {
  test(`a name that leads to ${what} is not connected to`, async (t) => {
    const origin = await rawOrigin(answering(response('secret')));
    t.teardown(() => origin.close());
    const { lookup } = resolver([address]);
    const proxy = await started(t, `http://${host}:${origin.port}`, '', {
      lookup,
      adminPort: isAdmin ? origin.port : 0,
    });
    t.match(await ask(proxy.port), /^HTTP\/1\.1 502 [\s\S]*connect_failure/);
    t.match(proxy.details[0], `${host} (${address}) is `);
    t.equal(origin.connections.length, 0);
  });
}

test('an address in the document that is link-local is not connected to either', async (t) => {
  const proxy = await started(t, 'http://169.254.169.254:80', '', {});
  t.match(await ask(proxy.port), /^HTTP\/1\.1 502 /);
  t.match(proxy.details[0], '169.254.169.254 is link-local');
});

test('of the addresses of a name those that may not be connected to are left out', async (t) => {
  const { port } = await service(t, ['127.0.0.1']);
  const { lookup } = resolver(['127.0.0.1', '169.254.1.1']);
  const proxy = await started(t, `http://shop.localhost:${port}`, '', { lookup });
  for (let n = 0; n < 10; n++) t.equal(statusOf(await ask(proxy.port)), 200);
  t.equal(proxy.endpoints.healthy, 1);
});

test('a document that says nothing new of a version leaves its connections and names', async (t) => {
  const { port, connectionsAt } = await service(t, ['127.0.0.1']);
  const { lookup, asked } = resolver(['127.0.0.1']);
  const options = { lookup, nameTimes: { intervalMs: 60_000, retryMs: 60_000 } };
  const proxy = await started(t, `http://shop.localhost:${port}`, '', options);
  await ask(proxy.port);
  for (const more of ['', '    headers: { response: { set: { x-new: "yes" } } }\n']) {
    proxy.swap(`apiVersion: turnout/v1
routes:
  - name: shop
${more}    versions: { v1: { url: "http://shop.localhost:${port}" } }
`);
  }
  t.match(await ask(proxy.port), /x-new: yes/, 'all else is new');
  t.equal(connectionsAt('127.0.0.1').length, 1);
  t.same(asked, ['shop.localhost']);
});
