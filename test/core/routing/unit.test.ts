import { test } from 'tap';
import { findUnit, isNavigation, unitFrom } from '#core/routing/unit';
import { facts, type MadeUpFacts, source } from './made-up.ts';

const hex = '0123456789abcdef0123456789abcdef';

for (const { that, sources, request, unit, index } of [
  {
    that: 'the first source that is present',
    sources: ['header:x-user-id', 'cookie:uid'],
    request: { headers: { 'x-user-id': 'alice' }, cookies: { uid: 'bob' } },
    unit: 'alice',
    index: 0,
  },
  {
    that: 'the next source where the first is empty',
    sources: ['header:x-user-id', 'cookie:uid'],
    request: { headers: { 'x-user-id': '' }, cookies: { uid: 'bob' } },
    unit: 'bob',
    index: 1,
  },
  {
    that: 'the next source where the first holds more than 256 bytes',
    sources: ['header:x-user-id', 'cookie:uid'],
    request: { headers: { 'x-user-id': 'x'.repeat(257) }, cookies: { uid: 'bob' } },
    unit: 'bob',
    index: 1,
  },
  {
    that: 'a unit of 256 bytes',
    sources: ['header:x-user-id'],
    request: { headers: { 'x-user-id': 'x'.repeat(256) } },
    unit: 'x'.repeat(256),
    index: 0,
  },
  {
    that: 'a query value as received, not decoded',
    sources: ['query:uid'],
    request: { query: 'xuid=no&uid=a%40b&uid=other' },
    unit: 'a%40b',
    index: 0,
  },
  {
    that: 'case and spaces as they are',
    sources: ['cookie:uid'],
    request: { cookies: { uid: '"Bob "' } },
    unit: '"Bob "',
    index: 0,
  },
  {
    that: 'the cookie issued over https before the one issued over http',
    sources: ['issue'],
    request: { cookies: { 'turnout-unit': 'f'.repeat(32), '__Host-turnout-unit': hex } },
    unit: hex,
    index: 0,
  },
  {
    that: 'the cookie issued over http',
    sources: ['cookie:uid', 'issue'],
    request: { cookies: { 'turnout-unit': hex } },
    unit: hex,
    index: 1,
  },
  {
    that: 'nothing for an issued cookie that is none of ours',
    sources: ['issue'],
    request: { cookies: { 'turnout-unit': `${hex}0`, '__Host-turnout-unit': hex.toUpperCase() } },
    unit: '',
    index: -1,
  },
  {
    that: 'nothing without a source',
    sources: [],
    request: { cookies: { 'turnout-unit': hex } },
    unit: '',
    index: -1,
  },
]) {
  test(`the unit is ${that}`, async (t) => {
    const found = { unit: '', unitSource: -1 };
    findUnit(sources.map(source), facts(request), found);
    t.same(found, { unit, unitSource: index });
  });
}

for (const query of ['uid', 'uid=', 'other=1', '', '&&', 'uidx=1']) {
  test(`there is no unit in the query '${query}'`, async (t) => {
    t.equal(unitFrom(source('query:uid'), facts({ query })), '');
  });
}

for (const { headers, navigation } of [
  { headers: { 'sec-fetch-mode': 'navigate' }, navigation: true },
  { headers: { 'sec-fetch-mode': 'cors', accept: 'text/html' }, navigation: false },
  { headers: { accept: 'text/html,application/xhtml+xml' }, navigation: true },
  { headers: { accept: 'application/json' }, navigation: false },
  { headers: { accept: '*/*' }, navigation: false },
  { headers: {}, navigation: false },
] satisfies { headers: NonNullable<MadeUpFacts['headers']>; navigation: boolean }[]) {
  test(`${JSON.stringify(headers)} is ${navigation ? 'a' : 'no'} navigation`, async (t) => {
    t.equal(isNavigation(facts({ headers })), navigation);
  });
}
