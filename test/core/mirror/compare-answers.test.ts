import fc from 'fast-check';
import { test } from 'tap';
import { compareAnswers } from '#core/mirror/compare-answers';
import { jsonDifferences } from '#core/mirror/json-differences';
import type { Comparison } from '#core/routing/rules';

const json: Comparison = {
  status: true,
  latency: true,
  body: 'json',
  ignore: [['time'], ['items', '*', 'id']],
  bodyBytes: 65_536,
};

function answer(body: string | undefined, status = 200) {
  return { status, body: body === undefined ? undefined : new TextEncoder().encode(body) };
}

for (const { one, other, rule = json, differences = [], isIncomplete = false, because } of [
  {
    one: answer('{"a":1,"b":2}'),
    other: answer('{ "b": 2, "a": 1 }'),
    because: 'order is nothing',
  },
  {
    one: answer('{"a":[1,2]}'),
    other: answer('{"a":[2,1]}'),
    differences: [
      { what: 'body', place: '/a/0', original: '1', copy: '2' },
      { what: 'body', place: '/a/1', original: '2', copy: '1' },
    ],
    because: 'that of a list is something',
  },
  { one: answer('{"time":1}'), other: answer('{"time":2}'), because: 'the time may differ' },
  {
    one: answer('{"items":[{"id":1,"n":"x"}]}'),
    other: answer('{"items":[{"id":2,"n":"y"}]}'),
    differences: [{ what: 'body', place: '/items/0/n', original: '"x"', copy: '"y"' }],
    because: 'ids of items may differ, names may not',
  },
  {
    one: answer('{}', 200),
    other: answer('{}', 500),
    differences: [{ what: 'status', place: '', original: '200', copy: '500' }],
    because: 'the status differs',
  },
  {
    one: answer('{}', 200),
    other: answer('{}', 500),
    rule: { ...json, status: false },
    because: 'the status is not looked at',
  },
  {
    one: answer('{"a":1}'),
    other: answer('{}'),
    differences: [{ what: 'body', place: '/a', original: '1', copy: '(nothing)' }],
    because: 'a value is missing',
  },
  {
    one: answer('{"a":null}'),
    other: answer('{"a":[]}'),
    differences: [{ what: 'body', place: '/a', original: 'null', copy: 'a list of 0' }],
    because: 'null is no list',
  },
  {
    one: answer(`{"a/b":{"c~d":"${'x'.repeat(50)}"}}`),
    other: answer('{"a/b":{"c~d":""}}'),
    differences: [
      { what: 'body', place: '/a~1b/c~0d', original: `"${'x'.repeat(39)}…`, copy: '""' },
    ],
    because: 'places are JSON pointers, and values are cut',
  },
  {
    one: answer('{}'),
    other: answer('<html>'),
    differences: [{ what: 'body', place: '', original: 'JSON', copy: 'no JSON' }],
    because: 'one of them is no JSON',
  },
  { one: answer('a'), other: answer('b'), isIncomplete: true, because: 'none of them is JSON' },
  { one: answer('same'), other: answer('same'), because: 'equal bytes need not be JSON' },
  { one: answer(undefined), other: answer('{}'), isIncomplete: true, because: 'one was too long' },
  {
    one: answer('abcd'),
    other: answer('abxd!'),
    rule: { ...json, body: 'bytes' },
    differences: [{ what: 'body', place: 'byte 2', original: '4 bytes', copy: '5 bytes' }],
    because: 'byte for byte',
  },
  {
    one: answer('ab'),
    other: answer('abc'),
    rule: { ...json, body: 'bytes' },
    differences: [{ what: 'body', place: 'byte 2', original: '2 bytes', copy: '3 bytes' }],
    because: 'one goes on where the other ends',
  },
  {
    one: answer(undefined),
    other: answer('x'),
    rule: { ...json, body: 'off' },
    because: 'bodies are not looked at',
  },
] as const) {
  test(`${differences.length} differences: ${because}`, async (t) => {
    t.same(compareAnswers(one, other, rule), { differences, isIncomplete });
  });
}

test('a value equals itself, whatever the order of its keys', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const turned = JSON.parse(JSON.stringify(value), (_key, inner) =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).reverse())
          : inner,
      );
      return jsonDifferences(JSON.parse(JSON.stringify(value)), turned, [], 10).length === 0;
    }),
  );
});

test('a change is found at its place, unless that is ignored', async () => {
  const key = fc.string({ minLength: 1, maxLength: 3 }).filter((text) => text !== '__proto__');
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 5 }), fc.nat(), (path, number) => {
      const nested = (leaf: number) =>
        path.reduceRight<unknown>((inner, segment) => ({ [segment]: inner }), leaf);
      const [one, other] = [nested(number), nested(number + 1)];
      const found = jsonDifferences(one, other, [], 10);
      const anywhere = path.map(() => '*');
      return (
        found.length === 1 &&
        jsonDifferences(one, other, [path], 10).length === 0 &&
        jsonDifferences(one, other, [anywhere], 10).length === 0 &&
        jsonDifferences(one, other, [[...path, 'x']], 10).length === 1
      );
    }),
  );
});

test('a difference is found 64 levels deep, and not looked for below', async (t) => {
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  t.equal(compareAnswers(answer(deep(64)), answer(deep(65)), json).differences.length, 1);
  t.equal(compareAnswers(answer(deep(5_000)), answer(deep(5_001)), json).differences.length, 0);
});
