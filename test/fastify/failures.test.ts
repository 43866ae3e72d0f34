import { createServer } from 'node:net';
import { test } from 'tap';
import { RawClient } from '../support/raw-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { deadUrl, type Service, service, upstream } from './service.ts';

/** Returns a service of one route with these lines; it ends with the test. */
async function serving(
  t: { teardown(end: () => unknown): void },
  ...lines: string[]
): Promise<Service> {
  const more = lines.map((line) => `    ${line}`);
  const text = ['apiVersion: turnout/v1', 'routes:', '  - name: shop', ...more, ''].join('\n');
  const started = await service({ rules: { text } });
  t.teardown(started.close);
  return started;
}

/** Waits until the metrics say so: an exchange is counted when its connection has ended. */
async function counts({ app }: Service, line: RegExp): Promise<void> {
  for (let look = 0; look < 500; look++) {
    const text = await app.turnout.metrics();
    if (line.test(text)) return;
    await new Promise(setImmediate);
  }
  throw new Error(`the metrics never said ${line}`);
}

const gone = await deadUrl();

test('answers 404 where no route takes a request', async (t) => {
  const { call, ...rest } = await serving(
    t,
    'match: { host: shop.test }',
    `versions: { v1: { url: "${gone}" } }`,
  );
  const { status, headers, text } = await call('/x');
  t.equal(status, 404);
  t.match(headers['content-type'], /^application\/json/);
  t.same(JSON.parse(text), {
    error: 'no_route',
    status: 404,
    message: 'no route takes this host and path',
  });
  await counts(
    { call, ...rest },
    /turnout_errors_total\{route="",version="",reason="no_route"\} 1/,
  );
});

test('answers 502 where the version cannot be reached, and names no address', async (t) => {
  const started = await serving(t, `versions: { v1: { url: "${gone}" } }`);
  const { status, text } = await started.call('/', { method: 'POST', body: 'x'.repeat(100_000) });
  t.equal(status, 502);
  t.equal(JSON.parse(text).error, 'connect_failure');
  t.notMatch(text, /127\.0\.0\.1/);
  await counts(started, /errors_total\{route="shop",version="v1",reason="connect_failure"\} 1/);
  await counts(started, /outcomes_total\{route="shop",version="v1",outcome="failure"\} 1/);
});

test('asks another endpoint of the version where one cannot be reached, body and all', async (t) => {
  const v1 = await upstream('v1');
  t.teardown(v1.close);
  const { call } = await serving(t, `versions: { v1: { urls: ["${gone}", "${v1.url}"] } }`);
  for (let i = 0; i < 10; i++) {
    const sent = await call('/', { method: 'POST', body: `body ${i}` });
    t.equal(sent.echo().body, `body ${i}`);
  }
});

test('falls back on the version the route names, and says so', async (t) => {
  const v1 = await upstream('v1');
  t.teardown(v1.close);
  const started = await serving(
    t,
    `versions: { v1: { url: "${v1.url}", weight: 0 }, v2: { url: "${gone}" } }`,
    'onUnavailable: { fallback: v1 }',
    'sticky: { cookie: kept }',
  );
  const { version, headers } = await started.call('/', { method: 'POST', body: 'x' });
  t.equal(version, 'v1');
  t.equal(headers['set-cookie'], undefined, 'who is helped out is not bound to the helper');
  await counts(
    started,
    /decisions_total\{route="shop",version="v1",reason="fallback",audience=""\} 1/,
  );
});

test('holds a request until the version can be reached', async (t) => {
  const port = Number(new URL(await deadUrl()).port);
  const { call } = await serving(
    t,
    `versions: { v1: { url: "http://127.0.0.1:${port}" } }`,
    'onUnavailable: { hold: 20s }',
  );
  const answered = call('/', { method: 'POST', body: 'kept' });
  const origin = createServer((socket) => {
    socket.once('data', () => socket.end(response('at last')));
  });
  await new Promise<void>((resolve) => origin.listen(port, '127.0.0.1', resolve));
  t.teardown(() => origin.close());
  t.equal((await answered).text, 'at last');
});

