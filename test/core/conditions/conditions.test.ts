import { test } from 'tap';
import { compileWhen, parts, whenSchema } from '#core/conditions/registry';
import { facts, type MadeUp } from './made-up-facts.ts';

interface Case {
  readonly when: unknown;
  readonly request?: MadeUp;
  readonly holds: boolean;
  readonly because: string;
}

const cases: Readonly<Record<string, readonly Case[]>> = {
  host: [
    { when: { host: 'Shop.Example.com' }, holds: true, because: 'case does not matter' },
    { when: { host: 'example.com' }, holds: false, because: 'a name is not what is below it' },
    { when: { host: '*.example.com' }, holds: true, because: '* stands for a label' },
    {
      when: { host: '*.example.com' },
      request: { host: 'a.b.example.com' },
      holds: true,
      because: '* stands for several labels',
    },
    {
      when: { host: '*.example.com' },
      request: { host: 'example.com' },
      holds: false,
      because: '* stands for one label at least',
    },
    {
      when: { host: '*.example.com' },
      request: { host: 'evilexample.com' },
      holds: false,
      because: 'a suffix begins at a dot',
    },
    {
      when: { host: '*.example.com' },
      request: { host: '.example.com' },
      holds: false,
      because: 'an empty label is none',
    },
    {
      when: { host: ['a.example', '*.example.com'] },
      request: { host: 'a.example' },
      holds: true,
      because: 'of a list any may hold',
    },
    {
      when: { host: '[::1]' },
      request: { host: '[::1]' },
      holds: true,
      because: 'it is that address',
    },
    {
      when: { host: 'a.example' },
      request: { host: '' },
      holds: false,
      because: 'no host is named',
    },
  ],
  path: [
    { when: { path: '/' }, request: { path: '/a/b' }, holds: true, because: '/ takes every path' },
    { when: { path: '/' }, request: { path: '*' }, holds: true, because: 'also that of OPTIONS *' },
    { when: { path: '/a' }, request: { path: '/a' }, holds: true, because: 'it is the prefix' },
    { when: { path: '/a' }, request: { path: '/a/' }, holds: true, because: 'a slash follows' },
    { when: { path: '/a' }, request: { path: '/a/b' }, holds: true, because: 'a segment follows' },
    { when: { path: '/a' }, request: { path: '/ab' }, holds: false, because: 'segments are whole' },
    {
      when: { path: '/a/' },
      request: { path: '/a' },
      holds: true,
      because: 'a last slash is nothing',
    },
    { when: { path: '/a' }, request: { path: '/A' }, holds: false, because: 'case matters' },
    {
      when: { path: { exact: '/a' } },
      request: { path: '/a' },
      holds: true,
      because: 'it is exact',
    },
    {
      when: { path: { exact: '/a' } },
      request: { path: '/a/' },
      holds: false,
      because: 'a slash is more',
    },
    {
      when: { path: '/café' },
      request: { path: '/caf%C3%A9/x' },
      holds: true,
      because: 'text beyond ASCII is escaped in requests',
    },
    {
      when: { path: '/%7euser//x%2fy' },
      request: { path: '/~user/x%2Fy' },
      holds: true,
      because: 'a path is compared in its one comparable form',
    },
    {
      when: { path: { regex: '^/v[12]/' } },
      request: { path: '/v2/x' },
      holds: true,
      because: 'the expression is found',
    },
    {
      when: { path: { regex: 'b$' } },
      request: { path: '/a/b' },
      holds: true,
      because: 'it may be found anywhere',
    },
    {
      when: { path: [{ exact: '/x' }, '/y'] },
      request: { path: '/y/z' },
      holds: true,
      because: 'of a list any may hold',
    },
  ],
  method: [
    { when: { method: 'GET' }, holds: true, because: 'it is the method' },
    {
      when: { method: 'GET' },
      request: { method: 'HEAD' },
      holds: false,
      because: 'HEAD is another',
    },
    {
      when: { method: ['PUT', 'POST'] },
      request: { method: 'POST' },
      holds: true,
      because: 'any of a list',
    },
    { when: { method: ['PUT', 'POST'] }, holds: false, because: 'it is none of the list' },
  ],
  scheme: [
    { when: { scheme: 'http' }, holds: true, because: 'the client speaks plain HTTP' },
    {
      when: { scheme: 'http' },
      request: { scheme: 'https' },
      holds: false,
      because: 'the client speaks TLS',
    },
    {
      when: { scheme: ['http', 'https'] },
      request: { scheme: 'https' },
      holds: true,
      because: 'it is one of the list',
    },
  ],
  header: [
    {
      when: { header: { 'X-A': 'yes' } },
      request: { headers: { 'x-a': 'yes' } },
      holds: true,
      because: 'case of names does not matter',
    },
    {
      when: { header: { 'x-a': 'yes' } },
      request: { headers: { 'x-a': 'Yes' } },
      holds: false,
      because: 'case of values matters',
    },
    { when: { header: { 'x-a': 'yes' } }, holds: false, because: 'the header is absent' },
    {
      when: { header: { 'x-a': '' } },
      request: { headers: { 'x-a': '' } },
      holds: true,
      because: 'empty is a value',
    },
    { when: { header: { 'x-a': '' } }, holds: false, because: 'absent is not empty' },
    {
      when: { header: { 'x-a': { prefix: 'v2' } } },
      request: { headers: { 'x-a': 'v2.1' } },
      holds: true,
      because: 'it begins so',
    },
    {
      when: { header: { 'x-a': { suffix: '.1' } } },
      request: { headers: { 'x-a': 'v2.1' } },
      holds: true,
      because: 'it ends so',
    },
    {
      when: { header: { 'x-a': { suffix: 'v2' } } },
      request: { headers: { 'x-a': 'v2.1' } },
      holds: false,
      because: 'it ends otherwise',
    },
    {
      when: { header: { 'x-a': { contains: '2.' } } },
      request: { headers: { 'x-a': 'v2.1' } },
      holds: true,
      because: 'it is in it',
    },
    {
      when: { header: { 'x-a': { contains: '2.' } } },
      holds: false,
      because: 'nothing is in nothing',
    },
    {
      when: { header: { 'x-a': { regex: '^v\\d' } } },
      request: { headers: { 'x-a': 'v2.1' } },
      holds: true,
      because: 'the expression is found',
    },
    {
      when: { header: { 'x-a': { regex: '' } } },
      holds: false,
      because: 'nothing is found in nothing',
    },
    {
      when: { header: { 'x-a': { regex: 'a' } } },
      request: { headers: { 'x-a': 'a'.repeat(2_049) } },
      holds: false,
      because: 'it is longer than 2 KiB',
    },
    {
      when: { header: { 'x-a': { regex: 'a' } } },
      request: { headers: { 'x-a': 'a'.repeat(2_048) } },
      holds: true,
      because: 'it is 2 KiB long',
    },
    {
      when: { header: { 'x-a': { regex: '^(([a-z])+.)+$' } } },
      request: { headers: { 'x-a': `${'a'.repeat(2_000)}\n` } },
      holds: false,
      because: 'it does not match, and says so at once',
    },
    {
      when: { header: { 'x-a': { present: true } } },
      request: { headers: { 'x-a': '' } },
      holds: true,
      because: 'it is there',
    },
    { when: { header: { 'x-a': { present: false } } }, holds: true, because: 'it is not there' },
    {
      when: { header: { 'x-a': { present: false } } },
      request: { headers: { 'x-a': '' } },
      holds: false,
      because: 'it is there',
    },
    {
      when: { header: { 'x-a': ['a', { prefix: 'b' }] } },
      request: { headers: { 'x-a': 'bc' } },
      holds: true,
      because: 'any test of a list',
    },
    {
      when: { header: { 'x-a': 'a', 'x-b': 'b' } },
      request: { headers: { 'x-a': 'a' } },
      holds: false,
      because: 'all headers must hold',
    },
    {
      when: { header: { 'x-a': 'grün' } },
      request: { headers: { 'x-a': 'grün' } },
      holds: true,
      because: 'text is compared as UTF-8',
    },
    {
      when: { header: { 'x-a': { regex: '^gr.n$' } } },
      request: { headers: { 'x-a': 'grün' } },
      holds: true,
      because: 'a character is one, however many bytes it has',
    },
  ],
  query: [
    {
      when: { query: { a: '3' } },
      request: { query: 'a=1&a=2' },
      holds: false,
      because: 'it is none of the values',
    },
    {
      when: { query: { a: { present: false } } },
      request: { query: 'a=1' },
      holds: false,
      because: 'the name is there',
    },
    {
      when: { query: { a: '1' } },
      request: { query: 'a=1' },
      holds: true,
      because: 'it is the value',
    },
    {
      when: { query: { a: '1' } },
      request: { query: 'b=0&a=1&c=2' },
      holds: true,
      because: 'it stands among others',
    },
    {
      when: { query: { a: '1' } },
      request: { query: 'aa=1&xa=1' },
      holds: false,
      because: 'names are whole',
    },
    {
      when: { query: { a: '2' } },
      request: { query: 'a=1&a=2' },
      holds: true,
      because: 'any value of a repeated name',
    },
    {
      when: { query: { a: { present: false } } },
      request: { query: 'b=a' },
      holds: true,
      because: 'a value is no name',
    },
    {
      when: { query: { a: { present: true } } },
      request: { query: 'a' },
      holds: true,
      because: 'a name without = is there',
    },
    {
      when: { query: { a: '' } },
      request: { query: 'a' },
      holds: true,
      because: 'and its value is empty',
    },
    {
      when: { query: { a: '' } },
      request: { query: 'a=' },
      holds: true,
      because: 'the value is empty',
    },
    {
      when: { query: { a: 'x y&z' } },
      request: { query: 'a=x+y%26z' },
      holds: true,
      because: 'values are decoded',
    },
    {
      when: { query: { 'a b': '1' } },
      request: { query: 'a+b=1' },
      holds: true,
      because: 'names are decoded: +',
    },
    {
      when: { query: { 'a b': '1' } },
      request: { query: '%61%20b=1' },
      holds: true,
      because: 'names are decoded: %',
    },
    {
      when: { query: { a: '100%' } },
      request: { query: 'a=100%' },
      holds: true,
      because: 'what is no escape stays',
    },
    {
      when: { query: { a: '%zz' } },
      request: { query: 'a=%zz' },
      holds: true,
      because: 'what is no escape stays',
    },
    {
      when: { query: { ä: 'ö' } },
      request: { query: '%C3%A4=%c3%b6' },
      holds: true,
      because: 'escapes are UTF-8',
    },
    {
      when: { query: { a: 'b=c' } },
      request: { query: 'a=b=c' },
      holds: true,
      because: 'the first = counts',
    },
    {
      when: { query: { a: '1' } },
      request: { query: '&&=x&a=1&' },
      holds: true,
      because: 'empty pairs are nothing',
    },
    {
      when: { query: { a: '1' } },
      request: { query: 'b=0;a=1' },
      holds: false,
      because: '; does not divide',
    },
  ],
  cookie: [
    {
      when: { cookie: { insider: 'yes' } },
      request: { cookies: { insider: 'yes' } },
      holds: true,
      because: 'it is the value',
    },
    { when: { cookie: { insider: 'yes' } }, holds: false, because: 'the cookie is absent' },
    {
      when: { cookie: { insider: 'yes' } },
      request: { cookies: { Insider: 'yes' } },
      holds: false,
      because: 'case of names matters',
    },
    {
      when: { cookie: { insider: 'yes' } },
      request: { cookies: { insider: '"yes"' } },
      holds: true,
      because: 'quotes around it are not part of it',
    },
    {
      when: { cookie: { insider: '"' } },
      request: { cookies: { insider: '"' } },
      holds: true,
      because: 'one quote is a value',
    },
    {
      when: { cookie: { a: 'x y' } },
      request: { cookies: { a: 'x%20y' } },
      holds: false,
      because: 'cookies are not decoded',
    },
  ],
  userAgent: [
    {
      when: { userAgent: { prefix: 'ShopApp/1.' } },
      request: { headers: { 'user-agent': 'ShopApp/1.9' } },
      holds: true,
      because: 'it begins so',
    },
    { when: { userAgent: { present: false } }, holds: true, because: 'there is none' },
    {
      when: { userAgent: { present: false } },
      request: { headers: { 'user-agent': 'x' } },
      holds: false,
      because: 'there is one',
    },
  ],
  language: [
    {
      when: { language: 'zh' },
      request: { headers: { 'accept-language': 'zh-CN,en;q=0.8' } },
      holds: true,
      because: 'a prefix holds',
    },
    {
      when: { language: 'zh-CN' },
      request: { headers: { 'accept-language': 'zh' } },
      holds: false,
      because: 'zh may be any Chinese',
    },
    {
      when: { language: 'zh-cn' },
      request: { headers: { 'accept-language': 'ZH-CN' } },
      holds: true,
      because: 'case does not matter',
    },
    {
      when: { language: 'z' },
      request: { headers: { 'accept-language': 'zh' } },
      holds: false,
      because: 'a prefix ends at a hyphen',
    },
    {
      when: { language: 'de' },
      request: { headers: { 'accept-language': 'en;q=0.5, de;q=0.9' } },
      holds: true,
      because: 'the best counts',
    },
    {
      when: { language: 'en' },
      request: { headers: { 'accept-language': 'en;q=0.5, de;q=0.9' } },
      holds: false,
      because: 'only the best counts',
    },
    {
      when: { language: 'en' },
      request: { headers: { 'accept-language': 'en,de' } },
      holds: true,
      because: 'the first of equals counts',
    },
    {
      when: { language: 'de' },
      request: { headers: { 'accept-language': 'en;q=0,de;q=0.1' } },
      holds: true,
      because: 'q=0 means not at all',
    },
    {
      when: { language: 'de' },
      request: { headers: { 'accept-language': '*,de;q=0.1' } },
      holds: true,
      because: '* names no language',
    },
    {
      when: { language: 'de' },
      request: { headers: { 'accept-language': '???, de' } },
      holds: true,
      because: 'what is no language is left out',
    },
    { when: { language: 'de' }, holds: false, because: 'no language is asked for' },
  ],
  client: [
    { when: { client: '192.0.2.0/24' }, holds: true, because: 'it is in the block' },
    {
      when: { client: ['10.0.0.0/8', '2001:db8::/32'] },
      request: { client: '2001:db8::5' },
      holds: true,
      because: 'any block of a list',
    },
    { when: { client: '10.0.0.0/8' }, holds: false, because: 'it is in no block' },
  ],
  device: [
    { when: { device: 'other' }, holds: true, because: 'nothing says what it is' },
    {
      when: { device: ['tv', 'mobile'] },
      request: { headers: { 'sec-ch-ua-mobile': '?1' } },
      holds: true,
      because: 'any of a list',
    },
  ],
  os: [
    {
      when: { os: 'ios' },
      request: { headers: { 'user-agent': 'X/1 (iPhone; iOS 17)' } },
      holds: true,
      because: 'the User-Agent says so',
    },
  ],
  browser: [{ when: { browser: 'firefox' }, holds: false, because: 'nothing says so' }],
  'all, any, not': [
    {
      when: { all: [{ host: 'shop.example.com' }, { method: 'GET' }] },
      holds: true,
      because: 'all hold',
    },
    {
      when: { all: [{ host: 'shop.example.com' }, { method: 'PUT' }] },
      holds: false,
      because: 'one of all does not',
    },
    {
      when: { any: [{ host: 'a.example' }, { method: 'GET' }] },
      holds: true,
      because: 'one of any holds',
    },
    {
      when: { any: [{ host: 'a.example' }, { method: 'PUT' }] },
      holds: false,
      because: 'none of any holds',
    },
    { when: { not: { method: 'PUT' } }, holds: true, because: 'it does not hold' },
    { when: { not: { not: { method: 'PUT' } } }, holds: false, because: 'not not is itself' },
    {
      when: { method: 'GET', not: { host: 'shop.example.com' } },
      holds: false,
      because: 'keys must all hold',
    },
    {
      when: { not: { host: 'shop.example.com', method: 'PUT' } },
      holds: true,
      because: 'not of several is not all of them',
    },
  ],
};

for (const [kind, list] of Object.entries(cases)) {
  test(kind, async (t) => {
    for (const { when, request = {}, holds, because } of list) {
      const asked = `${JSON.stringify(when)} of ${JSON.stringify(request).slice(0, 80)}`;
      t.test(`${holds ? 'holds' : 'does not hold'}: ${because}: ${asked}`, async (t) => {
        t.equal(compileWhen(whenSchema.parse(when))(facts(request)), holds);
      });
    }
  });
}

test('every condition has cases here', async (t) => {
  for (const key of Object.keys(parts)) t.ok(key in cases, key);
});
