import { setTimeout as wait } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { ask, get } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, type RawOrigin, rawOrigin, response } from '../support/raw-origin.ts';
import {
  type Change,
  type StartedProxy,
  type StartOptions,
  startProxy,
} from '../support/start-proxy.ts';

type OnData = Parameters<typeof rawOrigin>[0];

interface RolledBack {
  /** The version that is disabled in the middle of it. */
  readonly candidate: RawOrigin;
  readonly stable: RawOrigin;
  readonly proxy: StartedProxy;
  readonly disable: (change?: Change) => void;
  /** How many requests the candidate has received. */
  readonly received: () => number;
}

/** All traffic is the candidate's, until that is disabled. */
async function rolledBack(
  t: Test,
  onData: OnData,
  more = '',
  options: StartOptions = {},
): Promise<RolledBack> {
  const candidate = await rawOrigin(onData);
  const stable = await rawOrigin(answering(response('stable')));
  const rules = (v2: string, v1 = 'weight: 0') => `apiVersion: turnout/v1
routes:
  - name: shop
    unit: request
    versions:
      v1: { urls: ["${stable.url}"], ${v1} }
      v2: { urls: ["${candidate.url}"], ${v2} }
${more}`;
  const proxy = await startProxy(rules('weight: 1'), options);
  t.teardown(async () => {
    proxy.close();
    await Promise.all([candidate.close(), stable.close()]);
  });
  return {
    candidate,
    stable,
    proxy,
    disable: (change) => proxy.swap(rules('weight: 1, state: disabled', 'weight: 1'), change),
    received: () =>
      candidate.connections.reduce(
        (n, c) => n + (c.received.match(/^(GET|POST) /gm) ?? []).length,
        0,
      ),
  };
}

test('what is queued for a version goes elsewhere once that is disabled', async (t) => {
  const limits = '    limits: { connections: 1, waiting: 100 }\n';
  const { proxy, disable, received, candidate } = await rolledBack(t, () => {}, limits);
  const first = await RawClient.connect(proxy.port);
  t.teardown(() => first.destroy());
  first.write(get);
  await eventually(() => received() === 1, 'the first one is under way');
  const queued = Array.from({ length: 5 }, () => ask(proxy.port));
  await eventually(() => proxy.waiting() === 5, 'five wait for their turn');
  disable();
  for (const answer of await Promise.all(queued)) t.match(answer, 'stable');
  t.equal(received(), 1);
  candidate.connections[0]?.socket.write(response('finished'));
  await first.receives('finished');
  t.equal(received(), 1, 'and its connection is used for nobody any more');
  const [v2, ...others] = proxy.sent;
  t.equal(others.length, 5);
  t.notOk(others.includes(v2 ?? 0), 'each was counted where it was sent');
  t.equal(proxy.inFlight(), 0);
});

test('what is held for a version goes elsewhere once that is disabled', async (t) => {
  const { proxy, disable, candidate } = await rolledBack(
    t,
    () => {},
    '    onUnavailable: { hold: 10s }\n',
  );
  await candidate.close();
  const held = ask(proxy.port);
  await eventually(() => proxy.held() === 1, 'it is held');
  disable();
  t.match(await held, 'stable');
  t.match(proxy.seen, [{ version: 'v1', reason: 'split' }]);
});

test('what is about to be sent again goes elsewhere once its version is disabled', async (t) => {
  const busy = response('busy', '503 Service Unavailable', 'Retry-After: 1\r\n');
  const { proxy, disable, received } = await rolledBack(
    t,
    answering(busy),
    '    retries: { statuses: 503 }\n',
  );
  const asked = ask(proxy.port);
  await eventually(() => proxy.retried.length === 1, 'it waits to be sent again');
  disable();
  t.match(await asked, 'stable');
  await wait(20);
  t.equal(received(), 1);
});

test('a delay made on purpose does not lead to a version that was disabled meanwhile', async (t) => {
  const { proxy, disable, received } = await rolledBack(
    t,
    () => {},
    '    fault: { delay: { time: 200ms, percent: 100 } }\n',
  );
  const asked = ask(proxy.port);
  await eventually(() => proxy.faults.length === 1, 'it is delayed');
  disable();
  t.match(await asked, 'stable');
  t.equal(received(), 0);
});

