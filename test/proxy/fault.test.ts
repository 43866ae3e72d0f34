import { type Test, test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { proxied } from '../support/proxied.ts';
import { answering, response } from '../support/raw-origin.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

function withFault(fault: string) {
  return (url: string) => `apiVersion: turnout/v1
routes:
  - name: shop
    unit: request
    fault: ${fault}
    versions: { v1: { url: "${url}", weight: 90 }, v2: { url: "${url}", weight: 10 } }
`;
}

function faulty(t: Test, fault: string, random = () => 0) {
  return proxied(t, answering(response('ok')), { rules: withFault(fault), random });
}

test('an abort is answered with its status, and reaches nobody', async (t) => {
  const fault = '{ abort: { status: 418, percent: 50% } }';
  const { origin, proxy, client } = await faulty(t, fault);
  client.write(get);
  await client.receives('{"error":"fault","status":418');
  t.match(client.received, /^HTTP\/1\.1 418 /);
  t.equal(origin.connections.length, 0);
  t.match(proxy.seen, [{ version: 'v1', status: 418, failure: 'fault' }]);
  t.same(proxy.faults, ['abort']);
  t.equal(proxy.inFlight(), 0);
  // The connection goes on.
  client.received = '';
  client.write(get);
  await client.receives('"status":418');
});

test('a request that chance spares goes on as if there were no fault', async (t) => {
  const fault = '{ abort: { status: 503, percent: 50% } }';
  const { proxy, client } = await faulty(t, fault, () => 0.5);
  client.write(get);
  await client.receives('ok');
  t.same(proxy.faults, []);
});

test('a reset breaks the connection', async (t) => {
  const { proxy, client } = await faulty(t, '{ abort: { reset: true, percent: 100% } }');
  client.write(get);
  await client.closes();
  t.equal(client.resetBy, 'ECONNRESET');
  t.match(proxy.seen, [{ status: 0, failure: 'fault' }]);
});

test('a delay holds the request before it is forwarded, with its body', async (t) => {
  const { origin, proxy, client } = await faulty(t, '{ delay: { time: 60ms, percent: 100% } }');
  const startedAt = performance.now();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc');
  await eventually(() => proxy.faults.length === 1, 'the fault has the request');
  t.equal(origin.connections.length, 0);
  client.write('de');
  await client.receives('ok');
  t.ok(performance.now() - startedAt >= 59, 'it took at least as long');
  t.match(origin.connections[0]?.received, /\r\n\r\nabcde$/);
  t.same(proxy.faults, ['delay']);
  t.match(proxy.seen, [{ status: 200, failure: undefined }]);
});

test('after a delay there may be an abort', async (t) => {
  const fault = '{ delay: { time: 20ms, percent: 100% }, abort: { status: 500, percent: 100% } }';
  const { proxy, client } = await faulty(t, fault);
  client.write(get);
  await client.receives('"status":500');
  t.same(proxy.faults, ['delay', 'abort']);
});

test('a client that leaves during the delay leaves nothing behind', async (t) => {
  const { origin, proxy, client } = await faulty(t, '{ delay: { time: 10s, percent: 100% } }');
  client.write(get);
  await eventually(() => proxy.faults.length === 1, 'the fault has the request');
  client.destroy();
  await eventually(() => proxy.inFlight() === 0, 'the exchange is over');
  t.match(proxy.seen, [{ failure: 'client_disconnect' }]);
  t.equal(origin.connections.length, 0);
});

for (const { fault, random, struck, because } of [
  {
    fault: '{ version: v2, abort: { status: 503, percent: 100% } }',
    random: 0,
    struck: false,
    because: 'v1 was assigned',
  },
  {
    fault: '{ version: v2, abort: { status: 503, percent: 100% } }',
    random: 0.95,
    struck: true,
    because: 'v2 was assigned',
  },
  {
    fault:
      '{ when: { header: { x-a: { present: true } } }, abort: { status: 503, percent: 100% } }',
    random: 0,
    struck: false,
    because: 'the condition does not hold',
  },
]) {
  test(`${struck ? 'strikes' : 'spares'}: ${because}`, async (t) => {
    const { proxy, client } = await faulty(t, fault, () => random);
    client.write(get);
    await client.receives(struck ? '"error":"fault"' : 'ok');
    t.equal(proxy.faults.length, struck ? 1 : 0);
  });
}
