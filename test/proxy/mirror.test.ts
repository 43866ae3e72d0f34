import { type Test, test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { RawClient } from '../support/raw-client.ts';
import {
  answering,
  type OriginConnection,
  type RawOrigin,
  rawOrigin,
  response,
} from '../support/raw-origin.ts';
import { type StartOptions, startProxy } from '../support/start-proxy.ts';

const get = 'GET /cart?secret=1 HTTP/1.1\r\nHost: a\r\nX-Id: 7\r\n\r\n';

function rules(v1: string, v2: string, mirror: string, more = ''): string {
  return `apiVersion: turnout/v1
routes:
  - name: shop
    unit: "header:x-id"
    ${more}
    versions: { v1: { url: "${v1}" }, v2: { url: "${v2}", weight: 0 } }
    mirror: ${mirror}
`;
}

type OnData = (connection: OriginConnection, all: readonly OriginConnection[]) => void;

interface Mirrored {
  readonly mirror?: string;
  readonly more?: string;
  readonly original?: OnData;
  readonly copy?: OnData;
  readonly options?: StartOptions;
}

/** An original and a mirror behind a proxy, until the test ends. */
async function mirrored(t: Test, given: Mirrored = {}) {
  const { mirror = '{ to: v2, compare: { body: json } }', more = '', options } = given;
  const original = await rawOrigin(given.original ?? answering(response('{"a":1}')));
  const copy = await rawOrigin(given.copy ?? answering(response('{"a":2}')));
  const proxy = await startProxy(rules(original.url, copy.url, mirror, more), options);
  const client = await RawClient.connect(proxy.port);
  t.teardown(async () => {
    client.destroy();
    proxy.close();
    await Promise.all([original.close(), copy.close()]);
  });
  return { original, copy, proxy, client };
}

function headOf({ connections }: RawOrigin): string {
  return connections[0]?.received ?? '';
}

for (const reading of ['borrowed', 'events'] as const) {
  test(`a copy is the original with a mark, and the client has the original's answer (${reading})`, async (t) => {
    const { original, copy, proxy, client } = await mirrored(t, { options: { reading } });
    client.write(get);
    await client.receives('{"a":1}');
    await eventually(() => proxy.mirrored.length === 1, 'the copy is over');
    t.equal(
      headOf(copy),
      headOf(original).replace('\r\n\r\n', '\r\nX-Turnout-Mirror: shop\r\n\r\n'),
    );
    const [over] = proxy.mirrored;
    t.match(over, { result: 'answered', method: 'GET', path: '/cart' });
    t.same(over?.compared, {
      differences: [{ what: 'body', place: '/a', original: '1', copy: '2' }],
      isIncomplete: false,
    });
    t.ok(over?.originalMs !== undefined && over.copyMs !== undefined);
    // A copy is no user's request.
    t.match(proxy.seen, [{ version: 'v1', status: 200 }]);
    t.same(proxy.bugs, []);
  });
}

test('a connection of copies is used again', async (t) => {
  const { copy, proxy, client } = await mirrored(t);
  for (let count = 1; count <= 3; count++) {
    client.received = '';
    client.write(get);
    await client.receives('{"a":1}');
    await eventually(() => proxy.mirrored.length === count, 'the copy is over');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.equal(copy.connections.length, 1);
});

const post = 'POST / HTTP/1.1\r\nHost: a\r\nX-Id: 7\r\nContent-Length: 10\r\n\r\n';

/** Answers once the whole body of 10 bytes is there. */
const uploads: OnData = ({ received, socket }) => {
  if (received.endsWith('0123456789') || received.endsWith('0\r\n\r\n'))
    socket.write(response('ok'));
};

test('only safe methods are copied, unless the rule says more', async (t) => {
  const { copy, proxy, client } = await mirrored(t, { original: uploads, copy: uploads });
  client.write(`${post}0123456789`);
  await client.receives('ok');
  t.equal(copy.connections.length, 0);
  t.same(proxy.mirrored, []);
});

for (const { name, head, parts, body } of [
  { name: 'with a length', head: post, parts: ['01234', '56789'], body: '0123456789' },
  {
    name: 'in chunks',
    head: 'POST / HTTP/1.1\r\nHost: a\r\nX-Id: 7\r\nTransfer-Encoding: chunked\r\n\r\n',
    parts: ['5\r\n01234\r\n', '5\r\n56789\r\n0\r\n\r\n'],
    body: 'a\r\n0123456789\r\n0\r\n\r\n',
  },
]) {
  test(`a body ${name} is copied once it is whole`, async (t) => {
    const mirror = '{ to: v2, methods: POST }';
    const { copy, proxy, client } = await mirrored(t, { mirror, original: uploads, copy: uploads });
    const [first = '', second = ''] = parts;
    client.write(head + first);
    await eventually(() => proxy.inFlight() === 1, 'the request is on its way');
    t.equal(copy.connections.length, 0);
    client.write(second);
    await client.receives('ok');
    await eventually(() => proxy.mirrored.length === 1, 'the copy is over');
    t.equal(headOf(copy).split('\r\n\r\n').slice(1).join('\r\n\r\n'), body);
    t.match(proxy.mirrored, [{ result: 'answered' }]);
  });
}

test('a body that is longer than is copied is not copied at all', async (t) => {
  const mirror = '{ to: v2, methods: POST, body: 9B }';
  const { copy, proxy, client } = await mirrored(t, { mirror, original: uploads });
  client.write(`${post}0123456789`);
  await client.receives('ok');
  t.match(proxy.mirrored, [{ result: 'too_large' }]);
  t.equal(copy.connections.length, 0);
});

test('an upload that was broken off is not copied', async (t) => {
  const mirror = '{ to: v2, methods: POST }';
  const { copy, proxy, client } = await mirrored(t, { mirror, original: uploads });
  client.write(`${post}01234`);
  await eventually(() => proxy.inFlight() === 1, 'the request is on its way');
  client.destroy();
  await eventually(() => proxy.mirrored.length === 1, 'the copy is over');
  t.match(proxy.mirrored, [{ result: 'aborted' }]);
  t.equal(copy.connections.length, 0);
});

const troubles: readonly { name: string; copy: OnData }[] = [
  { name: 'is silent', copy: () => {} },
  { name: 'resets', copy: ({ socket }) => void socket.resetAndDestroy() },
  { name: 'ends', copy: ({ socket }) => void socket.end() },
  { name: 'talks nonsense', copy: ({ socket }) => void socket.write('HTTP/9 what\r\n\r\n') },
  {
    name: 'breaks off',
    copy: ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc');
      socket.resetAndDestroy();
    },
  },
];

for (const { name, copy } of troubles) {
  test(`a mirror that ${name} neither delays nor fails the original`, async (t) => {
    const more = 'timeouts: { firstByte: 300ms }';
    const { proxy, client } = await mirrored(t, { copy, more });
    client.write(get);
    await client.receives('{"a":1}');
    t.match(proxy.seen, [{ status: 200, failure: undefined }]);
    await eventually(() => proxy.mirrored.length === 1, 'the copy is over');
    t.match(proxy.mirrored, [{ result: 'failed', compared: undefined }]);
    t.same(proxy.bugs, []);
    client.received = '';
    client.write(get);
    await client.receives('{"a":1}');
  });
}

test('a mirror that refuses connections fails the copy only', async (t) => {
  const gone = await rawOrigin(() => {});
  await gone.close();
  const original = await rawOrigin(answering(response('ok')));
  const proxy = await startProxy(rules(original.url, gone.url, '{ to: v2 }'));
  const client = await RawClient.connect(proxy.port);
  t.teardown(async () => {
    client.destroy();
    proxy.close();
    await original.close();
  });
  client.write(get);
  await client.receives('ok');
  await eventually(() => proxy.mirrored.length === 1, 'the copy is over');
  t.match(proxy.mirrored, [{ result: 'failed' }]);
});

test('no more copies are under way than the rule lets', async (t) => {
  const mirror = '{ to: v2, inFlight: 2 }';
  const { copy, proxy, client } = await mirrored(t, { mirror, copy: () => {} });
  for (let count = 1; count <= 3; count++) {
    client.received = '';
    client.write(get);
    await client.receives('{"a":1}');
  }
  t.match(proxy.mirrored, [{ result: 'too_many' }]);
  await copy.until((connections) => connections.length === 2);
});

test('the limits of the version hold for copies', async (t) => {
  const more = 'limits: { inFlight: 1 }';
  const { proxy, client } = await mirrored(t, { more, copy: () => {} });
  for (let count = 1; count <= 2; count++) {
    client.received = '';
    client.write(get);
    await client.receives('{"a":1}');
  }
  t.match(proxy.mirrored, [{ result: 'too_many' }]);
});

test('10 % means a tenth of the units, always the same ones', async (t) => {
  const { proxy, client } = await mirrored(t, { mirror: '{ to: v2, percent: 10% }' });
  const copiedOf = async (unit: number): Promise<boolean> => {
    const before = proxy.mirrored.length;
    client.received = '';
    client.write(`GET / HTTP/1.1\r\nHost: a\r\nX-Id: ${unit}\r\n\r\n`);
    await client.receives('{"a":1}');
    const expected = copied.get(unit);
    if (expected === true || expected === undefined) {
      await new Promise((resolve) => setTimeout(resolve, expected === true ? 30 : 3));
    }
    return proxy.mirrored.length > before;
  };
  const copied = new Map<number, boolean>();
  for (let unit = 0; unit < 300; unit++) copied.set(unit, await copiedOf(unit));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const count = proxy.mirrored.length;
  t.ok(count > 10 && count < 60, `${count} of 300`);
});

test('a request without a unit is drawn by chance', async (t) => {
  let drawn = 0.05;
  const { proxy, client } = await mirrored(t, {
    mirror: '{ to: v2, percent: 10% }',
    options: { random: () => drawn },
  });
  const plain = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  client.write(plain);
  await client.receives('{"a":1}');
  await eventually(() => proxy.mirrored.length === 1, 'the copy is over');
  drawn = 0.1;
  client.received = '';
  client.write(plain);
  await client.receives('{"a":1}');
  t.equal(proxy.mirrored.length, 1);
});

test("a client's own mark is not believed, a trusted proxy's is: copies are not copied again", async (t) => {
  const marked = 'GET / HTTP/1.1\r\nHost: a\r\nX-Turnout-Mirror: other\r\n\r\n';
  const untrusted = await mirrored(t);
  untrusted.client.write(marked);
  await untrusted.client.receives('{"a":1}');
  await eventually(() => untrusted.proxy.mirrored.length === 1, 'the copy is over');
  t.notMatch(headOf(untrusted.original), /x-turnout-mirror/i);

  const trusted = await mirrored(t, { options: { trustedProxies: ['127.0.0.1'] } });
  trusted.client.write(marked);
  await trusted.client.receives('{"a":1}');
  trusted.client.received = '';
  trusted.client.write(get);
  await trusted.client.receives('{"a":1}');
  await eventually(() => trusted.proxy.mirrored.length === 1, 'the copy of the second is over');
  t.match(trusted.proxy.mirrored, [{ path: '/cart' }]);
});

test('the wish for a version stays with us, the other cookies go with both', async (t) => {
  const more = 'override: { cookie: v }';
  const { original, copy, proxy, client } = await mirrored(t, { more });
  const token = 'v1.test.shop.v1.9999999999.abc.def';
  client.write(`GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; v=${token}; b=2\r\n\r\n`);
  await client.receives('{"a":1}');
  await eventually(() => proxy.mirrored.length === 1, 'the copy is over');
  t.match(headOf(original), /\r\nCookie: a=1; b=2\r\n/);
  t.match(headOf(copy), /\r\nCookie: a=1; b=2\r\n/);
});

test('a disabled version gets no copy', async (t) => {
  const { original, copy, proxy, client } = await mirrored(t);
  proxy.swap(rules(original.url, copy.url, '{ to: v2 }').replace('weight: 0', 'state: disabled'));
  client.write(get);
  await client.receives('{"a":1}');
  t.equal(copy.connections.length, 0);
  t.same(proxy.mirrored, []);
});

test('bodies that are longer than is kept are not compared', async (t) => {
  const { proxy, client } = await mirrored(t, {
    mirror: '{ to: v2, compare: { body: bytes, bytes: 4B } }',
  });
  client.write(get);
  await client.receives('{"a":1}');
  await eventually(() => proxy.mirrored.length === 1, 'the copy is over');
  t.same(proxy.mirrored[0]?.compared, { differences: [], isIncomplete: true });
});

test('the process does not wait for copies when it ends', async (t) => {
  const { proxy, client } = await mirrored(t, { copy: () => {} });
  client.write(get);
  await client.receives('{"a":1}');
  client.destroy();
  await eventually(() => proxy.open() === 0, 'the client is gone');
  const acceptUntil = Promise.resolve();
  t.same(await proxy.proxy.drain({ acceptUntil, timeoutMs: 10_000 }), { cut: 0 });
  t.match(proxy.mirrored, [{ result: 'aborted' }]);
});

test('a request that a fault delays is copied, one that it aborts is not', async (t) => {
  const delayed = await mirrored(t, {
    more: 'fault: { delay: { time: 20ms, percent: 100% } }',
    options: { random: () => 0 },
  });
  delayed.client.write(get);
  await delayed.client.receives('{"a":1}');
  await eventually(() => delayed.proxy.mirrored.length === 1, 'the copy is over');
  t.match(delayed.proxy.mirrored, [{ result: 'answered' }]);

  const aborted = await mirrored(t, {
    more: 'fault: { abort: { status: 503, percent: 100% } }',
    options: { random: () => 0 },
  });
  aborted.client.write(get);
  await aborted.client.receives('"error":"fault"');
  t.same(aborted.proxy.mirrored, []);
});
