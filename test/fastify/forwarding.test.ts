import { request as httpRequest } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import Fastify from 'fastify';
import { test } from 'tap';
import { turnout } from '../../src/fastify/plugin.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, rawOrigin, response } from '../support/raw-origin.ts';
import { type Service, service, upstream, valuesOf } from './service.ts';

/** A document with one route to `url`; more lines belong to the route. */
function to(url: string, ...lines: string[]) {
  const route = ['  - name: shop', `    versions: { v1: { url: "${url}" } }`];
  const more = lines.map((line) => `    ${line}`);
  return { text: ['apiVersion: turnout/v1', 'routes:', ...route, ...more, ''].join('\n') };
}

const v1 = await upstream('v1');

/** Returns a service before v1 that ends with the test. */
async function before(
  t: { teardown(end: () => unknown): void },
  lines: string[] = [],
  options: Omit<Parameters<typeof service>[0], 'rules'> = {},
): Promise<Service> {
  const started = await service({ rules: to(v1.url, ...lines), ...options });
  t.teardown(started.close);
  return started;
}

test('forwards path and query byte for byte, but for dot segments', async (t) => {
  const { call } = await before(t);
  for (const { path, got } of [
    { path: '/', got: '/' },
    { path: '/a//b/%2F%20x?x=1&y=%zz&=', got: '/a//b/%2F%20x?x=1&y=%zz&=' },
    { path: '//evil.test/x', got: '//evil.test/x' },
    { path: '/a/../b/./c', got: '/b/c' },
    { path: '/?', got: '/?' },
  ]) {
    t.equal((await call(path)).echo().url, got, path);
  }
});

test('rewrites whole segments of the path, and the host', async (t) => {
  const { call } = await before(t, [
    'match: { path: /shop }',
    'rewrite: { path: /v2, host: inner.test }',
  ]);
  const { url, headers } = (await call('/shop/cart?x=1')).echo();
  t.equal(url, '/v2/cart?x=1');
  t.same(headers.slice(0, 2), ['host', 'inner.test']);
  t.equal((await call('/shopping')).status, 404);
});

test('redirects without asking a version', async (t) => {
  const text = `apiVersion: turnout/v1
routes:
  - { name: old, match: { path: /old }, redirect: { scheme: https, host: new.test, path: /new, status: 308 } }
`;
  const { call, close } = await service({ rules: { text } });
  t.teardown(close);
  const { status, headers, text: body } = await call('/old/page?x=1');
  t.equal(status, 308);
  t.equal(headers.location, 'https://new.test/new/page?x=1');
  t.equal(body, '');
});

test('edits headers on both ways, the version after the route', async (t) => {
  const text = `apiVersion: turnout/v1
routes:
  - name: shop
    headers:
      request: { set: { x-stage: route, x-who: route }, remove: [x-secret] }
      response: { remove: [x-version], add: { x-served-by: turnout } }
    versions:
      v1:
        url: "${v1.url}"
        headers: { request: { set: { x-who: "version é" } } }
`;
  const { call, close } = await service({ rules: { text } });
  t.teardown(close);
  const sent = await call('/', { headers: { 'x-secret': '1', 'x-stage': 'client' } });
  t.same(valuesOf(sent.echo(), 'x-stage'), ['route']);
  t.same(valuesOf(sent.echo(), 'x-who'), [Buffer.from('version é').toString('latin1')]);
  t.same(valuesOf(sent.echo(), 'x-secret'), []);
  t.equal(sent.headers['x-version'], undefined);
  t.equal(sent.headers['x-served-by'], 'turnout');
});

test('tells the version who the client is, whatever the client says', async (t) => {
  const { call } = await before(t);
  const said = {
    'x-forwarded-for': '192.0.2.1',
    forwarded: 'for=192.0.2.1',
    'x-real-ip': '192.0.2.1',
  };
  const echo = (await call('/', { headers: { ...said, host: 'shop.test:81' } })).echo();
  t.same(valuesOf(echo, 'x-forwarded-for'), ['127.0.0.1']);
  t.same(valuesOf(echo, 'x-forwarded-proto'), ['http']);
  t.same(valuesOf(echo, 'x-forwarded-host'), ['shop.test:81']);
  t.same(valuesOf(echo, 'host'), ['shop.test:81']);
  t.same(valuesOf(echo, 'forwarded'), []);
  t.same(valuesOf(echo, 'x-real-ip'), []);
  t.same(valuesOf(echo, 'via'), ['1.1 turnout']);
});

