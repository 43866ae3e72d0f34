import fc from 'fast-check';
import { test } from 'tap';
import { covers } from '#core/conditions/covers';
import { compileWhen, whenSchema } from '#core/conditions/registry';
import type { When } from '#core/conditions/when';
import { facts } from './made-up-facts.ts';

function when(written: unknown): When | undefined {
  return written === undefined ? undefined : whenSchema.parse(written);
}

for (const { wide, narrow, yes } of [
  { wide: undefined, narrow: undefined, yes: true },
  { wide: undefined, narrow: { path: '/a' }, yes: true },
  { wide: { path: '/a' }, narrow: undefined, yes: false },
  { wide: { path: '/' }, narrow: undefined, yes: true },
  { wide: { path: '/a' }, narrow: { path: '/a/b' }, yes: true },
  { wide: { path: '/a' }, narrow: { path: '/ab' }, yes: false },
  { wide: { path: '/a' }, narrow: { path: { exact: '/a' } }, yes: true },
  { wide: { path: { exact: '/a' } }, narrow: { path: '/a' }, yes: false },
  { wide: { path: { regex: '^/a' } }, narrow: { path: { regex: '^/a' } }, yes: true },
  { wide: { path: { regex: '^/a' } }, narrow: { path: { exact: '/ab' } }, yes: true },
  { wide: { path: { regex: '^/a' } }, narrow: { path: '/ab' }, yes: false },
  { wide: { path: ['/a', '/b'] }, narrow: { path: ['/b/x', '/a'] }, yes: true },
  { wide: { path: '/a' }, narrow: { path: ['/a', '/b'] }, yes: false },
  { wide: { host: '*.a.com' }, narrow: { host: 'x.a.com' }, yes: true },
  { wide: { host: '*.a.com' }, narrow: { host: '*.x.a.com' }, yes: true },
  { wide: { host: '*.a.com' }, narrow: { host: 'a.com' }, yes: false },
  { wide: { host: 'a.com' }, narrow: { host: 'A.com', path: '/x' }, yes: true },
  { wide: { method: ['GET', 'PUT'] }, narrow: { method: 'GET' }, yes: true },
  { wide: { method: 'GET' }, narrow: { method: ['GET', 'PUT'] }, yes: false },
  { wide: { scheme: ['http', 'https'] }, narrow: { scheme: 'http' }, yes: true },
  { wide: { scheme: 'http' }, narrow: { scheme: 'https' }, yes: false },
  { wide: { header: { A: { present: true } } }, narrow: { header: { a: 'x' } }, yes: true },
  {
    wide: { header: { A: { present: true } } },
    narrow: { header: { a: { present: false } } },
    yes: false,
  },
  {
    wide: { header: { a: { prefix: 'v' } } },
    narrow: { header: { a: { prefix: 'v2' }, b: 'x' } },
    yes: true,
  },
  { wide: { header: { a: { prefix: 'v' }, b: 'x' } }, narrow: { header: { a: 'v2' } }, yes: false },
  {
    wide: { header: { a: { suffix: 'z' } } },
    narrow: { header: { a: { suffix: 'yz' } } },
    yes: true,
  },
  {
    wide: { header: { a: { contains: 'b' } } },
    narrow: { header: { a: { prefix: 'abc' } } },
    yes: true,
  },
  { wide: { header: { a: { regex: '^v' } } }, narrow: { header: { a: 'v2' } }, yes: true },
  { wide: { device: ['mobile', 'tablet'] }, narrow: { device: 'tablet' }, yes: true },
  { wide: { language: 'zh' }, narrow: { language: 'zh-CN' }, yes: true },
  { wide: { language: 'zh-CN' }, narrow: { language: 'zh' }, yes: false },
  { wide: { client: '10.0.0.0/8' }, narrow: { client: ['10.1.0.0/16', '10.2.2.2'] }, yes: true },
  {
    wide: { all: [{ path: '/a' }, { host: 'a.com' }] },
    narrow: { path: '/a', host: 'a.com' },
    yes: true,
  },
  { wide: { any: [{ path: '/a' }, { path: '/b' }] }, narrow: { path: '/b' }, yes: true },
  { wide: { not: { path: '/a/b' } }, narrow: { not: { path: '/a' } }, yes: true },
  { wide: { not: { path: '/a' } }, narrow: { not: { path: '/a/b' } }, yes: false },
]) {
  test(`${JSON.stringify(wide) ?? 'all'} ${yes ? 'covers' : 'is not proved to cover'} ${JSON.stringify(narrow) ?? 'all'}`, async (t) => {
    t.equal(covers(when(wide), when(narrow)), yes);
  });
}

test('lists too long to compare prove nothing', async (t) => {
  const hosts = Array.from({ length: 101 }, (_, index) => `h${index}.example`);
  t.notOk(covers({ host: hosts }, { host: hosts }));
});

test('where one condition covers another, no request shows otherwise', async () => {
  const value = fc.constantFrom('a', 'ab', 'b', 'v2');
  const oneTest = fc.oneof(
    value.map((exact) => ({ exact })),
    value.map((prefix) => ({ prefix })),
    value.map((suffix) => ({ suffix })),
    value.map((contains) => ({ contains })),
    fc.boolean().map((present) => ({ present })),
  );
  const path = fc.constantFrom('/', '/a', '/a/b', '/ab');
  const pathTest = fc.oneof(
    path.map((prefix) => ({ prefix })),
    path.map((exact) => ({ exact })),
  );
  const some = <Value>(arbitrary: fc.Arbitrary<Value>) =>
    fc.array(arbitrary, { minLength: 1, maxLength: 2 });
  const host = fc.constantFrom('a.com', '*.a.com', '*.b.a.com', 'b.a.com');
  const plain = fc
    .record(
      {
        host: some(host),
        path: some(pathTest),
        method: some(fc.constantFrom('GET', 'PUT')),
        scheme: some(fc.constantFrom('http', 'https')),
        header: fc.dictionary(fc.constantFrom('x', 'y'), some(oneTest), { minKeys: 1 }),
      },
      { requiredKeys: [] },
    )
    .map((made): When => made);
  const condition = fc
    .record({ plain, not: plain, any: some(plain) }, { requiredKeys: ['plain'] })
    .map(({ plain: keys, ...combined }): When => ({ ...keys, ...combined }));
  const request = fc.record(
    {
      host: fc.constantFrom('a.com', 'b.a.com', 'c.b.a.com', 'x.com'),
      path: fc.constantFrom('/', '/a', '/a/', '/a/b', '/ab'),
      method: fc.constantFrom('GET', 'PUT'),
      scheme: fc.constantFrom('http', 'https'),
      headers: fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('a', 'ab', 'b', 'v2', '')),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(condition, condition, request, (wide, narrow, made) => {
      if (!covers(wide, narrow)) return true;
      const asked = facts(made);
      return !compileWhen(narrow)(asked) || compileWhen(wide)(asked);
    }),
    { numRuns: 20_000 },
  );
});
