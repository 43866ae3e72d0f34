import fc from 'fast-check';
import { test } from 'tap';
import type { PathTest } from '#core/conditions/when';
import { redirectLocation } from '#core/routing/redirect-location';
import { rewrittenPath } from '#core/routing/rewrite';
import type { PathRewrite, RedirectRule } from '#core/routing/rules';
import { facts, routeOf } from './made-up.ts';

function rewritten(tests: readonly PathTest[], rewrite: PathRewrite, forwarded: string): string {
  const route = routeOf({
    match: { path: tests },
    rewrite: { path: rewrite, host: undefined },
  });
  const path = forwarded.replace(/\/+/g, '/');
  const compiled = route.rewrite?.path ?? rewrite;
  return rewrittenPath(compiled, route.cuts, facts({ path }), forwarded);
}

// Expected values: Gateway API, HTTPPathModifier.replacePrefixMatch (its table of examples).
for (const { path, prefix, replacement, result } of [
  { path: '/foo/bar', prefix: '/foo', replacement: '/xyz', result: '/xyz/bar' },
  { path: '/foo/bar', prefix: '/foo', replacement: '/xyz/', result: '/xyz/bar' },
  { path: '/foo/bar', prefix: '/foo/', replacement: '/xyz', result: '/xyz/bar' },
  { path: '/foo/bar', prefix: '/foo/', replacement: '/xyz/', result: '/xyz/bar' },
  { path: '/foo', prefix: '/foo', replacement: '/xyz', result: '/xyz' },
  { path: '/foo/', prefix: '/foo', replacement: '/xyz', result: '/xyz/' },
  { path: '/foo/bar', prefix: '/foo', replacement: '', result: '/bar' },
  { path: '/foo/', prefix: '/foo', replacement: '', result: '/' },
  { path: '/foo', prefix: '/foo', replacement: '', result: '/' },
  { path: '/foo/', prefix: '/foo', replacement: '/', result: '/' },
  { path: '/foo', prefix: '/foo', replacement: '/', result: '/' },
]) {
  test(`${path}: prefix ${prefix} replaced by '${replacement}' is ${result}`, async (t) => {
    t.equal(rewritten([{ prefix }], { kind: 'prefix', path: replacement }, path), result);
  });
}

for (const { that, tests, rewrite, path, result } of [
  {
    that: 'slash runs count as one and the rest stays byte for byte',
    tests: [{ prefix: '/a/b' }],
    rewrite: { kind: 'prefix', path: '/x' },
    path: '//a///b//c%2fd/',
    result: '/x//c%2fd/',
  },
  {
    that: 'an escape in the prefix is one segment as any other',
    tests: [{ prefix: '/café' }],
    rewrite: { kind: 'prefix', path: '/x' },
    path: '/caf%C3%A9/1',
    result: '/x/1',
  },
  {
    that: 'the longest prefix that holds is cut',
    tests: [{ prefix: '/' }, { prefix: '/a/b' }, { prefix: '/a' }],
    rewrite: { kind: 'prefix', path: '/x' },
    path: '/a/b/c',
    result: '/x/c',
  },
  {
    that: 'the prefix / puts the new one in front',
    tests: [{ prefix: '/' }],
    rewrite: { kind: 'prefix', path: '/x' },
    path: '/a',
    result: '/x/a',
  },
  {
    that: 'an exact path is cut whole',
    tests: [{ exact: '/a/b' }],
    rewrite: { kind: 'prefix', path: '/x' },
    path: '/a/b',
    result: '/x',
  },
  {
    that: 'where a regular expression matched, nothing is cut',
    tests: [{ regex: '^/a' }],
    rewrite: { kind: 'prefix', path: '/x' },
    path: '/a/b',
    result: '/x/a/b',
  },
  {
    that: 'the whole path is replaced',
    tests: [{ prefix: '/a' }],
    rewrite: { kind: 'full', path: '/x/y' },
    path: '/a/b',
    result: '/x/y',
  },
  {
    that: 'a new path beyond ASCII is escaped',
    tests: [{ prefix: '/a' }],
    rewrite: { kind: 'full', path: '/é ?#' },
    path: '/a',
    result: '/%C3%A9%20%3F%23',
  },
  {
    that: 'no host can be read into what is left',
    tests: [{ prefix: '/a' }],
    rewrite: { kind: 'prefix', path: '/' },
    path: '/a//evil.example/x',
    result: '/evil.example/x',
  },
  {
    that: 'a backslash does not make a host either',
    tests: [{ prefix: '/a' }],
    rewrite: { kind: 'prefix', path: '/' },
    path: '/a/\\evil.example',
    result: '/%5Cevil.example',
  },
] satisfies {
  that: string;
  tests: PathTest[];
  rewrite: PathRewrite;
  path: string;
  result: string;
}[]) {
  test(that, async (t) => {
    t.equal(rewritten(tests, rewrite, path), result);
  });
}