test('believes a trusted proxy, and asks rules about the client it names', async (t) => {
  const lines = ['match: { client: 192.0.2.0/24 }'];
  const { call } = await before(t, lines, { trustedProxies: ['127.0.0.1'] });
  const told = await call('/', { headers: { 'x-forwarded-for': '192.0.2.7' } });
  t.same(valuesOf(told.echo(), 'x-forwarded-for'), ['192.0.2.7, 127.0.0.1']);
  t.equal((await call('/', { headers: { 'x-forwarded-for': '198.51.100.1' } })).status, 404);
});

test('takes out what is between neighbours only, and what Connection names', async (t) => {
  const { port } = await before(t);
  const client = await RawClient.connect(port);
  t.teardown(() => client.destroy());
  const lines = [
    'Host: a',
    'Connection: close, x-drop, authorization',
    'X-Drop: 1',
    'Authorization: Basic eDp5',
    'X-Keep: one',
    'x-keep: two',
    'Proxy-Authorization: secret',
    'TE: trailers',
    'Keep-Alive: timeout=9',
    'X_Forwarded_For: 192.0.2.1',
  ];
  await client.write(`GET / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`).ends();
  const echo = JSON.parse(client.received.slice(client.received.indexOf('{')));
  t.same(valuesOf(echo, 'authorization'), ['Basic eDp5'], 'nobody removes this by naming it');
  t.same(valuesOf(echo, 'x-keep'), ['one', 'two'], 'lines stay apart');
  for (const name of ['x-drop', 'proxy-authorization', 'te', 'x_forwarded_for']) {
    t.same(valuesOf(echo, name), [], name);
  }
});

test('sends bodies on as they come, whatever their type', async (t) => {
  const { call, app } = await before(t);
  for (const { type, body, method } of [
    { type: 'application/json', body: '{ "a":1,  "a":2 }', method: 'POST' },
    { type: 'text/plain', body: 'caf\u00e9 \u0000\u00ff', method: 'PUT' },
    { type: 'application/x-made-up', body: 'x', method: 'PATCH' },
    { type: 'text/plain', body: 'gone', method: 'DELETE' },
  ] as const) {
    const headers = { 'content-type': `${type}; charset=x` };
    const sent = await call('/', { method, headers, body: Buffer.from(body, 'latin1') });
    const echo = sent.echo();
    t.equal(echo.body, body, `${method} ${type}`);
    t.same(valuesOf(echo, 'content-type'), [`${type}; charset=x`]);
    t.same(valuesOf(echo, 'content-length'), [String(body.length)]);
  }
  t.equal((await call('/', { method: 'POST' })).echo().body, '');
  t.equal(app.hasContentTypeParser('application/json'), true, "the service's parsers stay");
});

test('sends a chunked body of 3 MB on in chunks', async (t) => {
  const { port } = await before(t);
  const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/' });
  const answered = new Promise<string>((resolve, reject) => {
    request.on('response', (response) => resolve(textOf(response)));
    request.on('error', reject);
  });
  for (let i = 0; i < 48; i++) request.write(Buffer.alloc(65_536, 0x61 + (i % 26)));
  request.end();
  const echo = JSON.parse(await answered);
  t.equal(echo.body.length, 48 * 65_536);
  t.same(valuesOf(echo, 'transfer-encoding'), ['chunked']);
});

test('drops the body of a GET and its length', async (t) => {
  const { port } = await before(t);
  const client = await RawClient.connect(port);
  t.teardown(() => client.destroy());
  client.write(
    'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyGET /next HTTP/1.1\r\nHost: a\r\n\r\n',
  );
  await client.receives(/"url":"\/next"/);
  t.notMatch(client.received, /content-length","4/);
});

