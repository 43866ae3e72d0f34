import { randomUUID } from 'node:crypto';
import { type Test, test } from 'tap';
import { overrideToken } from '#core/routing/override-token';
import { RawClient } from '../support/raw-client.ts';
import { answering, type RawOrigin, rawOrigin, response } from '../support/raw-origin.ts';
import {
  assignPorts,
  type StartedProxy,
  type StartOptions,
  startProxy,
} from '../support/start-proxy.ts';

interface Setting {
  readonly v1: RawOrigin;
  readonly v2: RawOrigin;
  readonly proxy: StartedProxy;
  /** Sends a request on a connection of its own; resolves with the whole answer. */
  readonly ask: (request: string) => Promise<string>;
}

/** Starts a proxy before two versions, whose rules say `${v1}` and `${v2}` for their urls. */
async function start(t: Test, rules: string, options?: StartOptions): Promise<Setting> {
  const v1 = await rawOrigin(answering(response('v1')));
  const v2 = await rawOrigin(answering(response('v2')));
  const text = `apiVersion: turnout/v1\nroutes:\n${rules.replaceAll('V1', v1.url).replaceAll('V2', v2.url)}`;
  const proxy = await startProxy(text, options);
  t.teardown(async () => {
    proxy.close();
    await Promise.all([v1.close(), v2.close()]);
    if (proxy.bugs.length > 0) throw proxy.bugs[0];
  });
  const ask = async (request: string) => {
    const client = await RawClient.connect(proxy.port);
    client.write(request.replaceAll('\n', '\r\n'));
    await client.ends();
    client.destroy();
    return client.received;
  };
  return { v1, v2, proxy, ask };
}

const head = (lines = '', target = '/') =>
  `GET ${target} HTTP/1.1\nHost: shop.example.com\nConnection: close\n${lines}\n`;

const versions = '    versions: { v1: { url: "V1" }, v2: { url: "V2", weight: 0 } }\n';

test('audiences by cookie, header and device get their version', async (t) => {
  const { ask } = await start(
    t,
    `  - name: shop
    audiences:
      - { name: insiders, when: { cookie: { insider: "yes" } }, version: v2 }
      - { name: beta, when: { header: { x-api-version: { prefix: v2 } } }, version: v2 }
      - { name: phones, when: { device: mobile }, version: v2 }
${versions}`,
  );
  for (const { lines, version } of [
    { lines: '', version: 'v1' },
    { lines: 'Cookie: a=b; insider=yes\n', version: 'v2' },
    { lines: 'Cookie: insider=no\n', version: 'v1' },
    { lines: 'X-Api-Version: v2.1\n', version: 'v2' },
    { lines: 'Sec-CH-UA-Mobile: ?1\n', version: 'v2' },
  ]) {
    t.match(await ask(head(lines)), new RegExp(`\r\n\r\n${version}$`), lines);
  }
});

test('a navigation is issued a unit, which then decides; an API call is not', async (t) => {
  const { ask, proxy } = await start(
    t,
    '  - name: shop\n    versions: { v1: { url: "V1" }, v2: { url: "V2" } }\n',
  );
  const first = await ask(head('Accept: text/html\n'));
  const cookie =
    /^Set-Cookie: (turnout-unit=[0-9a-f]{32}); Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax\r$/m.exec(
      first,
    )?.[1];
  t.ok(cookie, 'a unit is issued');
  t.match(first, /^Cache-Control: private\r$/m);
  const version = first.slice(-2);
  for (let n = 0; n < 10; n++) {
    const next = await ask(head(`Accept: text/html\nCookie: ${cookie}\n`));
    t.equal(next.slice(-2), version);
    t.notMatch(next, /set-cookie/i);
  }
  t.notMatch(await ask(head('Accept: application/json\n')), /set-cookie/i);
  t.ok(proxy.seen.every(({ reason }) => reason === 'split'));
});

