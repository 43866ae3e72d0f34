import { test } from 'tap';
import type { ReadingBy } from '../../src/proxy/borrowed-reads.ts';
import { proxied } from '../support/proxied.ts';
import { RawClient } from '../support/raw-client.ts';
import { answering, type OriginConnection, rawOrigin, response } from '../support/raw-origin.ts';
import { startProxy } from '../support/start-proxy.ts';
import { acceptFor, asking, frame, opcode, sampleKey, switching } from '../support/web-socket.ts';

const readings = ['borrowed', 'events'] as const satisfies readonly ReadingBy[];
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const hello = frame(opcode.text, 'hello', { mask: Buffer.from('abcd') }).toString('latin1');

/** What a client sends behind its request, not waiting for the answer. */
const earlies = [
  { early: '', what: 'nothing' },
  { early: hello, what: 'a frame' },
  { early: smuggled, what: 'a request' },
  { early: smuggled.repeat(2_000), what: 'more than is held' },
] as const;

/** What has come behind the head. */
function behindHead({ received }: OriginConnection): string {
  const end = received.indexOf('\r\n\r\n');
  return end < 0 ? '' : received.slice(end + 4);
}

const rulesWith = (settings: string) => (url: string) =>
  `apiVersion: turnout/v1
routes:
  - name: shop
    versions: { v1: { url: "${url}" } }
    ${settings}
`;

for (const reading of readings) {
  for (const { early, what } of earlies) {
    test(`a 101 opens a tunnel, with ${what} sent before it (${reading} reads)`, async (t) => {
      const { origin, proxy, client } = await proxied(t, () => {}, { reading });
      client.write(asking('/chat') + early);
      await origin.until(([first]) => first?.received.includes('\r\n\r\n') ?? false);
      // A whole exchange beside it: by its end what was sent too early would be there.
      const other = await RawClient.connect(proxy.port);
      other.write(smuggled);
      await origin.until((all) => all.length === 2);
      const [connection, second] = origin.connections;
      second?.socket.write(response('other'));
      await other.receives('other');
      other.destroy();
      t.equal(connection && behindHead(connection), '', 'nothing is sent before the 101');
      connection?.socket.write(switching());
      connection?.socket.write(frame(opcode.text, 'welcome'));
      await client.receives(/^HTTP\/1\.1 101 Switching Protocols\r\n[\s\S]*\r\n\r\n..welcome$/);
      await origin.until(
        ([first]) => first !== undefined && behindHead(first).length === early.length,
      );
      t.equal(connection && behindHead(connection), early, 'all of it is sent then, as it came');
      client.write('up');
      connection?.socket.write('down');
      await client.receives(/welcomedown$/);
      await origin.until(([first]) => first?.received.endsWith(`${early}up`) ?? false);
      t.equal(origin.connections.length, 2);
      t.equal(proxy.tunnels(), 1);
      t.equal(proxy.inFlight(), 1, 'a tunnel is in flight');
      t.match(proxy.seen.at(-1), { status: 101, failure: undefined, version: 'v1' });
      t.equal(proxy.seen.length, 2, 'and has been counted');
      t.same(proxy.bugs, []);
    });
  }
}

const key = `Sec-WebSocket-Accept: ${acceptFor(asking())}\r\n`;

