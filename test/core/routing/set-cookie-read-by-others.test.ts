import { parseSetCookie } from 'cookie';
import { test } from 'tap';
import { issuedCookie, linkCookie } from '#core/routing/set-cookie';
import { routeOf, version } from './made-up.ts';

const unit = '0123456789abcdef0123456789abcdef';

for (const { https, name } of [
  { https: false, name: 'turnout-unit' },
  { https: true, name: '__Host-turnout-unit' },
]) {
  test(`an issued cookie, ${https ? 'over' : 'without'} TLS, as the cookie package reads it`, async (t) => {
    const read = parseSetCookie(issuedCookie(unit, https));
    t.match(read, { name, value: unit, path: '/', maxAge: 90 * 24 * 3_600, httpOnly: true });
    t.equal(String(read.sameSite).toLowerCase(), 'lax');
    t.equal(read.secure === true, https);
  });
}

test('the cookie of a preview link lives as long as its token', async (t) => {
  const route = routeOf({
    name: 'shop',
    versions: [version('v1')],
    override: { header: undefined, query: 'preview', cookie: 'preview', trusted: [] },
  });
  const token = 'v1.k1.c2hvcA.djE.1000600.nonce.signature';
  const read = parseSetCookie(linkCookie(route, token, 1_000_000_000, false) ?? '');
  t.match(read, { name: 'preview', value: token, maxAge: 600, httpOnly: true });
});