test('answers HEAD, 204 and 304 without a body, and keeps Set-Cookie lines apart', async (t) => {
  const origin = await rawOrigin(
    answering((head) => {
      if (head.startsWith('HEAD')) return 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
      if (head.startsWith('GET /204')) return 'HTTP/1.1 204 No Content\r\n\r\n';
      if (head.startsWith('GET /304')) return 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n';
      return 'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Name: caf\u00e9\r\nConnection: x-gone\r\nX-Gone: 1\r\nLocation: /here\r\nContent-Length: 2\r\n\r\nok';
    }),
  );
  const { call, close } = await service({ rules: to(origin.url) });
  t.teardown(close);
  t.teardown(origin.close);
  t.match(await call('/', { method: 'HEAD' }), { status: 200, text: '' });
  t.match(await call('/204'), { status: 204, text: '' });
  t.match(await call('/304'), { status: 304, text: '', headers: { etag: '"x"' } });
  const { headers } = await call('/');
  t.same(headers['set-cookie'], ['a=1', 'b=2']);
  t.equal(headers['x-name'], 'caf\u00e9');
  t.equal(headers['x-gone'], undefined);
  t.equal(headers.location, '/here');
});

test('proxies below a prefix only, and rules see the whole path', async (t) => {
  const rules = to(v1.url, 'match: { path: /shop }');
  const { call, close } = await service({ rules, prefix: '/shop/' }, (app) => {
    app.get('/', async () => 'mine');
    app.get('/shopping', async () => 'mine too');
  });
  t.teardown(close);
  t.equal((await call('/')).text, 'mine');
  t.equal((await call('/shopping')).text, 'mine too');
  for (const path of ['/shop', '/shop/', '/shop/a?b']) t.equal((await call(path)).echo().url, path);
  t.equal((await call('/shop/../admin')).status, 400, 'the path leaves the prefix');
});

test("leaves the service's own routes to the service", async (t) => {
  const { call, close } = await service({ rules: to(v1.url) }, (app) => {
    app.get('/', async (request) => `${request.turnout}`);
    app.post('/own', async (request) => request.body);
  });
  t.teardown(close);
  t.equal((await call('/')).text, 'undefined');
  const headers = { 'content-type': 'application/json' };
  t.same(JSON.parse((await call('/own', { method: 'POST', headers, body: '{"a":1}' })).text), {
    a: 1,
  });
  t.equal((await call('/other')).version, 'v1');
});

test('tells the service where a request went', async (t) => {
  const seen: unknown[] = [];
  const lines = ['unit: ["header:x-user-id"]'];
  const { call, close } = await service({ rules: to(v1.url, ...lines) }, (app) => {
    app.addHook('onResponse', async (request) => {
      seen.push(request.turnout);
    });
  });
  t.teardown(close);
  await call('/', { headers: { 'x-user-id': 'u1' } });
  t.same(seen, [{ route: 'shop', version: 'v1', reason: 'split', unitSource: 'header:x-user-id' }]);
});

test('uses a connection to a version again', async (t) => {
  const origin = await rawOrigin(answering(response('ok')));
  t.teardown(origin.close);
  const { call, close } = await service({ rules: to(origin.url) });
  t.teardown(close);
  for (let i = 0; i < 5; i++) t.equal((await call('/')).text, 'ok');
  t.equal(origin.connections.length, 1);
});

test('a hook that was added before refuses a request before any version is chosen', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  const asked = v1.count();
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization === undefined) await reply.code(401).send('who are you?');
  });
  await app.register(turnout, { rules: to(v1.url) });
  t.equal((await app.inject('/')).statusCode, 401);
  t.equal(v1.count(), asked);
  t.notMatch(await app.turnout.metrics(), /requests_total\{.*code="401"/);
});

test('proxies the methods that the service has added', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  app.addHttpMethod('PROPFIND', { hasBody: true });
  await app.register(turnout, { rules: to(v1.url) });
  const sent = await app.inject({ method: 'PROPFIND' as 'GET', url: '/x', payload: '<propfind/>' });
  t.match(sent.json(), { method: 'PROPFIND', body: '<propfind/>' });
  t.equal((await app.inject({ method: 'TRACE' as 'GET', url: '/x' })).statusCode, 404);
});

test('closes the version', async () => {
  await v1.close();
});
