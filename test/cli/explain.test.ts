import { join } from 'node:path';
import { type Test, test } from 'tap';
import { shopRules, turnout } from './fake-ports.ts';

async function explain(t: Test, ...words: string[]) {
  const file = join(t.testdir({ 'routes.yaml': shopRules }), 'routes.yaml');
  return turnout(['explain', '-c', file, ...words]);
}

test('a split: route, audiences passed over, unit, draws and version', async (t) => {
  const url = 'https://shop.example.com/cart';
  const { exitCode, out } = await explain(t, url, '-H', 'x-user-id: 4711');
  t.equal(exitCode, 0);
  t.same(out.replace(/ u 0\.\d{4} score [0-9.]+/g, ' u … score …').split('\n'), [
    'not       admin ✖ path /cart',
    'route     shop, 2 of 2: host ✔',
    'left out  v3 disabled',
    'audience  testers ✖ no cookie insider',
    'split     unit header:x-user-id "4711", salt shop: v1 90 u … score … ← · v2 10 u … score …',
    'version   v1, reason split, endpoint http://shop-v1:8080',
    '',
  ]);
});

test('an HTTPRoute: its place among the others, and what leads nowhere', async (t) => {
  const text = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: cart, namespace: shop }
spec:
  rules:
    - matches: [{ path: { value: /cart } }, { path: { type: Exact, value: /basket } }]
      backendRefs: [{ name: cart-v1, port: 8080 }]
    - backendRefs: [{ name: gone }]
`;
  const file = join(t.testdir({ 'routes.yaml': text }), 'routes.yaml');
  const cart = await turnout(['explain', '-c', file, 'http://shop/cart/1']);
  t.match(cart.out, /^route {5}shop\/cart, 2 of 3: path ✔$/m);
  t.match(cart.out, 'version   cart-v1, reason split, endpoint http://cart-v1.shop.svc:8080');
  const rest = await turnout(['explain', '-c', file, 'http://shop/']);
  t.match(rest.out, /^route {5}shop\/cart#2, 3 of 3/m);
  t.match(rest.out, /nothing can be sent there, it is answered 500, invalid_backend$/m);
});

test('an audience decides before the weights', async (t) => {
  const { out } = await explain(t, 'https://shop.example.com/', '--cookie', 'insider=yes');
  t.match(out, 'audience  testers ✔');
  t.match(out, 'version   v2, reason audience:testers,');
});

test('an override is granted to whom it trusts, and refused to others', async (t) => {
  const wish = ['https://shop.example.com/', '-H', 'x-version: v2'];
  const trusted = await explain(t, ...wish, '--client', '10.1.2.3');
  t.match(trusted.out, 'override  header x-version: v2 ✔');
  t.match(trusted.out, 'version   v2, reason override,');
  const other = await explain(t, ...wish, '--client', '192.0.2.1');
  t.match(other.out, 'override  header x-version: v2 ✖ untrusted');
});

test('copies and faults are told of a request that they are about', async (t) => {
  const rules = `${shopRules}    mirror: { to: v2, percent: 0.5% }
    fault: { when: { method: GET }, delay: { time: 200ms, percent: 10 }, abort: { reset: true, percent: 5 } }
`;
  const file = join(t.testdir({ 'routes.yaml': rules }), 'routes.yaml');
  const url = 'https://shop.example.com/';
  const get = await turnout(['explain', '-c', file, url, '-H', 'x-user-id: 4711']);
  t.match(get.out, '\nmirror    0.5% of such requests are copied to v2\n');
  t.match(get.out, '\nfault     of such requests 10% wait 200ms, 5% are reset\n');
  const post = await turnout(['explain', '-c', file, url, '-X', 'POST', '-o', 'json']);
  t.notMatch(JSON.parse(post.out).explained, { mirror: {} });
  t.notMatch(JSON.parse(post.out).explained, { fault: {} });
});

test('a path that its route refuses goes nowhere', async (t) => {
  const rules = `${shopRules}    encodedSlash: refuse\n`;
  const file = join(t.testdir({ 'routes.yaml': rules }), 'routes.yaml');
  const { out } = await turnout(['explain', '-c', file, 'https://shop.example.com/a%2Fb']);
  t.match(out, '\nanswer    refused with 400, encoded_slash: the path holds %2F or %5C\n');
  t.notMatch(out, 'version ');
});

test('a request that no route takes', async (t) => {
  const { exitCode, out } = await explain(t, 'http://other.example/');
  t.equal(exitCode, 0);
  t.match(out, 'none takes this request: it is answered 404, no_route');
});

test('a request the proxy refuses is refused here, for the same reason', async (t) => {
  const { out } = await explain(t, 'https://shop.example.com/a/..;/b');
  t.equal(out, 'refused   400 dot_segment_parameters: a dot segment of the path has parameters\n');
  const json = await explain(t, 'https://shop.example.com/', '-H', 'Host: a b', '-o', 'json');
  t.match(JSON.parse(json.out), { refused: { status: 400, code: 'bad_host' } });
});

test('the path is matched as the proxy matches it', async (t) => {
  t.match(await explain(t, 'http://x/a/../%61dmin'), { out: /route {5}admin, 1 of 2/ });
});

test('text beyond ASCII is its bytes, escaped in a path as browsers do', async (t) => {
  const { out } = await explain(
    t,
    'https://shop.example.com/Zoë',
    '-H',
    'x-user-id: Zoë',
    '-o',
    'json',
  );
  t.match(JSON.parse(out), { explained: { unit: { value: 'Zoë' } } });
});

test('--count gives the distribution over that many users', async (t) => {
  const { out } = await explain(t, 'https://shop.example.com/', '--count', '10000', '-o', 'json');
  const { count, by, versions } = JSON.parse(out);
  t.match({ count, by }, { count: 10_000, by: 'header:x-user-id' });
  t.same(
    versions.map((one: { version: string }) => one.version),
    ['v1', 'v2', 'v3'],
  );
  const shares = versions.map((one: { share: number }) => one.share);
  t.ok(Math.abs(shares[1] - 0.1) < 0.02);
  t.equal(shares[2], 0);
});

test('--count in words', async (t) => {
  const { out } = await explain(
    t,
    'https://shop.example.com/',
    '--count',
    '10',
    '--cookie',
    'insider=yes',
  );
  t.equal(
    out,
    'route shop, 10 made-up users by header:x-user-id\n  v1   0      0 %\n  v2  10    100 %  audience:testers 10\n  v3   0      0 %\n',
  );
});

for (const { words, err } of [
  { words: ['cart'], err: 'the URL must be http://host/path or /path, got "cart"' },
  { words: ['/', '--client', 'me'], err: '--client must be an address, got "me"' },
  { words: ['/', '-H', 'x-user-id'], err: '-H must be "name: value", got "x-user-id"' },
  { words: ['/', '--cookie', 'insider'], err: '--cookie must be "name=value", got "insider"' },
  {
    words: ['/', '--count', '0'],
    err: '--count must be a whole number from 1 to 9999999, got "0"',
  },
]) {
  test(`refuses ${words.join(' ')}`, async (t) => {
    t.same(await explain(t, ...words), { exitCode: 2, out: '', err: `error: ${err}\n` });
  });
}

test('a service is told by its name: what it has is not known here', async (t) => {
  const rules = `apiVersion: turnout/v1
routes:
  - name: shop
    versionFrom: { podLabel: version }
    versions: { v1: { service: { name: shop, namespace: store, port: 8080 } } }
`;
  const file = join(t.testdir({ 'routes.yaml': rules }), 'routes.yaml');
  const { out, exitCode } = await turnout(['explain', '-c', file, 'http://a/']);
  t.equal(exitCode, 0);
  t.match(out, '\nversion   v1, reason split, service store/shop:8080 of version=v1\n');
  const json = await turnout(['explain', '-c', file, 'http://a/', '-o', 'json']);
  t.match(JSON.parse(json.out), { service: 'store/shop:8080 of version=v1', endpoints: [] });
});
