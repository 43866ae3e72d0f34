import { type Test, test } from 'tap';
import { ask, get, post, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { type RawOrigin, rawOrigin, response } from '../support/raw-origin.ts';
import { type StartedProxy, startProxy } from '../support/start-proxy.ts';

const well = response('well');
const broken = response('broken', '500 Internal Server Error');

const closes = 'closes';

/** An origin whose answer a test may change; `closes`: it ends the connection instead. */
async function origin(t: Test, first = well) {
  let answer = first;
  let requests = 0;
  const raw = await rawOrigin((connection) => {
    requests++;
    connection.received = '';
    if (answer === closes) connection.socket.end();
    else connection.socket.write(answer);
  });
  t.teardown(() => raw.close());
  return Object.assign(raw, {
    says: (next: string) => {
      answer = next;
    },
    requests: () => requests,
  });
}

interface Started extends StartedProxy {
  /** Sets the clock forward. */
  readonly pass: (ms: number) => Promise<void>;
  /** The same where nobody looks at the coarse clock. */
  readonly jump: (ms: number) => void;
}

async function started(
  t: Test,
  origins: readonly RawOrigin[],
  more = '    ejection: { failures: 5, for: 10s }\n',
): Promise<Started> {
  let nowMs = 1_000;
  const proxy = await startProxy(
    `apiVersion: turnout/v1
routes:
  - name: shop
    retries: off
${more}    versions: { v1: { urls: ${JSON.stringify(origins.map(({ url }) => url))} } }
`,
    { now: () => nowMs },
  );
  t.teardown(() => proxy.close());
  const jump = (ms: number) => {
    nowMs += ms;
  };
  const pass = async (ms: number) => {
    jump(ms);
    // The coarse clock ticks four times a second.
    await new Promise((resolve) => setTimeout(resolve, 600));
  };
  return Object.assign(proxy, { pass, jump });
}

async function statuses(proxy: StartedProxy, count: number): Promise<number[]> {
  const list: number[] = [];
  for (let n = 0; n < count; n++) list.push(statusOf(await ask(proxy.port)));
  return list;
}

const failed = (list: readonly number[]) => list.filter((status) => status !== 200).length;

test('five errors in a row, and an endpoint gets no more requests', async (t) => {
  const [good, bad] = [await origin(t), await origin(t, broken)];
  const proxy = await started(t, [good, bad]);
  t.equal(failed(await statuses(proxy, 60)), 5);
  t.same(proxy.told, ['ejected: status']);
  t.same(proxy.endpoints, { healthy: 1, unhealthy: 0, ejected: 1 });
});

test('five requests without an answer, and an endpoint gets no more', async (t) => {
  const [good, bad] = [await origin(t), await origin(t, '')];
  const proxy = await started(t, [good, bad]);
  good.says('');
  const answers = Array.from({ length: 10 }, () => ask(proxy.port));
  await eventually(() => bad.requests() === 5 && good.requests() === 5, 'each has half of them');
  for (const { socket } of good.connections) socket.write(well);
  for (const { socket } of bad.connections) socket.destroy();
  t.equal(failed((await Promise.all(answers)).map(statusOf)), 5);
  t.same(proxy.told, ['ejected: unanswered']);
  good.says(well);
  t.equal(failed(await statuses(proxy, 30)), 0);
});

test('one that refuses connections is the last to be asked for a second, then for two', async (t) => {
  const [good, bad] = [await origin(t), await origin(t)];
  const proxy = await started(t, [good, bad]);
  await bad.close();
  t.equal(failed(await statuses(proxy, 60)), 1);
  await proxy.pass(1_001);
  t.equal(failed(await statuses(proxy, 60)), 1);
  await proxy.pass(1_001);
  t.equal(failed(await statuses(proxy, 60)), 0);
});

test('four errors and a success are no row', async (t) => {
  const only = [await origin(t), await origin(t)];
  const proxy = await started(t, only);
  for (let n = 0; n < 5; n++) {
    // Eight among two: at most four each, as the two are asked in turn when nothing is under way.
    for (const one of only) one.says(broken);
    await statuses(proxy, 4);
    for (const one of only) one.says(well);
    await statuses(proxy, 20);
  }
  t.same(proxy.told, []);
});

test('when its time is over one request decides: well, and it is back', async (t) => {
  const [good, bad] = [await origin(t), await origin(t, broken)];
  const proxy = await started(t, [good, bad]);
  await statuses(proxy, 60);
  bad.says(well);
  const before = bad.requests();
  await statuses(proxy, 20);
  t.equal(bad.requests(), before, 'its time is not over');
  await proxy.pass(10_001);
  t.same(proxy.endpoints, { healthy: 1, unhealthy: 0, ejected: 1 }, 'on trial');
  t.equal(failed(await statuses(proxy, 1)), 0);
  t.same(proxy.endpoints, { healthy: 2, unhealthy: 0, ejected: 0 });
});

test('still broken: one request finds out, and it is out for twice as long', async (t) => {
  const [good, bad] = [await origin(t), await origin(t, broken)];
  const proxy = await started(t, [good, bad]);
  await statuses(proxy, 60);
  await proxy.pass(10_001);
  t.equal(failed(await statuses(proxy, 30)), 1);
  await proxy.pass(10_001);
  t.equal(failed(await statuses(proxy, 30)), 0, 'twice as long');
  await proxy.pass(10_001);
  t.equal(failed(await statuses(proxy, 30)), 1);
  t.same(proxy.told, Array(3).fill('ejected: status'));
});

test('on trial it is given one request at a time, however many come', async (t) => {
  const [good, bad] = [await origin(t), await origin(t, broken)];
  const proxy = await started(t, [good, bad]);
  await statuses(proxy, 60);
  // From now on it takes requests and says nothing.
  bad.says('');
  const before = bad.requests();
  await proxy.pass(10_001);
  const clients = await Promise.all(
    Array.from({ length: 20 }, async () => (await RawClient.connect(proxy.port)).write(get)),
  );
  t.teardown(() => {
    for (const client of clients) client.destroy();
  });
  await eventually(() => proxy.seen.length === 60 + 19, 'all the others are answered');
  t.equal(bad.requests(), before + 1);
  for (const client of clients) client.destroy();
  await eventually(() => proxy.inFlight() === 0, 'the client of that one is gone');
  bad.says(well);
  await statuses(proxy, 1);
  t.same(proxy.endpoints, { healthy: 2, unhealthy: 0, ejected: 0 }, 'the next one decides');
});

test('the last endpoint is never left out', async (t) => {
  const only = await origin(t, broken);
  const proxy = await started(t, [only]);
  t.equal(failed(await statuses(proxy, 30)), 30);
  t.same(proxy.told, []);
  only.says(well);
  t.equal(failed(await statuses(proxy, 5)), 0);
});

test('of ten endpoints one is left out, and of two that fail the other goes on being asked', async (t) => {
  const origins = await Promise.all(Array.from({ length: 10 }, () => origin(t)));
  for (const bad of origins.slice(0, 2)) bad.says(broken);
  const proxy = await started(t, origins);
  await statuses(proxy, 150);
  t.same(proxy.endpoints, { healthy: 9, unhealthy: 0, ejected: 1 });
  t.ok(failed(await statuses(proxy, 150)) > 0);
});

test('ejection: off leaves nobody out', async (t) => {
  const [good, bad] = [await origin(t), await origin(t, broken)];
  const proxy = await started(t, [good, bad], '    ejection: off\n');
  t.ok(failed(await statuses(proxy, 60)) > 10);
  t.same(proxy.endpoints, { healthy: 2, unhealthy: 0, ejected: 0 });
});

test('less than half are well: all are used, and that is told', async (t) => {
  const origins = await Promise.all(Array.from({ length: 3 }, () => origin(t)));
  for (const bad of origins.slice(0, 2)) bad.says(broken);
  const proxy = await started(t, origins, '    ejection: { failures: 2, for: 10s, max: 100% }\n');
  await statuses(proxy, 40);
  t.ok(proxy.told.includes('panics'));
  for (const bad of origins) bad.says(well);
  const before = origins.map((one) => one.requests());
  t.equal(failed(await statuses(proxy, 100)), 0);
  for (const [at, one] of origins.entries()) t.ok(one.requests() > (before[at] ?? 0));
});

test('a connection that is closed as a POST uses it again is no failure of its endpoint', async (t) => {
  const only = [await origin(t), await origin(t)];
  const proxy = await started(t, only, '    ejection: { failures: 1, for: 10s }\n');
  await statuses(proxy, 20);
  for (const one of only) one.says(closes);
  proxy.jump(10);
  t.match(await ask(proxy.port, post), 'upstream_reset');
  t.same(proxy.told, []);
});

test('a document that names other endpoints leaves out those that stay and were out', async (t) => {
  const [good, bad, added] = [await origin(t), await origin(t, broken), await origin(t)];
  const proxy = await started(t, [good, bad]);
  await statuses(proxy, 60);
  const rules = (urls: readonly string[]) => `apiVersion: turnout/v1
routes:
  - name: shop
    retries: off
    versions: { v1: { urls: ${JSON.stringify(urls)} } }
`;
  proxy.swap(rules([good.url, bad.url, added.url]));
  t.same(proxy.endpoints, { healthy: 2, unhealthy: 0, ejected: 1 });
  t.equal(failed(await statuses(proxy, 30)), 0);
  t.ok(added.requests() > 0);
  proxy.swap(rules([good.url]));
  t.same(proxy.endpoints, { healthy: 1, unhealthy: 0, ejected: 0 });
});