test('a sticky route remembers while the weights change, until the version is disabled', async (t) => {
  const rules = (v1: string) => `  - name: shop
    unit: "header:x-user-id"
    sticky: { cookie: seen, maxAge: 1h }
    versions: { v1: { url: "V1", ${v1} }, v2: { url: "V2", weight: 1 } }
`;
  const { ask, proxy, v1, v2 } = await start(t, rules('weight: 1000000'));
  const answer = await ask(head('X-User-Id: ann\n'));
  const cookie = /^Set-Cookie: (seen=[^;]+); /m.exec(answer)?.[1];
  t.match(answer, /v1$/);
  const swapTo = (state: string) =>
    proxy.swap(
      `apiVersion: turnout/v1\nroutes:\n${rules(state).replaceAll('V1', v1.url).replaceAll('V2', v2.url)}`,
    );
  swapTo('weight: 0');
  t.match(await ask(head(`X-User-Id: ann\nCookie: ${cookie}\n`)), /v1$/);
  swapTo('state: drain');
  t.match(await ask(head(`X-User-Id: ann\nCookie: ${cookie}\n`)), /v1$/);
  swapTo('state: disabled');
  t.match(await ask(head(`X-User-Id: ann\nCookie: ${cookie}\n`)), /v2$/);
});

test('a preview link shows a version to whoever has it, and holds for what comes next', async (t) => {
  const { ask, v2, proxy } = await start(
    t,
    `  - name: shop
    override: { header: x-turnout-version, query: turnout-version, cookie: turnout-version }
${versions}`,
  );
  const token = (version: string) =>
    overrideToken(
      {
        keyId: 'test',
        route: 'shop',
        version,
        host: 'shop.example.com',
        expiresAt: Math.floor(Date.now() / 1_000) + 600,
        nonce: randomUUID(),
      },
      assignPorts.mac,
    ) ?? '';
  const link = token('v2');
  const opened = await ask(head('', `/page?a=1&turnout-version=${link}&b=2`));
  t.match(opened, /v2$/);
  const cookie = new RegExp(
    `^Set-Cookie: (turnout-version=${link}); Path=/; Max-Age=\\d+; `,
    'm',
  ).exec(opened)?.[1];
  t.ok(cookie, 'the link is kept in a cookie');
  t.match(await ask(head(`Cookie: a=b; ${cookie}; c=d\n`)), /v2$/);
  t.match(await ask(head(`X-Turnout-Version: ${link}\n`)), /v2$/);
  const sent = v2.connections.map(({ received }) => received).join('');
  t.notMatch(sent, link, 'the token goes no further');
  t.match(sent, /^GET \/page\?a=1&b=2 HTTP/);
  t.match(sent, /^Cookie: a=b; c=d\r$/m);
  t.match(
    await ask(head(`X-Turnout-Version: ${link.slice(0, -2)}xx\n`)),
    /v1$/,
    'a wrong signature',
  );
  t.match(await ask(head('X-Turnout-Version: v2\n')), /v1$/, 'a bare name from anybody');
  t.equal(proxy.seen.filter(({ reason }) => reason === 'override').length, 3);
});

test('a trusted client may name a version, but not a disabled one', async (t) => {
  const { ask, v1 } = await start(
    t,
    `  - name: shop
    override: { header: x-turnout-version, trusted: [127.0.0.0/8] }
    versions: { v1: { url: "V1" }, v2: { url: "V2", weight: 0 }, v3: { url: "V2", state: disabled } }
`,
  );
  t.match(await ask(head('X-Turnout-Version: v2\n')), /v2$/);
  t.match(await ask(head('X-Turnout-Version: v3\n')), /v1$/);
  t.notMatch(v1.connections[0]?.received, /x-turnout-version/i, 'the peer is no trusted proxy');
});

test('the address behind a trusted proxy is the one that rules see', async (t) => {
  const { ask, v1, v2 } = await start(
    t,
    `  - name: shop
    audiences: [{ name: office, when: { client: 203.0.113.0/24 }, version: v2 }]
${versions}`,
    { trustedProxies: ['127.0.0.0/8'] },
  );
  t.match(await ask(head('X-Forwarded-For: 203.0.113.9\n')), /v2$/);
  t.match(v2.connections[0]?.received, /^X-Forwarded-For: 203\.0\.113\.9, 127\.0\.0\.1\r$/im);
  t.match(
    await ask(head('X-Forwarded-For: 203.0.113.9, 198.51.100.1\n')),
    /v1$/,
    'the last untrusted',
  );
  t.match(
    v1.connections[0]?.received,
    /^X-Forwarded-For: 203\.0\.113\.9, 198\.51\.100\.1, 127\.0\.0\.1\r$/im,
  );
});