test('the result begins with one slash and no backslash, whatever is asked for', async () => {
  const piece = fc.constantFrom('/', '//', '\\', 'a', '%2F', '.', 'evil.example');
  const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`);
  const rewrite = fc.record({ kind: fc.constantFrom('prefix', 'full'), path });
  fc.assert(
    fc.property(path, path, rewrite, (prefix, forwarded, one) => {
      const route = routeOf({
        match: { path: [{ prefix }] },
        rewrite: { path: { kind: 'prefix', path: '/' }, host: undefined },
      });
      const asked = facts({ path: forwarded.replace(/\/+/g, '/') });
      return /^\/(?![/\\])/.test(rewrittenPath(one, route.cuts, asked, forwarded));
    }),
    { numRuns: 1_000 },
  );
});

const nothing: RedirectRule = {
  scheme: undefined,
  host: undefined,
  port: undefined,
  path: undefined,
  status: 302,
};

for (const { that, rule, scheme = 'http', port, host = 'shop.example.com', location } of [
  { that: 'to https', rule: { scheme: 'https' }, location: 'https://shop.example.com/a//b?q=%20' },
  {
    that: 'to https leaves the port of http behind',
    rule: { scheme: 'https' },
    port: 8080,
    location: 'https://shop.example.com/a//b?q=%20',
  },
  {
    that: 'to another host keeps scheme and port',
    rule: { host: 'new.example' },
    scheme: 'https',
    port: 8443,
    location: 'https://new.example:8443/a//b?q=%20',
  },
  {
    that: 'to a port of its own',
    rule: { scheme: 'https', port: 8443 },
    location: 'https://shop.example.com:8443/a//b?q=%20',
  },
  {
    that: 'leaves out the port that the scheme implies',
    rule: { scheme: 'https', port: 443 },
    location: 'https://shop.example.com/a//b?q=%20',
  },
  {
    that: 'replaces the prefix and keeps the query',
    rule: { path: { kind: 'prefix', path: '/new' } },
    location: 'http://shop.example.com/new//b?q=%20',
  },
  {
    that: 'replaces the whole path and keeps the query',
    rule: { path: { kind: 'full', path: '/new' } },
    location: 'http://shop.example.com/new?q=%20',
  },
  { that: 'without any host is a path', rule: {}, host: '', location: '/a//b?q=%20' },
  { that: 'to an IPv6 host', rule: { host: '::1' }, location: 'http://[::1]/a//b?q=%20' },
] satisfies {
  that: string;
  rule: Partial<RedirectRule>;
  scheme?: 'http' | 'https';
  port?: number;
  host?: string;
  location: string;
}[]) {
  test(`a redirect ${that}`, async (t) => {
    const route = routeOf({
      match: { path: [{ prefix: '/a' }] },
      redirect: { ...nothing, ...rule },
    });
    const asked = facts({ host, path: '/a/b', query: 'q=%20', scheme });
    const request = { port, forwardedPath: '/a//b' };
    t.equal(redirectLocation(route.redirect ?? nothing, route.cuts, asked, request), location);
  });
}

test('a redirect cuts prefixes where no rewrite does', async (t) => {
  const path = { kind: 'prefix', path: '/new' } as const;
  const match = { path: [{ prefix: '/a' }] };
  t.equal(routeOf({ match, redirect: { ...nothing, path } }).cuts.length, 1);
  t.equal(routeOf({ match, redirect: nothing }).cuts.length, 0);
});

test('a redirect never leads to a host the path names', async (t) => {
  const asked = facts({ host: '', path: '/evil.example' });
  const request = { port: undefined, forwardedPath: '//evil.example' };
  t.equal(redirectLocation(nothing, [], asked, request), '/evil.example');
});
