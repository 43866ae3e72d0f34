import { type Test, test } from 'tap';
import { ask, get, post, statusOf } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { rulesTo, type StartedProxy, startProxy } from '../support/start-proxy.ts';

function rulesWith(retries: string, more = '') {
  return (...urls: string[]) =>
    rulesTo(...urls).replace('    versions:', `    retries: ${retries}\n${more}    versions:`);
}

/** Answers with these, one after the other over all connections; the last one stays. */
function inTurn(...answers: string[]) {
  let at = 0;
  return answering(() => answers[Math.min(at++, answers.length - 1)] ?? '');
}

const busy = response('busy', '503 Service Unavailable');

/** An origin that refuses connections until it is opened, at a port that stays its own. */
async function closedOrigin(t: Test, onData: (connection: OriginConnection) => void) {
  const { port, close } = await rawOrigin(() => {});
  await close();
  return {
    url: `http://127.0.0.1:${port}`,
    open: async () => {
      const origin = await rawOrigin(onData, undefined, { port });
      t.teardown(() => origin.close());
      return origin;
    },
  };
}

async function started(t: Test, rules: string): Promise<StartedProxy> {
  const proxy = await startProxy(rules);
  t.teardown(() => proxy.close());
  return proxy;
}

test('an answer that the route wants asked for again is shown to nobody', async (t) => {
  const { origin, proxy, client } = await proxied(t, inTurn(busy, response('well')), {
    rules: rulesWith('{ statuses: 503 }'),
  });
  client.write(get);
  await client.receives('well');
  t.notMatch(client.received, /503|busy/);
  t.match(proxy.seen, [{ status: 200, retries: 1, version: 'v1', reason: 'split' }]);
  t.same(proxy.retried, ['status']);
  t.equal(origin.connections.length, 1, 'its connection was read to its end, and used again');
});

test('the last answer is given to the client, whatever it is', async (t) => {
  const { proxy, client } = await proxied(t, inTurn(busy), {
    rules: rulesWith('{ statuses: 503, attempts: 2 }'),
  });
  client.write(get);
  await client.receives('busy');
  t.match(client.received, /^HTTP\/1\.1 503 /);
  t.same(proxy.retried, ['status', 'status']);
});

for (const { request, because, rules = '{ statuses: 503 }', answer = busy } of [
  { request: post, because: 'a POST may have been done' },
  { request: get, rules: '{ statuses: 502 }', because: '503 is not in the list' },
  { request: get, rules: '{ statuses: 503, attempts: 0 }', because: 'no attempts' },
  { request: get, rules: 'off', because: 'retries are off' },
  {
    request: get,
    answer: response('busy', '503 Service Unavailable', 'Retry-After: 120\r\n'),
    because: 'nobody waits for two minutes',
  },
  {
    request: 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf',
    because: 'the request has not come to its end',
  },
]) {
  test(`a 503 is the answer: ${because}`, async (t) => {
    const { proxy, client } = await proxied(t, inTurn(answer, response('well')), {
      rules: rulesWith(rules),
    });
    client.write(request);
    await client.receives('busy');
    t.same(proxy.retried, []);
  });
}

test('Retry-After is waited for, in seconds', async (t) => {
  const later = response('busy', '503 Service Unavailable', 'Retry-After: 1\r\n');
  const { client } = await proxied(t, inTurn(later, response('well')), {
    rules: rulesWith('{ statuses: 503 }'),
  });
  const since = performance.now();
  client.write(get);
  await client.receives('well');
  t.ok(performance.now() - since >= 990);
});

test('an answer without end is not read for as long as the pause takes', async (t) => {
  let drip: NodeJS.Timeout | undefined;
  t.teardown(() => clearInterval(drip));
  const { origin, client } = await proxied(
    t,
    ({ socket }, { length }) => {
      if (length > 1) {
        socket.write(response('well'));
        return;
      }
      socket.write('HTTP/1.1 503 Busy\r\nRetry-After: 3\r\n\r\n');
      drip = setInterval(() => socket.write('x'.repeat(4_096)), 1);
    },
    { rules: rulesWith('{ statuses: 503 }') },
  );
  client.write(get);
  await origin.until(([first]) => first?.isClosed === true);
  t.equal(origin.connections.length, 1, 'it is closed before the request is sent again');
  await client.receives('well');
});

