import { test } from 'tap';
import { type ShedLevel, type Strain, shedLevels } from '#core/overload/shed-level';
import { ClientCounts } from '../../src/proxy/client-counts.ts';
import { Overload } from '../../src/proxy/overload.ts';
import type { Limits } from '../../src/proxy/ports.ts';
import { watchStrain } from '../../src/proxy/strain.ts';
import { eventually } from '../support/eventually.ts';
import { proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, response } from '../support/raw-origin.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** A strain that has a proxy shed just `level`, within a few looks. */
function strainUpTo(level: ShedLevel): { strain: () => Strain; limits: Partial<Limits> } {
  let looks = shedLevels.indexOf(level);
  return {
    strain: () => ({ loopDelayMs: looks-- > 0 ? 200 : 60, memoryShare: 0 }),
    limits: { strain: { lookMs: 5, maxLoopDelayMs: 100, maxMemoryShare: 0 } },
  };
}

test('under strain it sheds keep-alive, then requests, then connections, and takes them back', async (t) => {
  let memoryShare = 1;
  const gauge = { read: () => ({ loopDelayMs: 0, memoryShare }), close: () => {} };
  const levels: ShedLevel[] = [];
  const limits = { lookMs: 1e6, maxLoopDelayMs: 100, maxMemoryShare: 0.9 };
  const overload = new Overload(gauge, limits, (level) => levels.push(level));
  t.teardown(() => overload.close());
  for (let look = 0; look < 4; look++) overload.look();
  memoryShare = 0.1;
  for (let look = 0; look < 4; look++) overload.look();
  t.same(levels, ['keep-alive', 'requests', 'connections', 'requests', 'keep-alive', 'nothing']);
});

test('the strain of this process: an event loop that is blocked is late', async (t) => {
  const gauge = watchStrain();
  t.teardown(() => gauge.close());
  let blocking = true;
  const block = (): void => {
    const until = performance.now() + 30;
    while (performance.now() < until);
    if (blocking) setTimeout(block, 1);
  };
  block();
  let late = 0;
  await eventually(() => {
    late = gauge.read().loopDelayMs;
    return late > 10;
  }, 'the gauge says that the loop is late');
  blocking = false;
  t.ok(late < 10_000, `${late} ms`);
});

for (const { level, expected } of [
  { level: 'keep-alive', expected: /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*Connection: close\r\n/ },
  {
    level: 'requests',
    expected:
      /^HTTP\/1\.1 503 Service Unavailable\r\n(?:.*\r\n)*Retry-After: 1\r\n(?:.*\r\n)*\r\n\{"error":"shed"/,
  },
] as const) {
  test(`where ${level} is shed: ${expected}`, async (t) => {
    const { proxy, client } = await proxied(t, answering(response('ok')), strainUpTo(level));
    await eventually(() => proxy.shed.at(-1) === level, `it sheds ${level}`);
    client.write(get);
    await client.ends();
    t.match(client.received, expected);
  });
}

test('where connections are shed, they are closed as they come', async (t) => {
  const { proxy } = await proxied(t, answering(response('ok')), strainUpTo('connections'));
  await eventually(() => proxy.shed.at(-1) === 'connections', 'it sheds connections');
  const late = await RawClient.connect(proxy.port);
  await late.ends();
  t.equal(late.received, '');
});

test('a request that is shed reaches no version and counts to none', async (t) => {
  const answers = answering(response('ok'));
  const { origin, proxy, client } = await proxied(t, answers, strainUpTo('requests'));
  await eventually(() => proxy.shed.at(-1) === 'requests', 'it sheds requests');
  client.write(get);
  await client.ends();
  t.equal(origin.connections.length, 0);
  t.match(proxy.seen, [{ route: undefined, version: undefined, status: 503, failure: 'shed' }]);
});

test('a client may have only so many connections, and others are none of its business', async (t) => {
  const { proxy, client } = await proxied(t, answering(response('ok')), {
    limits: { maxPerClient: 2 },
  });
  const second = await RawClient.connect(proxy.port);
  await eventually(() => proxy.open() === 2, 'both are taken');
  const third = await RawClient.connect(proxy.port);
  await third.ends();
  second.destroy();
  await eventually(() => proxy.open() === 1, 'the second has gone');
  const fourth = await RawClient.connect(proxy.port);
  fourth.write(get);
  await fourth.receives('ok');
  client.write(get);
  await client.receives('ok');
  t.equal(proxy.open(), 2);
  fourth.destroy();
});

test('addresses are counted apart, and nothing is kept of one that has gone', async (t) => {
  const counts = new ClientCounts(1);
  t.ok(counts.comes('192.0.2.1'));
  t.notOk(counts.comes('192.0.2.1'));
  t.ok(counts.comes('192.0.2.2'));
  counts.goes('192.0.2.1');
  t.ok(counts.comes('192.0.2.1'));
});

test('a connection that is old ends with its next answer', async (t) => {
  let now = 0;
  const { client } = await proxied(t, answering(response('ok')), {
    now: () => now,
    limits: { maxAgeMs: 1_000, keepAliveMs: 1e9 },
  });
  client.write(get);
  await client.receives('ok');
  t.notMatch(client.received, /Connection: close/);
  now = 1_200;
  // The coarse clock sees it with its next tick.
  await eventually(async () => {
    if (client.isEnded) return true;
    client.received = '';
    client.write(get);
    await client.receives('ok');
    return client.received.includes('Connection: close');
  }, 'its answer says that the connection ends');
  await client.ends();
});