test('a connection that is there too late is given nothing', async (t) => {
  let opened = 0;
  const { proxy, disable, received } = await rolledBack(t, () => {}, '', {
    opening: () => {
      if (opened++ === 0) queueMicrotask(() => disable());
    },
  });
  t.match(await ask(proxy.port), 'stable');
  t.equal(opened, 2);
  t.equal(received(), 0);
  t.equal(proxy.sent.length, 1);
  t.same(proxy.bugs, []);
});

for (const { urls, more = '', because } of [
  { urls: 1, because: 'there is no other one' },
  { urls: 2, because: 'the other one is as forbidden' },
  { urls: 1, more: '    retries: off\n', because: 'nothing was sent' },
]) {
  test(`an endpoint that is gone as its version is disabled fails nobody: ${because}`, async (t) => {
    const dead = await Promise.all(Array.from({ length: urls }, () => rawOrigin(() => {})));
    for (const origin of dead) await origin.close();
    const stable = await rawOrigin(answering(response('stable')));
    const rules = (v1: string, v2: string) => `apiVersion: turnout/v1
routes:
  - name: shop
    unit: request
${more}    versions:
      v1: { urls: ["${stable.url}"], ${v1} }
      v2: { urls: ${JSON.stringify(dead.map(({ url }) => url))}, ${v2} }
`;
    let opened = 0;
    const proxy = await startProxy(rules('weight: 0', 'weight: 1'), {
      opening: () => {
        if (opened++ > 0) return;
        queueMicrotask(() => proxy.swap(rules('weight: 1', 'weight: 1, state: disabled')));
      },
    });
    t.teardown(async () => {
      proxy.close();
      await stable.close();
    });
    t.match(await ask(proxy.port), 'stable');
    t.equal(opened, 2, 'only one was tried');
  });
}

test('where nobody else takes it, it fails', async (t) => {
  const { proxy, received, disable } = await rolledBack(
    t,
    () => {},
    '    limits: { connections: 1, waiting: 100 }\n',
  );
  const first = await RawClient.connect(proxy.port);
  t.teardown(() => first.destroy());
  first.write(get);
  await eventually(() => received() === 1, 'the first one is under way');
  const queued = ask(proxy.port);
  await eventually(() => proxy.waiting() === 1, 'one waits for its turn');
  disable((rule) => ({
    ...rule,
    versions: rule.versions.map((version) => ({ ...version, state: 'disabled' })),
  }));
  t.match(await queued, /^HTTP\/1\.1 503 [\s\S]*"error":"no_endpoint"/);
});

test('a version that only has no people any more keeps those that wait for it', async (t) => {
  const { proxy, received, candidate, stable } = await rolledBack(
    t,
    answering(response('candidate')),
    '    limits: { connections: 1, waiting: 100 }\n    fault: { delay: { time: 50ms, percent: 100 } }\n',
  );
  const asked = ask(proxy.port);
  await eventually(() => proxy.faults.length === 1, 'it is delayed');
  proxy.swap(`apiVersion: turnout/v1
routes:
  - name: shop
    versions:
      v1: { urls: ["${stable.url}"], weight: 1 }
      v2: { urls: ["${candidate.url}"], weight: 0 }
`);
  t.match(await asked, 'candidate');
  t.equal(received(), 1);
});

test('a copy is not sent to a version that was disabled while its original was read', async (t) => {
  const { candidate, stable, proxy } = await rolledBack(t, answering(response('copied')));
  const rules = (state: string) => `apiVersion: turnout/v1
routes:
  - name: shop
    versions:
      v1: { urls: ["${stable.url}"] }
      v2: { urls: ["${candidate.url}"], weight: 0, state: ${state} }
    mirror: { to: v2, percent: 100, methods: [POST] }
`;
  proxy.swap(rules('active'));
  const client = await RawClient.connect(proxy.port);
  t.teardown(() => client.destroy());
  client.write('POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nbo');
  await stable.until(([first]) => first?.received.endsWith('bo') === true);
  proxy.swap(rules('disabled'));
  client.write('dy');
  await eventually(() => proxy.mirrored.length === 1, 'the copy is over');
  t.match(proxy.mirrored, [{ result: 'aborted', copy: { outcome: 'ignored' } }]);
  t.equal(candidate.connections.length, 0);
});
