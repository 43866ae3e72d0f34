import { test } from 'tap';
import { readCanonical } from '../support/canonical-request.ts';
import { type Proxied, proxied } from '../support/proxied.ts';
import { answering, response } from '../support/raw-origin.ts';

const rules = (url: string) => `apiVersion: turnout/v1
routes:
  - name: shop
    audiences: [{ name: vip, when: { header: { x-tier: gold } }, version: v1 }]
    unit: "header:x-user-id"
    override: { header: x-wish, trusted: 10.0.0.0/8 }
    versions:
      v1: { url: "${url}" }
    headers:
      request: { set: { x-set: ours }, add: { x-added: ours }, remove: [x-gone] }
      response: { set: { x-answer: ours }, remove: [x-inner] }
`;

/** Sends a request and returns it as the version got it, by names in lower case. */
async function forwarded({ origin, client }: Proxied, lines: string, method = 'GET') {
  client.write(`${method} / HTTP/1.1\r\nHost: shop.example\r\n${lines}\r\n`);
  await client.receives('HTTP/1.1 200 OK');
  const reading = readCanonical(origin.connections[0]?.received ?? '');
  if (reading.kind !== 'request') throw new Error(`the version got ${JSON.stringify(reading)}`);
  const values = new Map<string, string[]>();
  const { fields } = reading.request;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at]?.toLowerCase() ?? '';
    values.set(name, [...(values.get(name) ?? []), fields[at + 1] ?? '']);
  }
  return { ...reading.request, values };
}

const ok = answering(response('ok', '200 OK'));

/** Each name that Turnout writes or a rule names, and what the version gets under it. */
const ours = {
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'shop.example',
  'x-forwarded-port': '80',
  via: '1.1 turnout',
  'x-set': 'ours',
  'x-added': 'ours',
  'x-tier': 'gold',
  'x-user-id': '7',
  authorization: 'Basic x',
  cookie: 'a=b',
} as const;

for (const [name, value] of Object.entries(ours)) {
  test(`Connection: ${name} takes nothing away`, async (t) => {
    const setting = await proxied(t, ok, { rules });
    const { values } = await forwarded(
      setting,
      `Connection: ${name}, close\r\nAuthorization: Basic x\r\nCookie: a=b\r\nX-Tier: gold\r\nX-User-Id: 7\r\n`,
    );
    t.strictSame(values.get(name), [value]);
  });
}

test('Connection: host, content-length, transfer-encoding takes nothing away', async (t) => {
  const setting = await proxied(t, ok, { rules });
  const { host } = await forwarded(
    setting,
    'Connection: Host, Content-Length, Transfer-Encoding, TE\r\n',
  );
  t.equal(host, 'shop.example');
});

test("a trusted proxy's word cannot be taken away either", async (t) => {
  const setting = await proxied(t, ok, { rules, trustedProxies: ['127.0.0.1'] });
  const { values } = await forwarded(
    setting,
    'Connection: X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, X-Forwarded-Port, X-Real-IP, Forwarded\r\n' +
      'X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: front.example\r\n' +
      'X-Forwarded-Port: 8443\r\nX-Real-IP: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\n',
  );
  t.strictSame(values.get('x-forwarded-for'), ['203.0.113.9, 127.0.0.1']);
  t.strictSame(values.get('x-forwarded-proto'), ['https']);
  t.strictSame(values.get('x-forwarded-host'), ['front.example']);
  t.strictSame(values.get('x-forwarded-port'), ['8443']);
  t.strictSame(values.get('x-real-ip'), ['203.0.113.9']);
});

for (const [lines, kept] of [
  ['X-Real-IP: 2001:db8::1\r\n', ['2001:db8::1']],
  ['X-Real-IP: 203.0.113.9\r\nX-Real-IP: 203.0.113.9\r\n', undefined],
  ['X-Real-IP: 203.0.113.9, 10.0.0.1\r\n', undefined],
  ['X-Real-IP: unknown\r\n', undefined],
] as const) {
  test(`of a trusted proxy ${JSON.stringify(lines)} is ${kept === undefined ? 'dropped' : 'kept'}`, async (t) => {
    const setting = await proxied(t, ok, { rules, trustedProxies: ['127.0.0.1'] });
    const { values } = await forwarded(setting, lines);
    t.strictSame(values.get('x-real-ip'), kept);
  });
}

test('two wishes for a version are none', async (t) => {
  const setting = await proxied(t, ok, { rules });
  await forwarded(setting, 'X-Wish: v1\r\nX-Wish: v1\r\n');
  t.match(setting.proxy.seen, [{ reason: 'split' }]);
});

test('a twin with an underscore is taken out, whoever reads it as ours', async (t) => {
  const setting = await proxied(t, ok, { rules });
  const { values } = await forwarded(
    setting,
    'X_Tier: gold\r\nX_Set: theirs\r\nX_Added: theirs\r\nX_Gone: theirs\r\nX_User_Id: 8\r\nX_Other: theirs\r\n',
  );
  t.strictSame(
    [...values.keys()].filter((name) => name.includes('_')),
    ['x_other'],
  );
});

for (const name of ['X-Tier', 'X-Set', 'X-Added', 'X-Gone', 'X-User-Id', 'X_Set', 'Cookie']) {
  test(`a trailer of the name ${name} does not reach the version`, async (t) => {
    const setting = await proxied(
      t,
      ({ received, socket }) => {
        if (received.endsWith('\r\n\r\n') && received.includes('\r\n0\r\n'))
          socket.write(response('ok'));
      },
      { rules },
    );
    const { client, origin } = setting;
    client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    client.write(`1\r\nx\r\n0\r\n${name}: theirs\r\nX-Check: 1\r\n\r\n`);
    await client.receives('HTTP/1.1 200 OK');
    const reading = readCanonical(origin.connections[0]?.received ?? '');
    t.match(reading, { kind: 'request', request: { body: 'x', trailers: 'X-Check: 1\r\n' } });
  });
}

test('a trailer of a response does not bring back what a rule takes out', async (t) => {
  const { client } = await proxied(
    t,
    answering(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Inner: 1\r\nX-Answer: theirs\r\nX-Check: 1\r\n\r\n',
    ),
    { rules },
  );
  client.write('GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n');
  await client.receives('\r\n\r\n1\r\nx\r\n0\r\nX-Check: 1\r\n\r\n');
  t.notMatch(client.received, /x-inner|theirs/i);
});