test('a client that goes away during the pause ends the matter', async (t) => {
  const later = response('busy', '503 Service Unavailable', 'Retry-After: 3\r\n');
  const { origin, proxy, client } = await proxied(t, inTurn(later), {
    rules: rulesWith('{ statuses: 503 }'),
  });
  client.write(get);
  await eventually(() => proxy.retried.length === 1, 'it pauses');
  client.destroy();
  await eventually(() => proxy.seen.length === 1, 'the exchange is over');
  t.match(proxy.seen, [{ failure: 'client_disconnect' }]);
  t.equal(proxy.inFlight(), 0);
  t.equal(origin.connections[0]?.received.split('GET').length, 2, 'asked once');
});

for (const { request, length, repeated, because } of [
  { request: 'PUT', length: 10_000, repeated: true, because: 'of 10 KB a copy is kept' },
  { request: 'PUT', length: 100_000, repeated: false, because: '100 KB are too much to keep' },
  { request: 'POST', length: 10_000, repeated: false, because: 'a POST may have been done' },
]) {
  test(`a ${request} whose connection dies is ${repeated ? '' : 'not '}repeated: ${because}`, async (t) => {
    const body = 'abcdefghij'.repeat(length / 10);
    const { origin, proxy, client } = await proxied(t, (connection, all) => {
      const isWhole = connection.received.endsWith(body);
      if (connection.received.startsWith('GET')) {
        connection.socket.write(response('first'));
        connection.received = '';
      } else if (all.length === 1 && isWhole) connection.socket.resetAndDestroy();
      else if (isWhole) connection.socket.write(response('again'));
    });
    // So that the connection has been used before, and is settled.
    client.write(get);
    await client.receives('first');
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.write(`${request} / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
    await origin.until(([first]) => first?.received.includes('\r\n\r\n') === true);
    for (let at = 0; at < length; at += 1_000) client.write(body.slice(at, at + 1_000));
    await eventually(() => proxy.seen.length === 2, 'answered');
    t.equal(proxy.seen[1]?.status, repeated ? 200 : 502);
    t.same(proxy.retried, repeated ? ['stale'] : []);
    if (repeated) t.ok(origin.connections[1]?.received.endsWith(body), 'the same bytes');
  });
}

test('the body of a PUT in chunks is sent again as it was framed, and the rest behind it', async (t) => {
  const { origin, proxy, client } = await proxied(t, (connection, all) => {
    if (all.length === 1 && connection.received.includes('one'))
      connection.socket.resetAndDestroy();
    if (connection.received.endsWith('0\r\n\r\n')) connection.socket.write(response('again'));
  });
  client.write('PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  await origin.until(([first]) => first?.received.includes('\r\n\r\n') === true);
  client.write('3\r\none\r\n');
  await origin.until(([, again]) => again?.received.includes('one') === true);
  client.write('3\r\ntwo\r\n0\r\n\r\n');
  await client.receives('again');
  t.match(origin.connections[1]?.received, /\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/);
  t.same(proxy.retried, ['reset'], 'the connection was new');
});

for (const { request, repeated } of [
  { request: get, repeated: true },
  { request: post, repeated: false },
]) {
  const [method] = request.split(' ', 1);
  test(`a ${method} on a new connection that is closed is ${repeated ? '' : 'not '}repeated`, async (t) => {
    const { proxy, client } = await proxied(t, ({ socket }, all) => {
      if (all.length === 1) socket.end();
      else socket.write(response('well'));
    });
    client.write(request);
    await client.receives(repeated ? 'well' : 'upstream_reset');
    t.same(proxy.retried, repeated ? ['reset'] : []);
  });
}

test('nothing is repeated once a byte of an answer has come', async (t) => {
  const { proxy, client } = await proxied(t, ({ socket }) => {
    socket.write('HTTP/1.1 2');
    setTimeout(() => socket.resetAndDestroy(), 20);
  });
  client.write(get);
  await client.receives('upstream_reset');
  t.same(proxy.retried, []);
});

test('where there is no other endpoint the same one is asked again, after a pause', async (t) => {
  const closed = await closedOrigin(t, answering(response('well')));
  const proxy = await started(t, rulesTo(closed.url));
  const answer = ask(proxy.port, post);
  await eventually(() => proxy.retried.length === 1, 'it pauses');
  await closed.open();
  t.match(await answer, /well$/);
  t.match(proxy.seen, [{ status: 200, retries: 1 }]);
});

test('every endpoint is asked for a connection once, whatever the attempts', async (t) => {
  const closed = await Promise.all([1, 2, 3].map(() => closedOrigin(t, () => {})));
  const origin = await rawOrigin(answering(response('well')));
  t.teardown(() => origin.close());
  const urls = [...closed.map(({ url }) => url), origin.url];
  const proxy = await started(t, rulesTo(...urls));
  for (let n = 0; n < 20; n++) t.equal(statusOf(await ask(proxy.port, post)), 200);
  t.ok(proxy.retried.length > 0);
  t.same([...new Set(proxy.retried)], ['connect']);
});

test('retries: off asks one endpoint', async (t) => {
  const closed = await Promise.all([1, 2].map(() => closedOrigin(t, () => {})));
  const proxy = await started(t, rulesWith('off')(...closed.map(({ url }) => url)));
  t.equal(statusOf(await ask(proxy.port)), 502);
  t.match(proxy.seen, [{ failure: 'connect_failure', retries: 0 }]);
});

test('a service that always fails gets its requests, a fifth more and ten a second', async (t) => {
  const { origin, proxy } = await proxied(t, inTurn(busy), {
    rules: rulesWith('{ statuses: 503 }', '    ejection: off\n'),
  });
  const since = performance.now();
  const clients = Array.from({ length: 50 }, async () => {
    for (let n = 0; n < 10; n++) t.equal(statusOf(await ask(proxy.port)), 503);
  });
  await Promise.all(clients);
  const seconds = Math.ceil((performance.now() - since) / 1_000);
  const asked = origin.connections.reduce(
    (sum, { received }) => sum + received.split('GET /').length - 1,
    0,
  );
  // Before, the version was idle for ten seconds; and then a window begins.
  const most = 500 * 1.2 + 10 * seconds + 100 + 50;
  t.ok(asked <= most, `${asked} requests in ${seconds} s`);
  t.ok(proxy.told.includes('retry denied'), 'the rest was counted');
  t.equal(asked, 500 + proxy.retried.length);
});

test('a repeated request is that of the version it was assigned', async (t) => {
  const failing = await rawOrigin(inTurn(busy));
  const other = await rawOrigin(answering(response('other')));
  t.teardown(async () => {
    await failing.close();
    await other.close();
  });
  const proxy = await started(
    t,
    `apiVersion: turnout/v1
routes:
  - name: shop
    retries: { statuses: 503, attempts: 3 }
    versions: { v1: { url: "${failing.url}" }, v2: { url: "${other.url}", weight: 0 } }
`,
  );
  t.equal(statusOf(await ask(proxy.port)), 503);
  t.match(proxy.seen, [{ version: 'v1', reason: 'split', retries: 3 }]);
  t.equal(other.connections.length, 0);
});

test('a pipelined request behind a repeated one waits for its turn', async (t) => {
  const { client } = await proxied(t, inTurn(busy, response('one'), response('two')), {
    rules: rulesWith('{ statuses: 503 }'),
  });
  client.write(`${get}${get}`);
  await client.receives('two');
  t.match(client.received, /one[\s\S]*two$/);
});

test('an answer that is asked for again may come in any number of pieces', async (t) => {
  const whole = `${response('busy', '503 Service Unavailable')}`;
  for (let at = 1; at < whole.length; at += 7) {
    const { origin, proxy, client } = await proxied(
      t,
      ({ socket, received }) => {
        if (received.split('GET').length > 2) {
          socket.write(response('well'));
          return;
        }
        socket.write(whole.slice(0, at));
        setTimeout(() => socket.write(whole.slice(at)), 5);
      },
      { rules: rulesWith('{ statuses: 503 }') },
    );
    client.write(get);
    await client.receives('well');
    t.equal(origin.connections.length, 1, `cut at ${at}`);
    t.same(proxy.bugs, []);
    client.destroy();
  }
});

test('who asks by HEAD is answered without a body, also the second time', async (t) => {
  const head = 'HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\n';
  const { client } = await proxied(t, inTurn(head, head.replace('503 Busy', '200 OK')), {
    rules: rulesWith('{ statuses: 503 }'),
  });
  client.write('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.receives('200 OK');
  t.notMatch(client.received, /503/);
});

test('no pause outlives the proxy', async (t) => {
  const later = response('busy', '503 Service Unavailable', 'Retry-After: 3\r\n');
  const { proxy } = await proxied(t, inTurn(later), { rules: rulesWith('{ statuses: 503 }') });
  const client = await RawClient.connect(proxy.port);
  client.write(get);
  await eventually(() => proxy.retried.length === 1, 'it pauses');
  proxy.close();
  await client.closes();
  t.equal(proxy.inFlight(), 0);
});
