import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { createSecureContext } from 'node:tls';
import { type Test, test } from 'tap';
import type { HealthRule } from '#core/routing/rules';
import { compileEndpoint } from '#core/snapshot/compile-endpoint';
import { Checks, type CheckTarget } from '../../src/endpoints/checks.ts';
import { authority, certificate } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';

const rule: HealthRule = {
  path: '/healthz?full',
  host: undefined,
  intervalMs: 10,
  timeoutMs: 2_000,
  unhealthy: 3,
  healthy: 2,
  statuses: undefined,
};

const ca = authority();
const shop = certificate({ names: ['shop.example'], issuer: ca });

function checks(t: Test) {
  const turned: string[] = [];
  const checks = new Checks({
    random: Math.random,
    contextFor: () => createSecureContext({ ca: ca.cert }),
    turned: (_target, isUp, trouble) => turned.push(isUp ? 'up' : `down: ${trouble}`),
  });
  t.teardown(() => checks.close());
  return { checks, turned };
}

/** A service whose answer the test may change. */
async function service(t: Test, port = 0) {
  const state = {
    port: 0,
    requests: [] as http.IncomingMessage[],
    status: 200,
    /** So many answers are wrong from now on. */
    wrong: 0,
    isSilent: false,
  };
  const server = http.createServer((request, response) => {
    state.requests.push(request);
    if (state.isSilent) return;
    response.writeHead(state.wrong > 0 ? 500 : state.status).end('a body');
    state.wrong--;
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  state.port = (server.address() as net.AddressInfo).port;
  const close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    });
  t.teardown(close);
  return Object.assign(state, { close });
}

function target(port: number, change: Partial<HealthRule> = {}): CheckTarget {
  const endpoint = compileEndpoint(`http://127.0.0.1:${port}`, undefined);
  return { endpoint, address: '127.0.0.1', rule: { ...rule, ...change } };
}

test('three wrong answers in a row and it is down, two right ones and it is up', async (t) => {
  const { checks: all, turned } = checks(t);
  const app = await service(t);
  const told: boolean[] = [];
  all.watch(target(app.port), (isUp) => told.push(isUp));
  await eventually(() => app.requests.length > 3, 'it is asked');
  t.same(told, [], 'it was up and is');
  app.status = 503;
  await eventually(() => told.length === 1, 'down');
  app.status = 200;
  await eventually(() => told.length === 2, 'up');
  t.same(told, [false, true]);
  t.same(turned, ['down: answered 503', 'up']);
  const [first] = app.requests;
  t.equal(first?.url, '/healthz?full');
  t.equal(first?.headers.host, `127.0.0.1:${app.port}`);
  t.equal(first?.headers.connection, 'close', 'over a connection of its own');
});

test('two wrong answers in a row are not three, however often that happens', async (t) => {
  const { checks: all } = checks(t);
  const app = await service(t);
  const told: boolean[] = [];
  all.watch(target(app.port), (isUp) => told.push(isUp));
  for (let n = 0; n < 4; n++) {
    app.wrong = 2;
    const before = app.requests.length;
    await eventually(() => app.requests.length >= before + 4, 'two wrong ones, then right ones');
  }
  t.same(told, []);
});

test('the first right answer is told once, also to who asks later', async (t) => {
  const { checks: all } = checks(t);
  const app = await service(t);
  app.status = 503;
  const told: string[] = [];
  const watch = (who: string) =>
    all.watch(
      target(app.port),
      (isUp) => told.push(`${who} ${isUp ? 'up' : 'down'}`),
      () => told.push(`${who} passed`),
    );
  watch('first');
  await eventually(() => told.length === 1, 'it is down');
  app.status = 200;
  await eventually(() => told.length === 3, 'it has passed, and is up');
  watch('second');
  t.same(told, ['first down', 'first passed', 'first up', 'second passed']);
});

test('nobody listens: down; the statuses and the host are those of the rule', async (t) => {
  const { checks: all, turned } = checks(t);
  const app = await service(t);
  app.status = 404;
  const told: boolean[] = [];
  const rule = { statuses: [404], host: 'inner.example.com' };
  all.watch(target(app.port, rule), (isUp) => told.push(isUp));
  await eventually(() => app.requests.length > 4, 'asked');
  t.same(told, [], '404 is what the rule wants');
  t.equal(app.requests[0]?.headers.host, 'inner.example.com');
  await app.close();
  await eventually(() => told.length === 1, 'down');
  t.same(turned, ['down: ECONNREFUSED']);
});

test('no answer in time is a wrong one', async (t) => {
  const { checks: all, turned } = checks(t);
  const app = await service(t);
  app.isSilent = true;
  all.watch(target(app.port, { timeoutMs: 30, unhealthy: 1 }), () => {});
  await eventually(() => turned.length === 1, 'down');
  t.same(turned, ['down: no answer in time']);
});

test('an endless answer ends at a limit, and its status counts', async (t) => {
  const { checks: all, turned } = checks(t);
  let ended = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).on('close', () => ended++);
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const drip = setInterval(() => socket.write('x'.repeat(4_096)), 1);
      socket.on('close', () => clearInterval(drip));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as net.AddressInfo;
  const stop = all.watch(target(port), () => {});
  await eventually(() => ended > 2, 'it is cut off, and asked again');
  stop();
  t.same(turned, []);
});

test('the same rule at the same address is one check, whoever follows it', async (t) => {
  const { checks: all } = checks(t);
  const app = await service(t);
  app.status = 500;
  const told: string[] = [];
  const stops = [
    all.watch(target(app.port, { intervalMs: 50 }), () => told.push('first')),
    all.watch(target(app.port, { intervalMs: 50 }), () => told.push('second')),
  ];
  await eventually(() => told.length === 2, 'both are told');
  t.equal(app.requests.length, 3);
  stops.push(all.watch(target(app.port, { intervalMs: 50 }), (isUp) => told.push(`third ${isUp}`)));
  t.same(told, ['first', 'second', 'third false'], 'who comes later is told at once');
  for (const stop of stops) stop();
  const { length } = app.requests;
  await new Promise((resolve) => setTimeout(resolve, 120));
  t.ok(app.requests.length <= length + 1, 'when nobody follows any more nothing is asked');
});

for (const { serverName, verify = true, isUp, because } of [
  { serverName: 'shop.example', isUp: true, because: 'its certificate has this name' },
  { serverName: 'other.example', isUp: false, because: 'its certificate has another name' },
  { serverName: 'other.example', verify: false, isUp: true, because: 'nobody looks at it' },
]) {
  test(`an https endpoint is ${isUp ? 'up' : 'down'}: ${because}, whatever the Host of the check`, async (t) => {
    const { checks: all, turned } = checks(t);
    let requests = 0;
    const server = https.createServer({ cert: shop.cert, key: shop.key }, (_, response) => {
      requests++;
      response.end('well');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as net.AddressInfo;
    const tls = { ca: undefined, cert: undefined, key: undefined, serverName, verify };
    const endpoint = compileEndpoint(`https://127.0.0.1:${port}`, tls);
    const told: boolean[] = [];
    const change = { host: 'inner.example.com', unhealthy: 1 };
    const wanted = { endpoint, address: '127.0.0.1', rule: { ...rule, ...change } };
    all.watch(wanted, (up) => told.push(up));
    await eventually(() => requests > 2 || turned.length > 0, 'it is checked');
    t.same(told, isUp ? [] : [false]);
    if (!isUp) t.match(turned[0], 'ERR_TLS_CERT_ALTNAME_INVALID');
  });
}