test('a version that leads nowhere is answered with 500', async (t) => {
  const text = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec: { rules: [{ backendRefs: [] }] }
`;
  const { call, close } = await service({ rules: { text } });
  t.teardown(close);
  const answer = await call('/');
  t.equal(answer.status, 500);
  t.equal(JSON.parse(answer.text).error, 'invalid_backend');
});

test('holds no longer than the route says', async (t) => {
  const { call } = await serving(
    t,
    `versions: { v1: { url: "${gone}" } }`,
    'onUnavailable: { hold: 10ms }',
  );
  const { status, headers, text } = await call('/');
  t.equal(status, 503);
  t.equal(headers['retry-after'], '1');
  t.equal(JSON.parse(text).error, 'hold_timeout');
});

for (const { does, answer, error, status } of [
  { does: 'resets before an answer', answer: undefined, error: 'upstream_reset', status: 502 },
  { does: 'sends no HTTP', answer: 'SSH-2.0\r\n\r\n', error: 'upstream_malformed', status: 502 },
  {
    does: 'sends an impossible status',
    answer: 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n',
    error: 'upstream_malformed',
    status: 502,
  },
] as const) {
  test(`answers ${error} where a version ${does}, and asks it once`, async (t) => {
    const origin = await rawOrigin((connection) => {
      if (answer === undefined) connection.socket.resetAndDestroy();
      else connection.socket.end(answer);
    });
    t.teardown(origin.close);
    const started = await serving(t, `versions: { v1: { url: "${origin.url}" } }`);
    const sent = await started.call('/');
    t.equal(sent.status, status);
    t.equal(JSON.parse(sent.text).error, error);
    t.equal(origin.connections.length, 1);
    await counts(
      started,
      new RegExp(`errors_total{route="shop",version="v1",reason="${error}"} 1`),
    );
  });
}

test('a 503 of a version is its own answer: nothing is sent again', async (t) => {
  const origin = await rawOrigin(
    answering(response('busy', '503 Service Unavailable', 'Retry-After: 0\r\n')),
  );
  t.teardown(origin.close);
  const { call } = await serving(t, `versions: { v1: { url: "${origin.url}" } }`);
  const { status, text } = await call('/');
  t.same([status, text], [503, 'busy']);
  t.equal(origin.connections.flatMap(({ received }) => received.match(/^GET /gm)).length, 1);
});

for (const { timeouts, error, status } of [
  { timeouts: '{ firstByte: 50ms }', error: 'response_timeout', status: 504 },
  { timeouts: '{ total: 50ms }', error: 'total_timeout', status: 504 },
]) {
  test(`answers ${error} where a version is silent for too long`, async (t) => {
    const origin = await rawOrigin(() => {});
    t.teardown(origin.close);
    const { call } = await serving(
      t,
      `versions: { v1: { url: "${origin.url}" } }`,
      `timeouts: ${timeouts}`,
    );
    const sent = await call('/');
    t.equal(sent.status, status);
    t.equal(JSON.parse(sent.text).error, error);
    await origin.until(([connection]) => connection?.isClosed === true);
  });
}

test('breaks the connection where a version stops in the middle of a body', async (t) => {
  const origin = await rawOrigin(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    socket.end();
  });
  t.teardown(origin.close);
  const started = await serving(t, `versions: { v1: { url: "${origin.url}" } }`);
  const client = await RawClient.connect(started.port);
  t.teardown(() => client.destroy());
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n').ends();
  t.match(client.received, /Content-Length: 100\r\n[\s\S]*half$/i);
  await counts(started, /errors_total\{route="shop",version="v1",reason="upstream_reset"\} 1/);
});

test('leaves the version alone as soon as the client has gone', async (t) => {
  const origin = await rawOrigin(() => {});
  t.teardown(origin.close);
  const started = await serving(t, `versions: { v1: { url: "${origin.url}" } }`);
  const client = await RawClient.connect(started.port);
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await origin.until(([connection]) => connection?.received.includes('\r\n\r\n') === true);
  client.destroy();
  await origin.until(([connection]) => connection?.isClosed === true);
  await counts(started, /requests_total\{route="shop",version="v1",method="GET",code="0"\} 1/);
  await counts(started, /outcomes_total\{route="shop",version="v1",outcome="ignored"\} 1/);
  await counts(started, /in_flight_requests\{route="shop",version="v1"\} 0/);
});

test('an answer that comes before the body is read reaches the client whole', async (t) => {
  const body = 'too much'.repeat(250_000);
  let isAnswered = false;
  const origin = await rawOrigin(({ socket, received }) => {
    if (isAnswered || !received.includes('-begun')) return;
    isAnswered = true;
    socket.write(response(body, '413 Content Too Large'));
  });
  t.teardown(origin.close);
  const { port } = await serving(t, `versions: { v1: { url: "${origin.url}" } }`);
  const client = await RawClient.connect(port);
  t.teardown(() => client.destroy());
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n-begun');
  await client.receives('413');
  client.write('x'.repeat(1_000));
  await client.ends();
  const { received } = client;
  t.equal(received.length - received.indexOf('\r\n\r\n') - 4, body.length);
});
