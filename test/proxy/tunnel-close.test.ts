import { once } from 'node:events';
import { test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { portCloses } from '../support/port-closes.ts';
import { RawClient } from '../support/raw-client.ts';
import { rawOrigin } from '../support/raw-origin.ts';
import { rulesTo, startProxy } from '../support/start-proxy.ts';
import { type Tunnelled, tunnelled, tunnelWays } from '../support/tunnelled.ts';
import { asking, closeCode, frame, opcode, switching } from '../support/web-socket.ts';

const atOnce = Promise.resolve();
const mask = Buffer.from([0x11, 0x22, 0x33, 0x44]);
const goingAway = Buffer.from([1_001 >> 8, 1_001 & 0xff]);
const closeOfServer = frame(opcode.close, goingAway);
const closeOfClient = frame(opcode.close, goingAway, { mask });

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** What has come out on a side behind bytes that are known, or undefined where these have not. */
function behind(came: string, known: string): Buffer | undefined {
  return came.startsWith(known) ? bytesOf(came.slice(known.length)) : undefined;
}

function drain({ proxy }: Tunnelled, timeoutMs = 10_000) {
  return proxy.proxy.drain({ acceptUntil: atOnce, timeoutMs });
}

for (const { way, options } of tunnelWays) {
  test(`a drain says 1001 to both sides, and waits for their answers (${way})`, async (t) => {
    const all = await tunnelled(t, options);
    const { client, far, origin, proxy, arrived, returned } = all;
    const drained = drain(all);
    await client.until(() => returned().length >= 4);
    t.equal(closeCode(bytesOf(returned())), 1_001, 'unmasked, as from a server');
    await origin.until(() => arrived().length >= 8);
    t.equal(closeCode(bytesOf(arrived())), 1_001, 'masked, as from a client');
    t.equal(client.isEnded, false, 'who is told Close may still answer');
    client.socket.write(closeOfClient);
    await client.ends();
    far.socket.write(closeOfServer);
    await origin.until(() => far.isEnded);
    client.socket.end();
    t.same(await drained, { cut: 0 });
    t.equal(client.resetBy, undefined);
    t.equal(returned().length, 4, 'answers to us go no further');
    t.equal(arrived().length, 8);
    t.same(proxy.tunnelEnds, ['drained']);
    t.same(proxy.bugs, []);
  });

  test(`Close stands between two frames, and nothing behind it (${way})`, async (t) => {
    const all = await tunnelled(t, options);
    const { client, far, origin, proxy, arrived, returned } = all;
    const down = frame(opcode.text, 'd'.repeat(70_000));
    const up = frame(opcode.text, 'u'.repeat(300), { mask });
    far.socket.write(down.subarray(0, 5));
    client.socket.write(up.subarray(0, 100));
    await client.until(() => returned().length === 5);
    await origin.until(() => arrived().length === 100);
    const drained = drain(all);
    await portCloses(proxy.port);
    // Two bytes one after the other, so that a tick begins after the port was closed.
    for (const at of [5, 6]) {
      far.socket.write(down.subarray(at, at + 1));
      await eventually(() => proxy.tunnelled.out > at, 'a tick has seen it');
    }
    far.socket.write(Buffer.concat([down.subarray(7), frame(opcode.text, 'too late')]));
    client.socket.write(
      Buffer.concat([up.subarray(100), frame(opcode.text, 'too late', { mask })]),
    );
    await client.until(() => returned().length >= down.length + 4);
    await origin.until(() => arrived().length >= up.length + 8);
    t.equal(closeCode(behind(returned(), down.toString('latin1')) ?? down), 1_001);
    t.equal(closeCode(behind(arrived(), up.toString('latin1')) ?? up), 1_001);
    // Their answers come behind frames that go nowhere, and in two parts.
    far.socket.write(
      Buffer.concat([frame(opcode.binary, 'x'.repeat(500)), closeOfServer.subarray(0, 1)]),
    );
    far.socket.write(closeOfServer.subarray(1));
    client.socket.write(Buffer.concat([frame(opcode.ping, '', { mask }), closeOfClient]));
    await client.ends();
    client.socket.end();
    await origin.until(() => far.isEnded);
    t.same(await drained, { cut: 0 });
    t.equal(returned().length, down.length + 4);
    t.equal(arrived().length, up.length + 8);
    t.same(proxy.tunnelEnds, ['drained']);
  });
}

test('who has said Close is not told by us what the other side is told by it', async (t) => {
  const all = await tunnelled(t);
  const { client, far, origin, proxy, arrived, returned } = all;
  // 1000 from the upstream, which goes to the client as it is.
  const normal = frame(opcode.close, Buffer.from([1_000 >> 8, 1_000 & 0xff]));
  far.socket.write(normal);
  await client.until(() => returned().length === normal.length);
  const drained = drain(all);
  await origin.until(() => arrived().length >= 8);
  t.equal(closeCode(bytesOf(arrived())), 1_001);
  client.socket.write(closeOfClient);
  await client.ends();
  client.socket.end();
  t.same(await drained, { cut: 0 });
  t.equal(returned(), normal.toString('latin1'), 'one Close is enough');
  t.same(proxy.tunnelEnds, ['drained']);
});

test('a client that has ended is told, and its end stands for its answer', async (t) => {
  const all = await tunnelled(t);
  const { client, far, origin, proxy, arrived, returned } = all;
  far.socket.removeAllListeners('end');
  const heard = once(far.socket, 'end');
  client.socket.end(frame(opcode.text, 'last', { mask }));
  await heard;
  const drained = drain(all);
  await client.ends();
  t.equal(closeCode(bytesOf(returned())), 1_001);
  t.equal(arrived().length, 10, 'nothing comes behind FIN');
  far.socket.end();
  await origin.until(() => far.isClosed);
  t.same(await drained, { cut: 0 });
  t.equal(client.resetBy, undefined);
  t.same(proxy.tunnelEnds, ['drained']);
});

test('nothing is said to a client behind the FIN of its upstream, which is told', async (t) => {
  const all = await tunnelled(t);
  const { client, far, origin, proxy, arrived, returned } = all;
  far.socket.end(frame(opcode.text, 'last'));
  await client.ends();
  const drained = drain(all);
  await origin.until(() => arrived().length >= 8);
  t.equal(closeCode(bytesOf(arrived())), 1_001);
  t.equal(proxy.tunnels(), 1, 'the client may end in its own time');
  client.socket.end();
  t.same(await drained, { cut: 0 });
  t.equal(client.resetBy, undefined);
  t.equal(returned().length, 6);
  t.same(proxy.tunnelEnds, ['drained']);
});

test('a tunnel that does not answer in time is reset on both sides, and counted', async (t) => {
  const all = await tunnelled(t);
  const { client, far, proxy, returned } = all;
  let resetBy: string | undefined;
  far.socket.on('error', ({ code }: NodeJS.ErrnoException) => {
    resetBy = code;
  });
  t.same(await drain(all, 1_000), { cut: 1 });
  await eventually(() => client.isClosed && far.isClosed, 'both are closed');
  t.equal(closeCode(bytesOf(returned())), 1_001);
  t.equal(client.resetBy, 'ECONNRESET');
  t.equal(resetBy, 'ECONNRESET');
  t.same(proxy.tunnelEnds, ['cut']);
  t.equal(proxy.inFlight() + proxy.tunnels(), 0);
});

test('a tunnel whose 101 comes while the process drains is told to go as well', async (t) => {
  const origin = await rawOrigin(() => {});
  const proxy = await startProxy(rulesTo(origin.url));
  const client = await RawClient.connect(proxy.port);
  t.teardown(async () => {
    client.destroy();
    await origin.close();
  });
  client.write(asking());
  await origin.until(([first]) => first?.received.endsWith('\r\n\r\n') ?? false);
  const drained = proxy.proxy.drain({ acceptUntil: atOnce, timeoutMs: 10_000 });
  await portCloses(proxy.port);
  origin.connections[0]?.socket.write(switching());
  await client.receives(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n[\s\S]{4}$/);
  t.equal(closeCode(bytesOf(client.received.slice(-4))), 1_001);
  t.match(client.received, /\r\nConnection: Upgrade\r\n/);
  t.notMatch(client.received, /close\r\n/i);
  client.socket.end(closeOfClient);
  await client.ends();
  t.same(await drained, { cut: 0 });
});

const twoVersions = (first: string, state: string) => `apiVersion: turnout/v1
routes:
  - name: shop
    versions:
      v1: { url: "${first}", state: ${state} }
      v2: { url: "http://127.0.0.1:1", weight: ${state === 'disabled' ? 1 : 0} }
`;

test('a version that is disabled loses its tunnels: 1001 at once, a reset for who does not answer', async (t) => {
  let now = 1_000;
  const all = await tunnelled(t, { now: () => now, rules: (url) => twoVersions(url, 'active') });
  const { client, far, origin, proxy, arrived, returned } = all;
  proxy.swap(twoVersions(origin.url, 'drain').replace('weight: 0', 'weight: 1'));
  now += 6_000;
  far.socket.write('.');
  await eventually(() => proxy.tunnelled.out === 1, 'a tick has passed');
  t.equal(returned(), '.', 'a version that drains keeps those who are there');
  proxy.swap(twoVersions(origin.url, 'disabled'));
  now += 20;
  // A Close waits for the end of the frame that the dot is the beginning of.
  far.socket.write('\0');
  await client.until(() => returned().length >= 6);
  await origin.until(() => arrived().length >= 8);
  t.equal(closeCode(behind(returned(), '.\0') ?? bytesOf('')), 1_001);
  t.equal(closeCode(bytesOf(arrived())), 1_001);
  t.equal(proxy.tunnels(), 1);
  now += 5_001;
  await client.closes();
  t.equal(client.resetBy, 'ECONNRESET');
  await origin.until(() => far.isClosed);
  t.same(proxy.tunnelEnds, ['version_left']);
  t.equal(proxy.inFlight(), 0);
});
