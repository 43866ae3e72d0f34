import { join } from 'node:path';
import { type Test, test } from 'tap';
import { read } from '#core/document/read';
import { explain } from '#core/routing/explain';
import { compile } from '#core/snapshot/compile';
import { parseKeys } from '../../src/cli/keys.ts';
import { factsOf } from '../../src/cli/request-facts.ts';
import { macBy } from '../../src/cli/sign.ts';
import { shopRules, turnout } from './fake-ports.ts';

const keysText = 'new:00112233445566778899aabbccddeeff\nold:ffeeddccbbaa99887766554433221100\n';
const mac = macBy(parseKeys(keysText).keys ?? new Map());

function link(t: Test, words: readonly string[], rules = shopRules) {
  const folder = t.testdir({ 'routes.yaml': rules, keys: keysText });
  const env = { TURNOUT_RULES: join(folder, 'routes.yaml'), TURNOUT_KEYS: join(folder, 'keys') };
  return turnout(['link', ...words], { env });
}

const reading = read(shopRules);
if (reading.kind !== 'document') throw new Error('the rules have problems');
const snapshot = compile(reading.document, { hash: '', rowOf: () => 0 });

/** What the proxy makes of a link at a host, so many milliseconds from now. */
function followed(link: URL, host = link.host, laterMs = 0) {
  const request = { method: 'GET', authority: host, target: link.pathname + link.search };
  const described = { ...request, scheme: 'https' as const, headers: [], client: '192.0.2.1' };
  const { facts } = factsOf(described, snapshot.fieldNames);
  const [, shop] = snapshot.routes;
  if (facts === undefined || shop === undefined) throw new Error(`refused: ${link}`);
  const epochMs = () => Date.now() + laterMs;
  const ports = { mac, epochMs, random: () => 0.5, newUnit: () => '' };
  const { version, reason, override } = explain(shop, facts, ports);
  const outcome = override.find(({ place }) => place === 'query')?.outcome;
  return outcome === 'granted' ? `${reason} ${version}` : outcome;
}

test('prints a link that leads to the version, at its host, for a day', async (t) => {
  const { exitCode, out, err } = await link(t, ['shop', 'v2']);
  t.equal(exitCode, 0);
  const url = new URL(out);
  t.equal(`${url.origin}${url.pathname}`, 'https://shop.example.com/');
  const token = url.searchParams.get('turnout-version') ?? '';
  t.match(token, /^v1\.new\./, 'the first key signs');
  t.equal(followed(url), 'override v2');
  t.equal(followed(url, 'other.example.com'), 'bad_signature');
  t.equal(followed(url, url.host, 86_000_000), 'override v2');
  t.equal(followed(url, url.host, 86_500_000), 'expired');
  t.match(err, 'leads to v2 of shop at shop.example.com until ');
});

test('--host, --ttl and --scheme; the port is in the link but not signed', async (t) => {
  const words = ['shop', 'v1', '--host', 'Shop.localhost:8080', '--scheme', 'http', '--ttl', '1h'];
  const url = new URL((await link(t, words)).out);
  t.equal(url.origin, 'http://shop.localhost:8080');
  t.equal(followed(url), 'override v1');
  t.equal(followed(url, 'SHOP.localhost'), 'override v1');
  t.equal(followed(url, url.host, 3_700_000), 'expired');
});

test('two links for the same are not the same', async (t) => {
  t.not((await link(t, ['shop', 'v2'])).out, (await link(t, ['shop', 'v2'])).out);
});

test('-o json holds token, url and a command', async (t) => {
  const { out } = await link(t, ['shop', 'v2', '-o', 'json']);
  const { apiVersion, token, url, curl } = JSON.parse(out);
  t.equal(apiVersion, 'turnout/v1');
  t.equal(followed(new URL(url)), 'override v2');
  t.ok(url.endsWith(`?turnout-version=${token}`));
  t.equal(curl, `curl -H 'x-version: ${token}' 'https://shop.example.com/'`);
});

test('where only a cookie is looked at, the line is a command', async (t) => {
  const rules = shopRules.replace(/override: .*/, 'override: { cookie: preview }');
  t.match((await link(t, ['shop', 'v2'], rules)).out, /^curl -b 'preview=v1\.new\./);
});

for (const { words, err } of [
  { words: ['shp', 'v2'], err: 'there is no route "shp"\n  hint: there is "admin", "shop"' },
  {
    words: ['shop', 'v9'],
    err: 'route "shop" has no version "v9"\n  hint: it has "v1", "v2", "v3"',
  },
  { words: ['shop', 'v3'], err: 'version "v3" of route "shop" is disabled: no link can reach it' },
  {
    words: ['admin', 'v1'],
    err: 'route "admin" takes no override\n  hint: add to the route: override: { query: turnout-version }',
  },
  {
    words: ['shop', 'v2', '--ttl', '8d'],
    err: '--ttl must be a duration from 1s to 7d, for example 12h, got "8d"',
  },
  {
    words: ['shop', 'v2', '--host', 'a/b'],
    err: '--host must be a name, with or without a port, got "a/b"',
  },
]) {
  test(`refuses ${words.join(' ')}`, async (t) => {
    t.same(await link(t, words), { exitCode: 2, out: '', err: `error: ${err}\n` });
  });
}

test('without one host and without keys it says which flag is missing', async (t) => {
  const rules = shopRules.replace('host: shop.example.com', 'host: "*.example.com"');
  t.match(await link(t, ['shop', 'v2'], rules), {
    exitCode: 2,
    err: 'error: name the host with --host: route "shop" does not take just one\n',
  });
  const env = { TURNOUT_RULES: join(t.testdir({ r: shopRules }), 'r') };
  t.match(await turnout(['link', 'shop', 'v2'], { env }), {
    exitCode: 2,
    err: 'error: name the file of keys with --keys or TURNOUT_KEYS\n',
  });
});
