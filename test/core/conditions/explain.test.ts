import { test } from 'tap';
import { explainWhen, whenSchema } from '#core/conditions/registry';
import { facts, type MadeUp } from './made-up-facts.ts';

const phone =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36';

const cases: readonly {
  readonly when: unknown;
  readonly request?: MadeUp;
  readonly says: readonly string[];
}[] = [
  { when: { host: 'a.example' }, says: ['host ✖ host shop.example.com'] },
  { when: { host: 'a.example' }, request: { host: '' }, says: ['host ✖ no host'] },
  { when: { path: '/a' }, request: { path: '/a/b' }, says: ['path ✔ path /a/b'] },
  { when: { method: 'PUT' }, says: ['method ✖ method GET'] },
  { when: { scheme: 'http' }, says: ['scheme ✔ scheme http'] },
  { when: { cookie: { insider: 'yes' } }, says: ['cookie insider ✖ no cookie insider'] },
  {
    when: { cookie: { insider: 'yes' } },
    request: { cookies: { insider: 'no' } },
    says: ['cookie insider ✖ cookie insider is "no"'],
  },
  {
    when: { header: { 'x-api-version': { prefix: 'v' }, 'x-b': 'b' } },
    request: { headers: { 'x-api-version': 'v1' } },
    says: ['header x-api-version ✔ header x-api-version is "v1"', 'header x-b ✖ no header x-b'],
  },
  {
    when: { query: { a: '2' } },
    request: { query: 'a=1&a=2' },
    says: ['query a ✔ query a is "1"'],
  },
  {
    when: { header: { 'x-a': 'b' } },
    request: { headers: { 'x-a': `\x1b[31m"${'ü'.repeat(100)}` } },
    says: [`header x-a ✖ header x-a is "\\x1b[31m\\"${'ü'.repeat(33)}…"`],
  },
  {
    when: { device: 'desktop', os: 'android', browser: 'edge' },
    request: { headers: { 'user-agent': phone } },
    says: ['device ✖ device mobile', 'os ✔ os android', 'browser ✖ browser chrome'],
  },
  { when: { userAgent: 'x' }, says: ['userAgent ✖ no user agent'] },
  { when: { language: 'de' }, says: ['language ✖ no language'] },
  { when: { client: '10.0.0.0/8' }, says: ['client ✖ client 192.0.2.1'] },
  {
    when: { all: [{ method: 'GET' }, { host: 'a.example' }] },
    says: ['method ✔ method GET', 'host ✖ host shop.example.com'],
  },
  {
    when: { any: [{ method: 'GET', host: 'a.example' }, { device: 'tv' }] },
    says: ['any ✖ host shop.example.com, method GET; device other'],
  },
  { when: { not: { method: 'GET' } }, says: ['not ✖ method GET'] },
];

test('explain says of each part what it saw', async (t) => {
  for (const { when, request = {}, says } of cases) {
    t.test(says.join('; '), async (t) => {
      const findings = explainWhen(whenSchema.parse(when), facts(request));
      t.strictSame(
        findings.map(({ part, holds, seen }) => `${part} ${holds ? '✔' : '✖'} ${seen}`),
        says,
      );
    });
  }
});
