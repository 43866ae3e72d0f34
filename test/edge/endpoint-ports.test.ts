import { Writable } from 'node:stream';
import { type Test, test } from 'tap';
import { nameTroubles } from '#core/exchange/labels';
import { endpointPorts } from '../../src/edge/endpoint-ports.ts';
import { UpstreamContexts } from '../../src/proxy/upstream-contexts.ts';
import { logOf } from '../../src/telemetry/log.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { eventually } from '../support/eventually.ts';

function made(t: Test, admin: { readonly host: string; readonly port: number } | undefined) {
  let text = '';
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const metrics = new Metrics({ refusals: [] });
  const contexts = new UpstreamContexts({
    watch: () => ({ look: async () => {}, close: () => {} }),
    log: () => {},
    mended: () => {},
  });
  const ports = endpointPorts({ metrics, log: logOf({ destination }), contexts, admin });
  t.teardown(() => ports.close());
  return { ports, metrics, log: () => text };
}

for (const { admin, address, port = 9_090, is, because } of [
  { admin: '127.0.0.1', address: '127.0.0.1', is: true, because: 'it is there' },
  { admin: '127.0.0.1', address: '127.0.0.1', port: 80, is: false, because: 'another port' },
  { admin: '127.0.0.1', address: '127.0.0.11', is: false, because: 'another address' },
  { admin: '0.0.0.0', address: '127.0.0.11', is: true, because: 'it is everywhere' },
  { admin: '::', address: '::1', is: true, because: 'it is everywhere' },
  { admin: '0.0.0.0', address: '203.0.113.7', is: false, because: 'not on this machine' },
  { admin: '127.0.0.1', address: '0.0.0.0', is: true, because: 'this leads to this machine' },
  { admin: 'localhost', address: '127.0.0.1', is: true, because: 'a name of this machine' },
]) {
  test(`${address}:${port} is ${is ? '' : 'not '}the admin listener at ${admin}:9090: ${because}`, async (t) => {
    const { ports } = made(t, { host: admin, port: 9_090 });
    t.equal(ports.isAdmin(address, port), is);
  });
}

test('without an admin listener nothing is it', async (t) => {
  t.notOk(made(t, undefined).ports.isAdmin('127.0.0.1', 9_090));
});

test('a name without addresses is counted and logged', async (t) => {
  const { ports, metrics, log } = made(t, undefined);
  const stop = ports.followName('no-such-name.invalid', () => {});
  await eventually(() => log().includes('name_failed'), 'it is logged');
  stop();
  const { nameFailures } = metrics.totals;
  t.equal(
    nameFailures.reduce((sum, count) => sum + count, 0),
    1,
  );
  t.equal(nameFailures.length, nameTroubles.length);
  t.match(log(), /"name":"no-such-name\.invalid"/);
});

test('an endpoint that is left out is logged by the names of its version', async (t) => {
  const { ports, metrics, log } = made(t, undefined);
  const row = metrics.rows.rowOf('shop', 'v2');
  ports.ejected(row, 'status', 'http://shop-v2:80 (10.0.0.7)', 30_000);
  const event = JSON.parse(log());
  t.match(event, {
    'event.name': 'endpoint_ejected',
    level: 'warn',
    route: 'shop',
    version: 'v2',
    endpoint: 'http://shop-v2:80 (10.0.0.7)',
    reason: 'status',
  });
});