for (const { told, isBelieved, isHttps } of [
  { told: 'https', isBelieved: true, isHttps: true },
  { told: 'HTTPS', isBelieved: true, isHttps: true },
  { told: 'http', isBelieved: true, isHttps: false },
  { told: 'https, http', isBelieved: true, isHttps: false },
  { told: 'https', isBelieved: false, isHttps: false },
]) {
  const who = isBelieved ? 'a trusted proxy' : 'anybody';
  test(`X-Forwarded-Proto: ${told} of ${who} ${isHttps ? 'means' : 'does not mean'} https`, async (t) => {
    const { ask } = await start(
      t,
      `  - { name: to-https, match: { scheme: http, path: /redirect }, redirect: { scheme: https } }
  - { name: moved, match: { path: /moved }, redirect: { path: { prefix: /new } } }
  - { name: shop, versions: { v1: { url: "V1" }, v2: { url: "V2" } } }
`,
      { trustedProxies: isBelieved ? ['127.0.0.0/8'] : [] },
    );
    const request = (path: string) =>
      head(`X-Forwarded-Proto: ${told}\nAccept: text/html\n`).replace('GET /', `GET ${path}`);
    t.equal((await ask(request('/redirect'))).includes('302 Found'), !isHttps);
    t.match(await ask(request('/moved')), `Location: http${isHttps ? 's' : ''}://`);
    t.equal(/^Set-Cookie: .*; Secure/m.test(await ask(request('/'))), isHttps);
  });
}

test('headers are edited for the route and then the version, both ways', async (t) => {
  const { ask, v1 } = await start(
    t,
    `  - name: shop
    headers:
      request: { set: { x-env: prod, x-tier: route }, remove: [x-debug] }
      response: { set: { x-served-by: turnout }, remove: [server] }
    versions: { v1: { url: "V1", headers: { request: { set: { x-tier: "v1" }, add: { x-more: "1" } } } } }
`,
  );
  const answer = await ask(head('X-Debug: 1\nX-Tier: mine\nX-More: 0\n'));
  t.match(answer, /^x-served-by: turnout\r$/m);
  const { received } = v1.connections[0] ?? { received: '' };
  t.match(received, /^x-env: prod\r$/m);
  t.same(received.match(/^x-tier: .*$/gim), ['x-tier: v1']);
  t.same(received.match(/^x-more: .*$/gim), ['X-More: 0', 'x-more: 1']);
  t.notMatch(received, /x-debug/i);
});

test('paths and hosts are rewritten by whole segments, queries stay', async (t) => {
  const { ask, v1 } = await start(
    t,
    `  - name: shop
    match: { path: /old/shop }
    rewrite: { path: /new, host: inner.example.com }
    versions: { v1: { url: "V1" } }
`,
  );
  await ask(head('', '/old/shop/a%2Fb?x=%20&y'));
  t.match(
    v1.connections[0]?.received,
    /^GET \/new\/a%2Fb\?x=%20&y HTTP\/1\.1\r\nHost: inner\.example\.com\r\n/,
  );
});

test('a redirect answers by itself', async (t) => {
  const { ask, proxy } = await start(
    t,
    `  - name: old
    match: { host: shop.example.com, path: /old }
    redirect: { scheme: https, host: new.example.com, path: /new, status: 308 }
  - name: shop
${versions}`,
  );
  const answer = await ask(head('', '/old/a?b=c'));
  t.match(answer, /^HTTP\/1\.1 308 Permanent Redirect\r\n/);
  t.match(answer, /^Location: https:\/\/new\.example\.com\/new\/a\?b=c\r$/m);
  t.match(proxy.seen, [{ route: 'old', version: undefined, status: 308, failure: undefined }]);
});