/** Answers that open no tunnel, and what the client is told. */
const refusing = [
  { answer: response('no', '403 Forbidden'), status: 403, failure: undefined },
  { answer: response('plain'), status: 200, failure: undefined },
  { answer: 'HTTP/1.1 204 No Content\r\n\r\n', status: 204, failure: undefined },
  {
    answer: response('old', '426 Upgrade Required', 'Sec-WebSocket-Version: 13\r\n'),
    status: 426,
    failure: undefined,
  },
  {
    answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
    status: 200,
    failure: undefined,
  },
  { answer: 'no HTTP at all\r\n\r\n', status: 502, failure: 'upstream_malformed' },
  { answer: '\x81\x05hello', status: 502, failure: 'upstream_malformed' },
  {
    answer: switching('', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='),
    status: 502,
    failure: 'upstream_malformed',
  },
  {
    answer: 'HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    status: 502,
    failure: 'upstream_malformed',
  },
  {
    answer: `HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n${key}\r\n`,
    status: 502,
    failure: 'upstream_malformed',
  },
  {
    answer: `HTTP/1.1 101 S\r\nUpgrade: websocket\r\n${key}\r\n`,
    status: 502,
    failure: 'upstream_malformed',
  },
  { answer: switching('Content-Length: 5\r\n'), status: 502, failure: 'upstream_malformed' },
  {
    answer: switching('Transfer-Encoding: chunked\r\n'),
    status: 502,
    failure: 'upstream_malformed',
  },
  { answer: 'FIN', status: 502, failure: 'upstream_reset' },
  { answer: 'RST', status: 502, failure: 'upstream_reset' },
  { answer: '', status: 504, failure: 'response_timeout' },
];

function give({ socket }: OriginConnection, answer: string): void {
  if (answer === 'FIN') socket.end();
  else if (answer === 'RST') socket.resetAndDestroy();
  else socket.write(answer, 'latin1');
}

for (const reading of readings) {
  for (const { answer, status, failure } of refusing) {
    const shown = answer === '' ? 'silence' : JSON.stringify(answer.slice(0, 120));
    test(`${status} ${failure ?? ''} for ${shown} (${reading} reads)`, async (t) => {
      for (const { early, what } of earlies) {
        const { origin, proxy, client } = await proxied(
          t,
          (connection) => {
            if (connection.received.includes('\r\n\r\n')) give(connection, answer);
          },
          { reading, rules: rulesWith('timeouts: { firstByte: 100ms }') },
        );
        client.write(asking('/chat') + early);
        await client.ends();
        t.match(client.received, new RegExp(`^HTTP/1\\.1 ${status} `), what);
        t.match(client.received, /connection: close/i);
        t.notMatch(client.received, /^HTTP[\s\S]*HTTP\//, 'there is one answer');
        // One that was lost without an answer is sent once more.
        t.equal(origin.connections.length, failure === 'upstream_reset' ? 2 : 1);
        for (const { received } of origin.connections) {
          t.notMatch(received, /smuggled|hello/, 'what was held goes nowhere');
        }
        client.destroy();
        t.same(
          proxy.seen.map((one) => [one.status, one.failure, one.version]),
          [[status, failure, 'v1']],
        );
        t.equal(proxy.tunnels() + proxy.inFlight(), 0);
        // A whole answer leaves a connection that speaks HTTP as before.
        if (failure !== undefined) await origin.until(([first]) => first?.isClosed ?? false);
        t.same(proxy.bugs, []);
      }
    });
  }

  test(`a 101 that nobody asked for is a 502 (${reading} reads)`, async (t) => {
    const asked = smuggled.replace('smuggled', 'plain');
    const upgrades = 'GET /h2c HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n';
    for (const request of [asked, upgrades]) {
      const { origin, proxy, client } = await proxied(t, answering(switching()), { reading });
      client.write(request);
      await client.receives('upstream_malformed');
      t.match(client.received, /^HTTP\/1\.1 502 /);
      t.same(proxy.refused, ['unasked_switch']);
      await origin.until(([first]) => first?.isClosed ?? false);
    }
  });
}

test('what is no upgrade is served as if it had not asked, and what is behind it too', async (t) => {
  const socketLines = `Sec-WebSocket-Key: ${sampleKey}\r\nSec-WebSocket-Version: 13\r\n`;
  const websocket = `Upgrade: websocket\r\nConnection: Upgrade\r\n${socketLines}`;
  for (const { head, rules, because } of [
    {
      head: 'GET / HTTP/1.1\r\nUpgrade: foo\r\nConnection: Upgrade\r\n',
      because: 'it is another protocol',
    },
    {
      head: 'GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n',
      because: 'h2c is not spoken',
    },
    {
      head: `GET / HTTP/1.1\r\nUpgrade: websocket\r\n${socketLines}`,
      because: 'Connection does not say so',
    },
    { head: `GET / HTTP/1.1\r\nUpgrade: h2c\r\n${websocket}`, because: 'there are two protocols' },
    {
      head: `GET / HTTP/1.1\r\nUpgrade: websocket, h2c\r\nConnection: Upgrade\r\n${socketLines}`,
      because: 'there are two protocols in one line',
    },
    { head: `POST / HTTP/1.1\r\nContent-Length: 0\r\n${websocket}`, because: 'it is a POST' },
    {
      head: `GET / HTTP/1.1\r\n${websocket}`,
      rules: rulesWith('upgrade: off'),
      because: 'the route says so',
    },
    {
      head: 'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n',
      rules: rulesWith('upgrade: off'),
      because: 'the route says so, and nobody looks for a key',
    },
  ]) {
    const { origin, client, proxy } = await proxied(
      t,
      answering((said) => response(/^\w+ (\S+)/.exec(said)?.[1] ?? '')),
      rules === undefined ? {} : { rules },
    );
    client.write(`${head}Host: a\r\n\r\n${smuggled.replace('smuggled', 'next')}`);
    await client.receives(/\r\n\r\n\/HTTP[\s\S]*\r\n\r\n\/next$/);
    const [first = ''] = origin.connections.map(({ received }) => received);
    t.notMatch(first, /^(?:upgrade|connection|http2-settings):/im, because);
    t.notMatch(client.received, /connection: close/i);
    t.same(
      proxy.seen.map(({ status }) => status),
      [200, 200],
    );
  }
});

for (const { lines, status, error, because } of [
  {
    lines: 'Sec-WebSocket-Version: 13\r\n',
    status: 400,
    error: 'bad_websocket_key',
    because: 'no key',
  },
  {
    lines: `Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n`,
    status: 400,
    error: 'bad_websocket_key',
    because: 'no right key',
  },
  {
    lines: `Sec-WebSocket-Key: ${sampleKey}\r\nSec-WebSocket-Version: 8\r\n`,
    status: 426,
    error: 'bad_websocket_version',
    because: 'a version that is not spoken',
  },
]) {
  test(`an upgrade with ${because} is refused with ${status}, and nothing behind it is read`, async (t) => {
    const { origin, proxy, client } = await proxied(t, answering(response('served')));
    client.write(
      `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${lines}\r\n${smuggled}`,
    );
    await client.ends();
    t.match(client.received, new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*"error":"${error}"`));
    t.match(client.received, /connection: close/i);
    t.notMatch(client.received, /served/);
    t.equal(/sec-websocket-version: 13\r\n/i.test(client.received), status === 426);
    t.equal(origin.connections.length, 0, 'no byte goes upstream');
    t.match(proxy.seen, [{ route: 'shop', status, failure: 'bad_request' }]);
    t.same(proxy.refused, [error]);
  });
}

test('a handshake goes both ways as it is, but for what is ours', async (t) => {
  const { origin, client } = await proxied(
    t,
    answering(
      switching(
        'Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\nConnection: X-Hop\r\nX-Hop: 1\r\n',
      ),
    ),
    {
      rules: rulesWith(
        'sticky: { cookie: seen }\n    headers: { request: { set: { x-edge: "1" } }, response: { set: { x-by: "2" } } }',
      ),
    },
  );
  client.write(
    asking(
      '/chat?room=1',
      'Origin: http://a\r\nSec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate\r\nTE: trailers\r\nX-Forwarded-For: 9.9.9.9\r\n',
    ),
  );
  await client.receives('\r\n\r\n');
  const head = origin.connections[0]?.received ?? '';
  t.match(head, /^GET \/chat\?room=1 HTTP\/1\.1\r\nHost: a\r\n/);
  for (const line of [
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${sampleKey}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: chat, superchat',
    'Sec-WebSocket-Extensions: permessage-deflate',
    'Origin: http://a',
    'X-Forwarded-For: 127.0.0.1',
    'x-edge: 1',
  ]) {
    t.equal(head.split(`\r\n${line}\r\n`).length, 2, `upstream, once: ${line}`);
  }
  t.equal(head.match(/^connection:/gim)?.length, 1);
  t.match(client.received, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  for (const line of [
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Accept: ${acceptFor(asking())}`,
    'Sec-WebSocket-Protocol: chat',
    'Sec-WebSocket-Extensions: permessage-deflate',
    'Via: 1.1 turnout',
    'x-by: 2',
  ]) {
    t.equal(client.received.split(`\r\n${line}\r\n`).length, 2, `downstream, once: ${line}`);
  }
  t.match(client.received, /^set-cookie: seen=/im);
  t.notMatch(client.received, /^(?:x-hop|content-length|transfer-encoding):|close/im);
});

test('interim responses come before a 101, and none of them opens a tunnel', async (t) => {
  const { client, proxy } = await proxied(
    t,
    answering(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${switching()}`),
  );
  client.write(asking());
  await client.receives(/^HTTP\/1\.1 103 [\s\S]*HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/);
  t.equal(proxy.tunnels(), 1);
});

test('an upgrade that meets a closed pooled connection is sent once more', async (t) => {
  const { origin, proxy, client } = await proxied(t, (connection, all) => {
    if (!connection.received.endsWith('\r\n\r\n')) return;
    if (connection !== all[0]) connection.socket.write(switching());
    else if (connection.received.includes('/chat')) connection.socket.destroy();
    else connection.socket.write(response('plain'));
  });
  client.write(smuggled);
  await client.receives('plain');
  client.write(asking('/chat'));
  await client.receives(/HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/);
  t.equal(origin.connections.length, 2);
  t.match(proxy.seen, [{ status: 200 }, { status: 101, retries: 1 }]);
});

test('an upgrade falls back to the version that helps out, with all of its head', async (t) => {
  const origin = await rawOrigin(answering(switching()));
  const proxy = await startProxy(`apiVersion: turnout/v1
routes:
  - name: shop
    onUnavailable: { fallback: v2 }
    versions:
      v1: { url: "http://127.0.0.1:1" }
      v2: { url: "${origin.url}", weight: 0 }
`);
  const client = await RawClient.connect(proxy.port);
  t.teardown(async () => {
    client.destroy();
    proxy.close();
    await origin.close();
  });
  client.write(asking('/chat'));
  await client.receives(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/);
  t.match(origin.connections[0]?.received, /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
  t.match(proxy.seen, [{ status: 101, version: 'v2', reason: 'fallback' }]);
});

test('a disabled version gets no upgrade, whatever a cookie says', async (t) => {
  const { origin, client } = await proxied(t, answering(switching()), {
    rules: (url) => `apiVersion: turnout/v1
routes:
  - name: shop
    versions:
      v1: { url: "${url}" }
      v2: { url: "http://127.0.0.1:1", state: disabled }
    sticky: { cookie: seen }
`,
  });
  client.write(asking('/', 'Cookie: seen=v2\r\n'));
  await client.receives(/^HTTP\/1\.1 101 /);
  t.equal(origin.connections.length, 1);
});
