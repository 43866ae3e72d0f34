import { type Test, test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import { type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo } from '../support/start-proxy.ts';
import { steadyClients } from '../support/steady-clients.ts';
import { startServing } from '../support/turnout-process.ts';

/** An origin that answers at once, but for `/slow`: those it keeps until told to go on. */
async function startOrigin(t: Test) {
  const waiting: OriginConnection[] = [];
  const origin = await rawOrigin((connection) => {
    const { received, socket } = connection;
    connection.received = '';
    if (received.startsWith('GET /slow')) waiting.push(connection);
    else socket.write(response('quick'));
  });
  t.teardown(() => origin.close());
  const goOn = () => {
    for (const { socket } of waiting) socket.write(response('at last'));
  };
  return { url: origin.url, waiting, goOn };
}

async function statusOf(port: number, path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).status;
}

for (const { processes, flags } of [
  { processes: 'one process', flags: [] },
  { processes: 'two workers', flags: ['--workers', '2'] },
]) {
  test(`${processes}: SIGTERM under load: every request is answered, and it ends with 0 as soon as it may`, async (t) => {
    const origin = await startOrigin(t);
    const times = ['--drain-delay', '2s', '--drain-timeout', '60s', ...flags];
    const turnout = await startServing(t, rulesTo(origin.url), times);
    const clients = steadyClients(t, turnout.port, 20);
    const slow = await Promise.all(
      Array.from({ length: 20 }, () => RawClient.connect(turnout.port)),
    );
    for (const client of slow) client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => origin.waiting.length === 20, 'the slow requests are at their origin');
    await eventually(() => (clients.answered.get(200) ?? 0) > 100, 'the others flow');

    turnout.child.kill('SIGTERM');
    await turnout.says('process_draining');
    t.equal(await statusOf(turnout.adminPort, '/readyz'), 503);
    t.equal(await statusOf(turnout.adminPort, '/livez'), 200);
    const late = await RawClient.connect(turnout.port);
    late.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await late.ends();
    t.match(late.received, /^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*quick$/i);
    late.destroy();

    await clients.over;
    t.same(clients.failures, []);
    t.same([...clients.answered.keys()], [200]);
    origin.goOn();
    for (const client of slow) {
      await client.ends();
      t.match(client.received, /^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*at last$/i);
      client.destroy();
    }
    t.equal(await turnout.ended, 0, 'long before the time for what is left');
    t.match(turnout.output(), /"event\.name":"process_ended".*"cut":0/);
  });

  test(`${processes}: what has not ended in time is cut, counted and told, and it ends with 0`, async (t) => {
    const origin = await startOrigin(t);
    const times = ['--drain-delay', '0', '--drain-timeout', '200ms', ...flags];
    const turnout = await startServing(t, rulesTo(origin.url), times);
    const client = await RawClient.connect(turnout.port);
    client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => origin.waiting.length === 1, 'the request is at its origin');
    turnout.child.kill('SIGTERM');
    await client.closes();
    t.equal(client.resetBy, 'ECONNRESET');
    t.equal(await turnout.ended, 0);
    t.match(turnout.output(), /"event\.name":"process_ended".*"cut":1/);
    t.match(turnout.output(), '1 requests were cut when the drain timed out\n');
  });
}

test('a second signal ends it at once, workers and all', async (t) => {
  const origin = await startOrigin(t);
  const turnout = await startServing(t, rulesTo(origin.url), [
    '--drain-delay',
    '60s',
    '--drain-timeout',
    '60s',
    '--workers',
    '2',
  ]);
  const client = await RawClient.connect(turnout.port);
  t.teardown(() => client.destroy());
  client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => origin.waiting.length === 1, 'a request is at its origin');
  turnout.child.kill('SIGTERM');
  await turnout.says('process_draining');
  // A signal that comes half a second after the first is the first one again: npm's echo.
  await eventually(() => {
    turnout.child.kill('SIGTERM');
    return turnout.child.exitCode !== null;
  }, 'the process has ended');
  await client.ends();
  t.equal(await turnout.ended, 130);
});
